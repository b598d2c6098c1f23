#ifndef VERSO_TESTS_INGEST_IMPORT_IMPORT_FIXTURE_H_
#define VERSO_TESTS_INGEST_IMPORT_IMPORT_FIXTURE_H_

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/base/file.h"
#include "common/image/encode.h"
#include "common/image/image.h"
#include "shardstore/shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {

// A small picture as PNG; those of different numbers differ.
inline std::string PictureOf(int number) {
  Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3)};
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] = static_cast<uint8_t>(i * static_cast<size_t>(number + 1));
  }
  image.rgb[0] = static_cast<uint8_t>(number >> 8);
  return EncodePng(image).value();
}

struct ArchiveMember {
  std::string path;
  std::string bytes;
  std::string link_to = "";  // Not empty: a symbolic link.
  int64_t hole = 0;          // Bytes of a hole before `bytes` (tar).
};

// Writes a tar or, as the path ends, a .tar.gz or .zip. With a password a zip
// is encrypted. Names in a zip say that they are UTF-8.
inline void WriteArchive(const std::filesystem::path& file,
                         const std::vector<ArchiveMember>& members,
                         const char* password = nullptr) {
  archive* writer = archive_write_new();
  const bool zip = file.extension() == ".zip";
  if (zip) {
    VERSO_CHECK(archive_write_set_format_zip(writer) == ARCHIVE_OK);
    VERSO_CHECK(archive_write_set_options(writer, "zip:hdrcharset=UTF-8") ==
                ARCHIVE_OK);
    if (password != nullptr) {
      VERSO_CHECK(archive_write_set_passphrase(writer, password) == ARCHIVE_OK);
      VERSO_CHECK(archive_write_set_options(
                      writer, "zip:encryption=traditional") == ARCHIVE_OK);
    }
  } else {
    VERSO_CHECK(archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK);
    if (file.extension() == ".gz") archive_write_add_filter_gzip(writer);
  }
  VERSO_CHECK(archive_write_open_filename(writer, file.c_str()) == ARCHIVE_OK);
  for (const ArchiveMember& member : members) {
    archive_entry* entry = archive_entry_new();
    if (zip) {
      archive_entry_set_pathname_utf8(entry, member.path.c_str());
    } else {
      archive_entry_set_pathname(entry, member.path.c_str());
    }
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry,
                               member.link_to.empty() ? AE_IFREG : AE_IFLNK);
    const auto size = static_cast<int64_t>(member.bytes.size());
    archive_entry_set_size(entry, member.hole + size);
    if (!member.link_to.empty()) {
      archive_entry_set_symlink(entry, member.link_to.c_str());
    }
    if (member.hole > 0) {
      archive_entry_sparse_add_entry(entry, member.hole, size);
    }
    // A warning: the name is not ASCII.
    VERSO_CHECK(archive_write_header(writer, entry) >= ARCHIVE_WARN);
    const std::string body =
        std::string(static_cast<size_t>(member.hole), '\0') + member.bytes;
    archive_write_data(writer, body.data(), body.size());
    archive_entry_free(entry);
  }
  VERSO_CHECK(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
}

// A folder "mine" to fill, and the binary that imports into a real store.
class ImportFixture : public ::testing::Test {
 protected:
  ImportFixture() { VERSO_CHECK(MakeDirs(mine_).ok()); }

  void Write(const std::string& name, const std::string& bytes) {
    ASSERT_OK(MakeDirs((mine_ / name).parent_path()));
    ASSERT_OK(WriteFileAtomically(mine_ / name, bytes));
  }

  // `args`: paths and flags after "import".
  std::vector<std::string> Command(const std::vector<std::string>& args) {
    std::vector<std::string> command = {
        "ingest/ingest", "import", "--store=" + store_.string(),
        "--frontier=" + (dir_ / "state").string()};
    command.insert(command.end(), args.begin(), args.end());
    return command;
  }
  testing::ProcessResult Import(const std::vector<std::string>& args) {
    return testing::RunProcess(Command(args)).value();
  }
  // The folder itself.
  testing::ProcessResult ImportMine(std::vector<std::string> flags = {}) {
    flags.push_back(mine_.string());
    return Import(flags);
  }

  // The records' provenance by item id.
  std::map<std::string, Provenance> Stored(
      const RecordQuery& query = RecordQuery()) {
    const auto store =
        OpenShardStore(store_.string(), StoreAccess::kRead).value();
    const auto reader = store->Query(query).value();
    std::map<std::string, Provenance> stored;
    while (const auto record = reader->Next().value()) {
      const Provenance& provenance = record->provenance();
      EXPECT_TRUE(
          stored.emplace(provenance.source_item_id(), provenance).second)
          << provenance.source_item_id();
    }
    return stored;
  }

  const std::filesystem::path dir_ = testing::MakeTestDir("import");
  const std::filesystem::path mine_ = dir_ / "mine";
  const std::filesystem::path store_ = dir_ / "store";
};

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_IMPORT_IMPORT_FIXTURE_H_
