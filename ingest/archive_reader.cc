#include "ingest/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "ingest/scraper.h"

namespace verso {

// The stream below and its first error, which libarchive cannot carry.
struct ArchiveReader::Source {
  ByteStream* stream;
  absl::Status status;

  static la_ssize_t OnRead(archive* archive, void* self, const void** buffer) {
    auto* source = static_cast<Source*>(self);
    const absl::StatusOr<absl::string_view> part = source->stream->Next();
    if (!part.ok()) {
      source->status = part.status();
      archive_set_error(archive, EIO, "the stream broke");
      return ARCHIVE_FATAL;
    }
    *buffer = part->data();
    return static_cast<la_ssize_t>(part->size());
  }
};

ArchiveReader::ArchiveReader(ByteStream& bytes)
    : source_(new Source{&bytes, absl::OkStatus()}),
      archive_(archive_read_new()) {
  VERSO_CHECK(archive_ != nullptr);
  archive_read_support_format_tar(archive_);
  archive_read_support_format_zip_streamable(archive_);
}

ArchiveReader::~ArchiveReader() { archive_read_free(archive_); }

absl::StatusOr<std::optional<std::string>> ArchiveReader::Next() {
  if (!opened_) {
    opened_ = true;
    if (archive_read_open(archive_, source_.get(), nullptr, &Source::OnRead,
                          nullptr) != ARCHIVE_OK) {
      return Failure();
    }
  }
  while (true) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(archive_, &entry);
    if (code == ARCHIVE_EOF) return std::nullopt;
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Failure();
    const char* path = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) == AE_IFREG && path != nullptr) {
      return std::string(path);
    }
  }
}

absl::StatusOr<std::string> ArchiveReader::Read(int64_t max_bytes) {
  std::string content;
  while (true) {
    const void* block = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(archive_, &block, &size, &offset);
    if (code == ARCHIVE_EOF) return content;
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Failure();
    // A hole (sparse tar) is not worth its risk: nobody packs pictures so.
    if (offset != static_cast<la_int64_t>(content.size())) {
      return absl::DataLossError("a file of the archive has holes");
    }
    if (static_cast<int64_t>(content.size() + size) > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "a file of the archive is larger than ", max_bytes, " bytes"));
    }
    content.append(static_cast<const char*>(block), size);
  }
}

absl::Status ArchiveReader::Failure() const {
  RETURN_IF_ERROR(source_->status);
  const char* why = archive_error_string(archive_);
  const std::string text = why == nullptr ? "damaged" : why;
  if (archive_format(archive_) == 0) {
    return Malformed("not an archive",
                     absl::StrCat("not a tar or zip: ", text));
  }
  return absl::DataLossError(absl::StrCat("archive: ", text));
}

}  // namespace verso
