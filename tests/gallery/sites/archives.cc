#include "tests/gallery/sites/archives.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// Files are dated so that an archive is the same each time: 2022-06-22.
constexpr int64_t kModified = 1655856000;

struct FreeArchive {
  void operator()(archive* handle) const { archive_write_free(handle); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using ArchivePtr = std::unique_ptr<archive, FreeArchive>;
using EntryPtr = std::unique_ptr<archive_entry, FreeArchive>;

la_ssize_t AppendTo(archive*, void* out, const void* data, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

absl::Status Check(archive* handle, int code) {
  if (code == ARCHIVE_OK) return absl::OkStatus();
  const char* error = archive_error_string(handle);
  return absl::InternalError(absl::StrCat(
      "cannot write an archive: ", error == nullptr ? "unknown" : error));
}

absl::Status WriteFile(archive* handle, const std::string& path,
                       absl::string_view content) {
  const EntryPtr entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), path.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), kModified, 0);
  RETURN_IF_ERROR(Check(handle, archive_write_header(handle, entry.get())));
  if (archive_write_data(handle, content.data(), content.size()) !=
      static_cast<la_ssize_t>(content.size())) {
    return Check(handle, ARCHIVE_FATAL);
  }
  return absl::OkStatus();
}

// An archive in the format that `set_format` chooses.
absl::StatusOr<std::string> WriteArchive(
    int (*set_format)(archive*),
    const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out;
  const ArchivePtr handle(archive_write_new());
  RETURN_IF_ERROR(Check(handle.get(), set_format(handle.get())));
  archive_write_set_bytes_per_block(handle.get(), 0);
  archive_write_set_bytes_in_last_block(handle.get(), 1);
  RETURN_IF_ERROR(Check(
      handle.get(),
      archive_write_open(handle.get(), &out, nullptr, AppendTo, nullptr)));
  for (const auto& [path, content] : files) {
    RETURN_IF_ERROR(WriteFile(handle.get(), path, content));
  }
  RETURN_IF_ERROR(Check(handle.get(), archive_write_close(handle.get())));
  return out;
}

}  // namespace

absl::StatusOr<std::string> MakeZip(const std::string& path,
                                    absl::string_view content) {
  return WriteArchive(archive_write_set_format_zip,
                      {{path, std::string(content)}});
}

absl::StatusOr<std::string> MakeTarGz(
    const std::vector<std::pair<std::string, std::string>>& files) {
  return WriteArchive(
      [](archive* handle) {
        archive_write_add_filter_gzip(handle);
        // No time of day: the same bytes each time.
        archive_write_set_filter_option(handle, "gzip", "timestamp", nullptr);
        return archive_write_set_format_ustar(handle);
      },
      files);
}

absl::StatusOr<std::string> MakeTarMember(const std::string& path,
                                          absl::string_view content) {
  ASSIGN_OR_RETURN(std::string tar,
                   WriteArchive(archive_write_set_format_ustar,
                                {{path, std::string(content)}}));
  VERSO_CHECK(tar.size() > kTarEndBytes);
  tar.resize(tar.size() - kTarEndBytes);
  return tar;
}

}  // namespace verso
