#ifndef VERSO_TESTS_INGEST_ARCHIVES_H_
#define VERSO_TESTS_INGEST_ARCHIVES_H_

#include <archive.h>
#include <archive_entry.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"

namespace verso {

using ArchiveFiles = std::vector<std::pair<std::string, std::string>>;

enum class ArchiveFormat { kTar, kTarGz, kZip };

// The files (path, content) as an archive in memory.
inline std::string MakeArchive(const ArchiveFiles& files,
                               ArchiveFormat format) {
  size_t room = 1 << 20;
  for (const auto& [path, content] : files) room += content.size() + 4096;
  std::string bytes(room, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  VERSO_CHECK((format == ArchiveFormat::kZip
                   ? archive_write_set_format_zip(writer)
                   : archive_write_set_format_ustar(writer)) == ARCHIVE_OK);
  if (format == ArchiveFormat::kTarGz) archive_write_add_filter_gzip(writer);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  for (const auto& [path, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<int64_t>(content.size()));
    VERSO_CHECK(archive_write_header(writer, entry) == ARCHIVE_OK);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  VERSO_CHECK(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

inline std::string MakeTar(const ArchiveFiles& files) {
  return MakeArchive(files, ArchiveFormat::kTar);
}
inline std::string MakeTarGz(const ArchiveFiles& files) {
  return MakeArchive(files, ArchiveFormat::kTarGz);
}
inline std::string MakeZip(const ArchiveFiles& files) {
  return MakeArchive(files, ArchiveFormat::kZip);
}

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_ARCHIVES_H_
