#ifndef VERSO_TESTS_GALLERY_UUID_H_
#define VERSO_TESTS_GALLERY_UUID_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/sha256.h"

namespace verso {

// An identifier in the form of a UUID that depends on `name` alone.
inline std::string UuidOf(absl::string_view name) {
  const std::string hex = Sha256Hex(name);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-4",
                      hex.substr(13, 3), "-a", hex.substr(17, 3), "-",
                      hex.substr(20, 12));
}

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_UUID_H_
