#ifndef VERSO_TESTS_GALLERY_SITES_ARCHIVES_H_
#define VERSO_TESTS_GALLERY_SITES_ARCHIVES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// Archives by libarchive. Their bytes depend on the arguments alone.

// A zip with one compressed file.
absl::StatusOr<std::string> MakeZip(const std::string& path,
                                    absl::string_view content);

// A gzip'd tar (ustar) of files (path, content).
absl::StatusOr<std::string> MakeTarGz(
    const std::vector<std::pair<std::string, std::string>>& files);

// One file as it stands in a tar (ustar): header, content and padding. A tar is
// its members, one after the other, and kTarEndBytes zeros.
absl::StatusOr<std::string> MakeTarMember(const std::string& path,
                                          absl::string_view content);
inline constexpr int64_t kTarEndBytes = 1024;

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_ARCHIVES_H_
