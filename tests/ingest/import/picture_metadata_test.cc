#include "ingest/import/picture_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/import/import_recipe.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::verso::testing::StatusIs;

class PictureMetadataTest : public ::testing::Test {
 protected:
  explicit PictureMetadataTest(const std::string& recipe = "plain")
      : rules_(
            MetadataRules::Compile(LoadImportRecipe(recipe).value()).value()) {}

  absl::Status Add(const std::string& path, const std::string& bytes) {
    return metadata_.Add(*rules_.Find(path), path, "", bytes);
  }
  // The error of a table alone.
  absl::Status ErrorOf(const std::string& path, const std::string& bytes) {
    PictureMetadata fresh;
    return fresh.Add(*rules_.Find(path), path, "", bytes);
  }
  Provenance Of(const std::string& path) {
    KnownOfPicture known;
    EXPECT_OK(metadata_.Find(path, known));
    return known.provenance;
  }

  MetadataRules rules_;
  PictureMetadata metadata_;
};

TEST_F(PictureMetadataTest, ReadsACsvByTheNamesOfItsColumns) {
  ASSERT_OK(Add("metadata.csv",
                "title,file_name,label,artist,prompt,mood\n"
                "\"Lake, at dusk\",a/1.jpg,human,Ann,,calm\n"
                ",./b.png,generated,,a lake,\n"));
  const Provenance human = Of("a/1.jpg");
  EXPECT_EQ(human.label(), LABEL_HUMAN);
  EXPECT_EQ(human.label_evidence(), LABEL_EVIDENCE_ARCHIVE_CLAIM);
  EXPECT_EQ(human.work().title(), "Lake, at dusk");
  EXPECT_FALSE(human.has_generator());
  EXPECT_EQ(Of("b.png").generator().prompt(), "a lake");
  EXPECT_EQ(Of("c.png").ByteSizeLong(), 0);
}

TEST_F(PictureMetadataTest, JsonLinesAndAJsonArraySayTheSame) {
  const std::string row =
      R"({"file_name": "1.jpg", "seed": 7, "guidance": 7.5, "title": null,)"
      R"( "tags": ["a"], "prompt": "caf\u00e9"})";
  for (const auto& [path, text] :
       std::map<std::string, std::string>{{"metadata.jsonl", row + "\r\n\n"},
                                          {"metadata.json", "[" + row + "]"}}) {
    metadata_ = PictureMetadata();
    ASSERT_OK(Add(path, text));
    const Provenance provenance = Of("1.jpg");
    EXPECT_EQ(provenance.generator().seed(), "7") << path;
    EXPECT_EQ(provenance.generator().guidance(), 7.5);
    EXPECT_EQ(provenance.generator().prompt(), "caf\xc3\xa9");
    EXPECT_FALSE(provenance.has_work());
  }
}

