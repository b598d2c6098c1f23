#include "tests/gallery/gallery_testing.h"

#include <archive.h>
#include <archive_entry.h>

namespace verso::testing {

std::vector<ArchiveFile> ReadArchive(const std::string& bytes) {
  std::vector<ArchiveFile> files;
  archive* const reader = archive_read_new();
  archive_read_support_format_zip(reader);
  archive_read_support_format_tar(reader);
  archive_read_support_filter_gzip(reader);
  archive_entry* entry = nullptr;
  int code = archive_read_open_memory(reader, bytes.data(), bytes.size());
  while (code == ARCHIVE_OK &&
         (code = archive_read_next_header(reader, &entry)) == ARCHIVE_OK) {
    ArchiveFile file{archive_entry_pathname(entry), ""};
    char buffer[1 << 14];
    la_ssize_t n = 0;
    while ((n = archive_read_data(reader, buffer, sizeof(buffer))) > 0) {
      file.content.append(buffer, static_cast<size_t>(n));
    }
    if (n < 0) code = ARCHIVE_FATAL;
    files.push_back(std::move(file));
  }
  archive_read_free(reader);
  if (code != ARCHIVE_EOF) files.clear();
  return files;
}

}  // namespace verso::testing
