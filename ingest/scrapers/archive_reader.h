#ifndef VERSO_INGEST_SCRAPERS_ARCHIVE_READER_H_
#define VERSO_INGEST_SCRAPERS_ARCHIVE_READER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/byte_stream.h"

struct archive;

namespace verso {

// The regular files of a tar, a gzip'd tar or a zip, in its order; the whole is
// never in memory. Not thread-safe.
class ArchiveReader {
 public:
  // Pictures and tables shrink to a tenth at most: what grows more than this
  // many times on unpacking is a bomb. The first kFreeBytes are not counted,
  // since a few short files may well repeat themselves.
  static constexpr int64_t kMaxExpansion = 100;
  static constexpr int64_t kFreeBytes = 16 << 20;

  // `bytes` is not owned and must outlive the reader.
  explicit ArchiveReader(ByteStream& bytes);
  // An archive on disk. A zip is read by its table of contents, and what Read()
  // does not ask for is stepped over.
  explicit ArchiveReader(const std::filesystem::path& file);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;

  // The path of the next file as the archive writes it (hostile: never a path
  // on disk); nullopt after the last one. kInvalidArgument: not a tar or zip,
  // or the file is encrypted. kDataLoss: it is cut short or damaged.
  // kResourceExhausted: a bomb. Else errors of the stream.
  absl::StatusOr<std::optional<std::string>> Next();

  // The content of that file, once. kResourceExhausted above `max_bytes`;
  // kInvalidArgument: it has holes; Next() goes on after both. Else errors as
  // Next().
  absl::StatusOr<std::string> Read(int64_t max_bytes);

  // How many were left out so far: symbolic and hard links, and files whose
  // name cannot be read.
  int64_t left_out() const { return left_out_; }

 private:
  struct Source;
  int Open();
  bool IsStreamed() const;
  // The next part of the file at hand, valid until the next call; nullopt at
  // its end.
  absl::StatusOr<std::optional<absl::string_view>> NextPart();
  absl::Status SkipRest();
  absl::Status Failure() const;

  const std::unique_ptr<Source> source_;
  archive* const archive_;
  bool opened_ = false;
  bool in_file_ = false;    // Parts of it may be left.
  int64_t file_bytes_ = 0;  // Of it so far.
  int64_t bytes_ = 0;       // Of all files so far.
  int64_t left_out_ = 0;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_ARCHIVE_READER_H_
