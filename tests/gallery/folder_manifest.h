#ifndef VERSO_TESTS_GALLERY_FOLDER_MANIFEST_H_
#define VERSO_TESTS_GALLERY_FOLDER_MANIFEST_H_

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/gallery/gallery.h"

namespace verso {

// What the manifest.csv of a folder of pictures says, by site.
struct FolderManifest {
  struct Picture {
    GalleryItem item;
    std::filesystem::path file;
  };
  std::array<std::vector<Picture>, kNumSites> sites;
};

// Reads <dir>/manifest.csv: a header, then one row per picture with at least
// the columns `path` (below the folder) and `site`; also `work`, `text`,
// `label`, `generator`, `width`, `height` and `note`. Rows whose site is
// "folder" are left out. Pictures of one work share a title and an artist, and
// no two works do. Opens each file to see that it is a picture and of what
// format.
// kNotFound: there is no manifest, or no such picture; the picture is named.
// kInvalidArgument: the manifest or a picture is not what it should be, or a
// path leads out of the folder; the line is named.
absl::StatusOr<FolderManifest> ReadFolderManifest(
    const std::filesystem::path& dir);

// "jpeg", "png" or "webp" by the first bytes of a file; empty: none of these.
std::string PictureFormatOf(absl::string_view first_bytes);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_FOLDER_MANIFEST_H_
