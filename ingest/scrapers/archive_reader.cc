#include "ingest/scrapers/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "ingest/scraper.h"

namespace verso {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

// libarchive gives names in the charset of the thread's locale, and loses those
// that it has no letters for. While this lives it is UTF-8.
class Utf8Names {
 public:
  Utf8Names() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    before_ = uselocale(utf8);
  }
  ~Utf8Names() { uselocale(before_); }

 private:
  locale_t before_;
};

}  // namespace

// The file, or the stream below and its first error, which libarchive cannot
// carry.
struct ArchiveReader::Source {
  std::filesystem::path file;
  ByteStream* stream = nullptr;
  absl::Status status;
  int64_t bytes = 0;  // Read so far; of a file, its size.
  bool is_gzip = false;

  static la_ssize_t OnRead(archive* archive, void* self, const void** buffer) {
    auto* source = static_cast<Source*>(self);
    const absl::StatusOr<absl::string_view> part = source->stream->Next();
    if (!part.ok()) {
      source->status = part.status();
      archive_set_error(archive, EIO, "the stream broke");
      return ARCHIVE_FATAL;
    }
    if (source->bytes == 0) {
      source->is_gzip = absl::StartsWith(*part, "\x1f\x8b");
    }
    source->bytes += static_cast<int64_t>(part->size());
    *buffer = part->data();
    return static_cast<la_ssize_t>(part->size());
  }
};

ArchiveReader::ArchiveReader(ByteStream& bytes)
    : source_(new Source{.stream = &bytes}), archive_(archive_read_new()) {
  VERSO_CHECK(archive_ != nullptr);
  archive_read_support_filter_gzip(archive_);
  archive_read_support_format_tar(archive_);
  archive_read_support_format_zip_streamable(archive_);
}

ArchiveReader::ArchiveReader(const std::filesystem::path& file)
    : source_(new Source{.file = file}), archive_(archive_read_new()) {
  VERSO_CHECK(archive_ != nullptr);
  archive_read_support_filter_gzip(archive_);
  archive_read_support_format_tar(archive_);
  archive_read_support_format_zip_seekable(archive_);
}

ArchiveReader::~ArchiveReader() { archive_read_free(archive_); }

int ArchiveReader::Open() {
  if (source_->stream != nullptr) {
    return archive_read_open(archive_, source_.get(), nullptr, &Source::OnRead,
                             nullptr);
  }
  std::error_code ignored;  // Then opening fails, too.
  source_->bytes =
      static_cast<int64_t>(std::filesystem::file_size(source_->file, ignored));
  return archive_read_open_filename(archive_, source_->file.c_str(),
                                    kBlockBytes);
}

absl::StatusOr<std::optional<std::string>> ArchiveReader::Next() {
  const Utf8Names utf8_names;
  if (!opened_) {
    opened_ = true;
    if (Open() != ARCHIVE_OK) return Failure();
  }
  while (true) {
    RETURN_IF_ERROR(SkipRest());
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(archive_, &entry);
    if (code == ARCHIVE_EOF) return std::nullopt;
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Failure();
    const auto type = archive_entry_filetype(entry);
    const bool is_link =
        type == AE_IFLNK || archive_entry_hardlink(entry) != nullptr;
    const char* path = archive_entry_pathname(entry);
    if (is_link || (type == AE_IFREG && (path == nullptr || *path == '\0'))) {
      ++left_out_;
      continue;
    }
    if (type != AE_IFREG) continue;
    if (archive_entry_is_encrypted(entry)) {
      return Malformed("encrypted", absl::StrCat(path,
                                                 " is encrypted; give an "
                                                 "archive that is not"));
    }
    in_file_ = true;
    file_bytes_ = 0;
    return std::string(path);
  }
}

absl::StatusOr<std::string> ArchiveReader::Read(int64_t max_bytes) {
  std::string content;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<absl::string_view> part, NextPart());
    if (!part) return content;
    if (static_cast<int64_t>(content.size() + part->size()) > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "a file of the archive is larger than ", max_bytes, " bytes"));
    }
    content.append(part->data(), part->size());
  }
}

// Whether all that is in it has to be unpacked, one file after the other. In a
// file on disk each stands for itself: Read() bounds it.
bool ArchiveReader::IsStreamed() const {
  return source_->stream != nullptr || archive_filter_count(archive_) > 1;
}

// Not left to libarchive, which would unpack a bomb to its end; a file on disk
// is only stepped over.
absl::Status ArchiveReader::SkipRest() {
  if (!IsStreamed()) in_file_ = false;
  while (in_file_) RETURN_IF_ERROR(NextPart().status());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::string_view>> ArchiveReader::NextPart() {
  if (!in_file_) return std::nullopt;
  const void* block = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  const int code = archive_read_data_block(archive_, &block, &size, &offset);
  in_file_ = code == ARCHIVE_OK || code == ARCHIVE_WARN;
  if (code == ARCHIVE_EOF) return std::nullopt;
  if (!in_file_) return Failure();
  // A hole (sparse tar) is not worth its risk: nobody packs pictures so.
  if (offset != static_cast<la_int64_t>(file_bytes_)) {
    in_file_ = false;
    return Malformed("sparse", "a file of the archive has holes");
  }
  file_bytes_ += static_cast<int64_t>(size);
  bytes_ += static_cast<int64_t>(size);
  if (IsStreamed() && bytes_ > kFreeBytes &&
      bytes_ / kMaxExpansion > source_->bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the archive unpacks to more than ", kMaxExpansion, " times its size"));
  }
  return absl::string_view(static_cast<const char*>(block), size);
}

absl::Status ArchiveReader::Failure() const {
  RETURN_IF_ERROR(source_->status);
  const char* why = archive_error_string(archive_);
  const std::string text = why == nullptr ? "damaged" : why;
  // What begins as a gzip was an archive before it was cut or damaged.
  if (archive_format(archive_) == 0 && !source_->is_gzip) {
    return Malformed("not an archive",
                     absl::StrCat("not a tar or zip: ", text));
  }
  return absl::DataLossError(absl::StrCat("archive: ", text));
}

}  // namespace verso
