#include "ingest/folder/folder_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::verso::testing::StatusIs;

TEST(FolderMetadataTest, ReadsWhatIsKnownByColumnName) {
  ASSERT_OK_AND_ASSIGN(
      const FolderMetadata metadata,
      ParseFolderMetadata("title,file_name,label,artist,prompt,mood\n"
                          "\"Lake, at dusk\",a/1.jpg,human,Ann,,calm\n"
                          ",b.png,generated,,a lake,\n",
                          "m.csv"));
  ASSERT_EQ(metadata.size(), 2);
  const Provenance& human = metadata.at("a/1.jpg");
  EXPECT_EQ(human.label(), LABEL_HUMAN);
  EXPECT_EQ(human.label_evidence(), LABEL_EVIDENCE_ARCHIVE_CLAIM);
  EXPECT_EQ(human.work().title(), "Lake, at dusk");
  EXPECT_NE(human.work().work_key(), "");
  EXPECT_FALSE(human.has_generator());
  EXPECT_EQ(metadata.at("b.png").generator().prompt(), "a lake");
  EXPECT_EQ(metadata.at("b.png").work().work_key(), "");
}

TEST(FolderMetadataTest, AWorkOfItsOwnNameWins) {
  ASSERT_OK_AND_ASSIGN(
      const FolderMetadata metadata,
      ParseFolderMetadata("file_name,title,work\n1.jpg,Lake,w7\n", "m.csv"));
  EXPECT_EQ(metadata.at("1.jpg").work().work_key(), "w7");
}

TEST(FolderMetadataTest, NamesTheLineThatIsWrong) {
  const auto error = [](absl::string_view csv) {
    return ParseFolderMetadata(csv, "m.csv").status();
  };
  EXPECT_THAT(error("name,label\n1.jpg,human\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("m.csv line 1"),
                             HasSubstr("no column file_name"))));
  EXPECT_THAT(error("file_name,label\n1.jpg,human\n2.jpg,robot\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 3"), HasSubstr("'robot'"))));
  EXPECT_THAT(error("file_name,label\n1.jpg\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 2: it has 1 fields, the header 2")));
  EXPECT_THAT(error("file_name\n1.jpg\n1.jpg\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 3: 1.jpg has a row already")));
  EXPECT_THAT(
      error("file_name\n\xff.jpg\n"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not UTF-8")));
}

TEST(FolderMetadataTest, AFolderNeedsNone) {
  ASSERT_OK_AND_ASSIGN(const FolderMetadata none,
                       ReadFolderMetadata(testing::MakeTestDir("plain")));
  EXPECT_THAT(none, IsEmpty());
}

}  // namespace
}  // namespace verso
