#ifndef VERSO_INGEST_IMPORT_PICTURE_SET_H_
#define VERSO_INGEST_IMPORT_PICTURE_SET_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// The files of a folder or of an archive, one by one. Not thread-safe.
class FileReader {
 public:
  virtual ~FileReader() = default;

  // The next file's path inside the set (hostile: never a path on disk);
  // nullopt after the last one. kInvalidArgument: no tar or zip, or an
  // encrypted one. kDataLoss: cut short or damaged. Else as the disk fails.
  virtual absl::StatusOr<std::optional<std::string>> Next() = 0;

  // The content of that file. kResourceExhausted above `max_bytes`;
  // kInvalidArgument: a sparse file; else as Next().
  virtual absl::StatusOr<std::string> Read(int64_t max_bytes) = 0;

  // How many links and unreadable names were left out so far.
  virtual int64_t left_out() const = 0;
};

// A part of a set: the files that lie in its folder, or those of one archive.
struct SetPart {
  std::filesystem::path file;  // The folder or the archive.
  bool is_archive = false;
  // Before each path inside it: "" for the folder, "part-000001.zip/".
  std::string prefix;
};

// What the user named.
struct PictureSet {
  std::string name;            // Of the folder or the archive; or empty.
  std::vector<SetPart> parts;  // The folder before the archives in it.
};

// One folder, or any number of archives. A path may have one "{000..099}",
// which stands for each number, and wildcards as in a shell ("*", "?", "[]").
// Of a folder, the archives in it (.tar, .tar.gz, .tgz, .zip) are parts too.
// kInvalidArgument: a path is not there, more than one folder or a folder and
// archives are given, or two archives have one name.
absl::StatusOr<PictureSet> FindPictureSet(
    const std::vector<std::string>& paths);

// A folder is listed at once, by the order of paths; hidden files and folders
// and links are left out. An archive is read as a stream.
absl::StatusOr<std::unique_ptr<FileReader>> OpenPart(const SetPart& part);

// By its ending (.jpg, .jpeg, .png, .webp, .gif); a hidden file is none.
bool IsPicture(absl::string_view path);

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_PICTURE_SET_H_
