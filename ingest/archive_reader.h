#ifndef VERSO_INGEST_ARCHIVE_READER_H_
#define VERSO_INGEST_ARCHIVE_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/http/byte_stream.h"

struct archive;

namespace verso {

// The regular files of a tar or zip that comes as a stream, in its order; the
// whole is never in memory. Not thread-safe.
class ArchiveReader {
 public:
  // `bytes` is not owned and must outlive the reader.
  explicit ArchiveReader(ByteStream& bytes);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;

  // The path of the next file as the archive writes it (hostile: never a path
  // on disk); nullopt after the last one. kInvalidArgument: not a tar or zip.
  // kDataLoss: it is cut short or damaged. Else errors of the stream.
  absl::StatusOr<std::optional<std::string>> Next();

  // The content of that file. kResourceExhausted above `max_bytes`; else
  // errors as Next().
  absl::StatusOr<std::string> Read(int64_t max_bytes);

 private:
  struct Source;
  absl::Status Failure() const;

  const std::unique_ptr<Source> source_;
  archive* const archive_;
  bool opened_ = false;
};

}  // namespace verso

#endif  // VERSO_INGEST_ARCHIVE_READER_H_
