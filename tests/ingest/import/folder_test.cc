// Pictures of a folder, by the binary, into a real store.
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::verso::testing::ProcessResult;

class FolderTest : public ImportFixture {};

TEST_F(FolderTest, TakesPicturesWithWhatIsKnownOfThem) {
  Write("a.png", PictureOf(1));
  Write("deep/b.PNG", PictureOf(2));
  Write(".hidden.png", PictureOf(3));
  Write("notes.txt", "not a picture");
  Write("metadata.csv",
        "file_name,label,title,prompt\ndeep/b.PNG,generated,Lake,a lake\n");
  const ProcessResult result = ImportMine({"--label=human"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto stored = Stored();
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_EQ(stored.at("a.png").source(), "mine");
  EXPECT_EQ(stored.at("a.png").label(), LABEL_HUMAN);
  EXPECT_EQ(stored.at("deep/b.PNG").label(), LABEL_GENERATED);
  EXPECT_EQ(stored.at("deep/b.PNG").generator().prompt(), "a lake");
  EXPECT_NE(stored.at("deep/b.PNG").work().work_key(), "");
  EXPECT_EQ(stored.at("a.png").width(), 16);
  EXPECT_FALSE(stored.at("a.png").has_work());
}

TEST_F(FolderTest, ATableSpeaksOfItsOwnFolder) {
  Write("train/a.png", PictureOf(1));
  Write("train/metadata.jsonl", R"({"file_name": "a.png", "title": "Lake"})");
  EXPECT_EQ(ImportMine().exit_code, 0);
  EXPECT_EQ(Stored().at("train/a.png").work().title(), "Lake");
}

TEST_F(FolderTest, AJsonBesideAPictureSpeaksOfIt) {
  Write("a.png", PictureOf(1));
  Write("a.json", R"({"label": "generated", "seed": 7, "steps": 50.0})");
  Write("unrelated.json", "[1, 2");
  EXPECT_EQ(ImportMine().exit_code, 0);
  const Provenance stored = Stored().at("a.png");
  EXPECT_EQ(stored.label(), LABEL_GENERATED);
  EXPECT_EQ(stored.generator().seed(), "7");
  EXPECT_EQ(stored.generator().steps(), 50);
}

TEST_F(FolderTest, APictureWhoseOwnJsonIsWrongWaitsUntilItIsMended) {
  Write("a.png", PictureOf(1));
  Write("a.json", R"({"label": "robot"})");
  const ProcessResult result = ImportMine();
  EXPECT_THAT(result.output, AllOf(HasSubstr("a.json: label: 'robot'"),
                                   HasSubstr("1 bad metadata")));
  Write("a.json", R"({"label": "human"})");
  EXPECT_EQ(ImportMine().exit_code, 0);
  EXPECT_EQ(Stored().at("a.png").label(), LABEL_HUMAN);
}

TEST_F(FolderTest, ASecondRunTakesOnlyWhatIsNew) {
  Write("a.png", PictureOf(1));
  EXPECT_EQ(ImportMine().exit_code, 0);
  Write("b.png", PictureOf(2));
  Write("copy_of_a.png", PictureOf(1));
  const ProcessResult again = ImportMine();
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, ContainsRegex("mine +2 +1 +1 "));
  EXPECT_THAT(Stored(), SizeIs(2));
}

TEST_F(FolderTest, WhatIsNoPictureIsRefusedAndTheRestIsTaken) {
  Write("a.png", PictureOf(1));
  Write("broken.jpg", "\xff\xd8\xff half");
  Write("page.png", "<html>");
  fs::create_symlink("a.png", mine_ / "link.png");
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(Stored(), SizeIs(1));
  EXPECT_THAT(result.output, AllOf(HasSubstr("1 html"), HasSubstr("1 link")));
}

TEST_F(FolderTest, WrongUseIsSaidBeforeAnythingIsStored) {
  Write("a.png", PictureOf(1));
  for (const auto& [flag, said] : std::map<std::string, std::string>{
           {"--source=wga", "a site's name"},
           {"--source=a/b", "letters"},
           {"--label=robot", "'robot'"},
           {"--recipe=nonesuch", "ai_artbench, diffusiondb, plain, prompts"},
           {"--metadata=absent.csv", "absent.csv"}}) {
    const ProcessResult result = ImportMine({flag});
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_THAT(result.output, HasSubstr(said));
  }
  EXPECT_THAT(Import({}).output,
              HasSubstr("import needs a folder or archives"));
  EXPECT_EQ(Import({}).exit_code, 2);
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(FolderTest, ATableOfOtherPicturesIsAnErrorBeforeAnythingIsStored) {
  Write("a.png", PictureOf(1));
  Write("metadata.csv", "file_name\nabsent.png\n");
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("metadata.csv"), HasSubstr("absent.png")));
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(FolderTest, PicturesThatATableNamesInVainAreCountedAndSaid) {
  Write("a.png", PictureOf(1));
  Write("metadata.csv", "file_name\na.png\ngone.png\nlost.png\n");
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("metadata.csv speaks of 2 pictures that are not "
                              "there, such as gone.png"),
                    HasSubstr("2 named, but not there")));
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(FolderTest, AFolderWithoutPicturesIsSaid) {
  Write("notes.txt", "x");
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("there is no .jpg"));
}

TEST_F(FolderTest, ALimitHoldsOverAllRuns) {
  for (int i = 0; i < 5; ++i) {
    Write(std::to_string(i) + ".png", PictureOf(i));
  }
  EXPECT_EQ(ImportMine({"--limit=2"}).exit_code, 0);
  EXPECT_THAT(Stored(), SizeIs(2));
  EXPECT_EQ(ImportMine({"--limit=3"}).exit_code, 0);
  EXPECT_THAT(Stored(), SizeIs(3));
}

}  // namespace
}  // namespace verso
