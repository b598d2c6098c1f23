// Pictures of a folder, by the binary, into a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/image/encode.h"
#include "common/image/image.h"
#include "shardstore/shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::verso::testing::MakeTestDir;
using ::verso::testing::ProcessResult;

class FolderIngestTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    ASSERT_OK(MakeDirs((pictures_ / name).parent_path()));
    ASSERT_OK(WriteFileAtomically(pictures_ / name, bytes));
  }
  // Pictures of different numbers differ.
  void WritePicture(const std::string& name, int number) {
    Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3)};
    for (size_t i = 0; i < image.rgb.size(); ++i) {
      image.rgb[i] = static_cast<uint8_t>(i * (number + 1));
    }
    Write(name, EncodePng(image).value());
  }

  ProcessResult Ingest(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> command = {
        "ingest/ingest", "folder", pictures_.string(),
        "--store=" + (dir_ / "store").string(),
        "--frontier=" + (dir_ / "state").string()};
    command.insert(command.end(), flags.begin(), flags.end());
    return testing::RunProcess(command).value();
  }

  // By item id.
  std::map<std::string, Provenance> Stored() {
    const auto store =
        OpenShardStore((dir_ / "store").string(), StoreAccess::kRead).value();
    const auto reader = store->Query(RecordQuery()).value();
    std::map<std::string, Provenance> stored;
    while (const auto record = reader->Next().value()) {
      stored[record->provenance().source_item_id()] = record->provenance();
    }
    return stored;
  }

  const fs::path dir_ = MakeTestDir("folder");
  const fs::path pictures_ = dir_ / "mine";
};

TEST_F(FolderIngestTest, TakesPicturesWithWhatIsKnownOfThem) {
  WritePicture("a.png", 1);
  WritePicture("deep/b.PNG", 2);
  WritePicture(".hidden.png", 3);
  Write("notes.txt", "not a picture");
  Write("metadata.csv",
        "file_name,label,title,prompt\ndeep/b.PNG,generated,Lake,a lake\n");
  const ProcessResult result = Ingest({"--label=human"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto stored = Stored();
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_EQ(stored.at("a.png").source(), "mine");
  EXPECT_EQ(stored.at("a.png").label(), LABEL_HUMAN);
  EXPECT_EQ(stored.at("deep/b.PNG").label(), LABEL_GENERATED);
  EXPECT_EQ(stored.at("deep/b.PNG").generator().prompt(), "a lake");
  EXPECT_EQ(stored.at("a.png").width(), 16);
}

TEST_F(FolderIngestTest, ASecondRunTakesOnlyWhatIsNew) {
  WritePicture("a.png", 1);
  EXPECT_EQ(Ingest().exit_code, 0);
  WritePicture("b.png", 2);
  WritePicture("copy_of_a.png", 1);
  const ProcessResult again = Ingest();
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, ::testing::ContainsRegex("mine +2 +1 +1 "));
  EXPECT_THAT(Stored(), SizeIs(2));
}

TEST_F(FolderIngestTest, WhatIsNoPictureIsRefusedAndTheRestIsTaken) {
  WritePicture("a.png", 1);
  Write("broken.jpg", "\xff\xd8\xff half");
  Write("page.png", "<html>");
  const ProcessResult result = Ingest();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(Stored(), SizeIs(1));
  EXPECT_THAT(result.output, HasSubstr("1 html"));
}

TEST_F(FolderIngestTest, WrongUseIsSaidBeforeAnythingIsStored) {
  WritePicture("a.png", 1);
  for (const auto& [flag, said] :
       std::map<std::string, std::string>{{"--source=wga", "a site's name"},
                                          {"--source=a/b", "letters"},
                                          {"--label=robot", "'robot'"}}) {
    const ProcessResult result = Ingest({flag});
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_THAT(result.output, HasSubstr(said));
  }
  Write("metadata.csv", "file_name\nabsent.png\n");
  const ProcessResult result = Ingest();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("metadata.csv"), HasSubstr("absent.png")));
  EXPECT_FALSE(fs::exists(dir_ / "store"));
}

TEST_F(FolderIngestTest, AFolderWithoutPicturesIsSaid) {
  Write("notes.txt", "x");
  const ProcessResult result = Ingest();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("there is no .jpg"));
}

}  // namespace
}  // namespace verso
