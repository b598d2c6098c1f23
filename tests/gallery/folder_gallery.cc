#include "tests/gallery/folder_gallery.h"

#include <utility>

#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "tests/gallery/folder_manifest.h"

namespace verso {
namespace {

constexpr size_t kLofi = static_cast<size_t>(Site::kLofi);
constexpr int64_t kMaxPictureBytes = int64_t{64} << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<FolderGallery>> FolderGallery::Open(
    const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(FolderManifest manifest, ReadFolderManifest(dir));
  std::unique_ptr<FolderGallery> gallery(new FolderGallery());
  for (size_t site = 0; site < kNumSites; ++site) {
    for (FolderManifest::Picture& picture : manifest.sites[site]) {
      gallery->files_[site].push_back(std::move(picture.file));
      if (site == kLofi) {
        gallery->models_.push_back(picture.item.generator);
      } else {
        gallery->items_[site].push_back(std::move(picture.item));
      }
    }
  }
  return gallery;
}

const std::vector<GalleryItem>& FolderGallery::items(Site site) const {
  return items_[static_cast<size_t>(site)];
}

absl::StatusOr<std::string> FolderGallery::Picture(Site site, size_t index) {
  return ReadFile(files_[static_cast<size_t>(site)][index], kMaxPictureBytes);
}

absl::StatusOr<GeneratedPicture> FolderGallery::Generate(
    const GenerateRequest& request) {
  if (request.init) {
    return absl::UnimplementedError(
        "a folder of pictures cannot do image to image");
  }
  if (models_.empty()) {
    return absl::NotFoundError("the folder has no pictures for LoFi");
  }
  size_t index = 0;
  {
    absl::MutexLock lock(&mu_);
    const size_t next = given_.size() % models_.size();
    index = given_.emplace(request.prompt, next).first->second;
  }
  ASSIGN_OR_RETURN(std::string bytes,
                   ReadFile(files_[kLofi][index], kMaxPictureBytes));
  return GeneratedPicture{std::move(bytes), models_[index]};
}

}  // namespace verso
