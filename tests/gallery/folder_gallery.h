#ifndef VERSO_TESTS_GALLERY_FOLDER_GALLERY_H_
#define VERSO_TESTS_GALLERY_FOLDER_GALLERY_H_

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tests/gallery/gallery.h"

namespace verso {

// The pictures of a folder with a manifest (see folder_manifest.h), byte for
// byte. What is "generated" are its pictures for LoFi, one after the other.
// Thread-safe.
class FolderGallery : public Gallery {
 public:
  // Errors of ReadFolderManifest().
  static absl::StatusOr<std::unique_ptr<FolderGallery>> Open(
      const std::filesystem::path& dir);

  std::string kind() const override { return "stand-in"; }
  const std::vector<GalleryItem>& items(Site site) const override;
  absl::StatusOr<std::string> Picture(Site site, size_t index) override;

  // Each new prompt gets the next picture that is not yet given; from the
  // first on again after the last.
  absl::StatusOr<GeneratedPicture> Generate(
      const GenerateRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  FolderGallery() = default;

  std::array<std::vector<GalleryItem>, kNumSites> items_;
  std::array<std::vector<std::filesystem::path>, kNumSites> files_;
  std::vector<std::string> models_;  // Of the pictures for LoFi.

  absl::Mutex mu_;
  std::map<std::string, size_t> given_ ABSL_GUARDED_BY(mu_);  // By prompt.
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_FOLDER_GALLERY_H_