TEST_F(PictureMetadataTest, ATableNamesTheLineThatIsWrong) {
  const auto is = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  const auto csv = [&](const char* text) {
    return ErrorOf("metadata.csv", text);
  };
  EXPECT_THAT(csv("name,label\n1.jpg,human\n"),
              AllOf(is("metadata.csv line 1"), is("no column file_name")));
  EXPECT_THAT(csv("file_name,label\n1.jpg,human\n2.jpg,robot\n"),
              AllOf(is("line 3"), is("label: 'robot'")));
  EXPECT_THAT(csv("file_name,label\n1.jpg\n"),
              is("line 2: it has 1 fields, the header 2"));
  EXPECT_THAT(csv("file_name\n1.jpg\n1.jpg\n"),
              is("line 3: 1.jpg has a row already"));
  EXPECT_THAT(csv("file_name,steps\n1.jpg,many\n"),
              is("line 2: steps: 'many' is no number"));
  EXPECT_THAT(csv("file_name,steps\n1.jpg,50.5\n"), is("is no number"));
  EXPECT_THAT(csv("file_name,steps\n1.jpg,1e12\n"), is("is no number"));
  EXPECT_THAT(csv("file_name,guidance\n1.jpg,nan\n"), is("is no number"));
  EXPECT_THAT(csv("file_name\n\xff.jpg\n"),
              is("metadata.csv: it is not UTF-8"));
  EXPECT_THAT(ErrorOf("metadata.jsonl", "{\"file_name\": \"1.jpg\"}\n{\n"),
              is("metadata.jsonl line 2: it is not JSON"));
  EXPECT_THAT(ErrorOf("metadata.jsonl", "{\"name\": \"1.jpg\"}\n"),
              is("line 1: it has no text \"file_name\""));
  EXPECT_THAT(ErrorOf("metadata.jsonl", "[1]\n"), is("it is no JSON object"));
  EXPECT_THAT(ErrorOf("metadata.jsonl", "{\"file_name\": \"\xff\"}\n"),
              is("it is not JSON"));
  EXPECT_THAT(ErrorOf("metadata.json", "[{\"file_name\": \"1.jpg\"}, 2]"),
              is("metadata.json [1]: it is no JSON object"));
  EXPECT_THAT(ErrorOf("metadata.json", "{}"), is("no JSON array"));
}

class ByNameTest : public PictureMetadataTest {
 protected:
  ByNameTest() : PictureMetadataTest("diffusiondb") {}
};

TEST_F(ByNameTest, NamesThePictureThatIsWrong) {
  EXPECT_THAT(ErrorOf("part-1.json", R"({"a.png": {"st": "x"}})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("part-1.json at \"a.png\": st: 'x'")));
  EXPECT_THAT(ErrorOf("part-1.json", "[]"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no JSON object of pictures")));
}

TEST_F(PictureMetadataTest, ALaterTableAddsToAnEarlierOne) {
  ASSERT_OK(Add("metadata.csv", "file_name,title\n1.jpg,Lake\n"));
  ASSERT_OK(
      Add("metadata.jsonl", R"({"file_name": "1.jpg", "artist": "Ann"})"));
  EXPECT_EQ(Of("1.jpg").work().title(), "Lake");
  EXPECT_EQ(Of("1.jpg").work().artist(), "Ann");
}

TEST_F(PictureMetadataTest, ATableMayTakeALabelBack) {
  ASSERT_OK(Add("metadata.csv", "file_name,label\n1.jpg,unknown\n"));
  KnownOfPicture known;
  known.provenance.set_label(LABEL_HUMAN);
  ASSERT_OK(metadata_.Find("1.jpg", known));
  EXPECT_EQ(known.provenance.label(), LABEL_UNKNOWN);
}

TEST_F(PictureMetadataTest, DeeplyNestedJsonIsNoHarm) {
  const std::string deep(1 << 20, '[');
  EXPECT_FALSE(ErrorOf("metadata.json", deep).ok());
  EXPECT_FALSE(ErrorOf("metadata.json", deep + std::string(1 << 20, ']')).ok());
}

TEST_F(PictureMetadataTest, SaysWhichPicturesAreAbsent) {
  ASSERT_OK(Add("metadata.csv", "file_name\n1.jpg\n2.jpg\n3.jpg\n"));
  int64_t count = 0;
  EXPECT_THAT(metadata_.FindAbsent(count),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("metadata.csv speaks of 1.jpg")));
  metadata_.MarkListed("2.jpg");
  ASSERT_OK_AND_ASSIGN(const auto sentences, metadata_.FindAbsent(count));
  EXPECT_EQ(count, 2);
  EXPECT_THAT(sentences, ::testing::ElementsAre(HasSubstr("such as 1.jpg")));
  metadata_.MarkListed("1.jpg");
  metadata_.MarkListed("3.jpg");
  ASSERT_OK_AND_ASSIGN(const auto none, metadata_.FindAbsent(count));
  EXPECT_THAT(none, IsEmpty());
}

}  // namespace
}  // namespace verso
