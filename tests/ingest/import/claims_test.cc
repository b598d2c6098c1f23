// What a picture's file claims, on its way from the file to the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/image/encode.h"
#include "tests/common/image/test_files.h"
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::verso::testing::ProcessResult;

// Grey, with a text chunk as the web UI writes it.
std::string ClaimedPicture() {
  const Image image{16, 16, std::vector<uint8_t>(16 * 16 * 3, 90)};
  std::string png = EncodePng(image).value();
  const std::string chunk = testing::PngChunk(
      "tEXt", std::string("parameters\0a lake\nSteps: 20, Sampler: DDIM, "
                          "Seed: 7, Model: v1-5",
                          64));
  return png.insert(png.find("IDAT") - 4, chunk);
}

using ClaimsTest = ImportFixture;

TEST_F(ClaimsTest, AHumanPictureThatClaimsToBeGeneratedIsQuarantined) {
  Write("human.png", ClaimedPicture());
  Write("b.png", PictureOf(2));
  const ProcessResult result = ImportMine({"--label=human"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, ContainsRegex("mine +2 +1 +0 +1 +0 "));
  const auto served = Stored();
  ASSERT_THAT(served, SizeIs(1));
  EXPECT_EQ(served.count("b.png"), 1u);
  RecordQuery everything;
  everything.set_include_quarantined(true);
  const auto all = Stored(everything);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all.at("human.png").quarantine(),
              HasSubstr("generation parameters (Steps: 20, Sampler: DDIM"));
  EXPECT_EQ(all.at("human.png").label_conflict_size(), 1);
}

TEST_F(ClaimsTest, AGeneratedPicturesOwnWordsFillWhatIsNotKnown) {
  Write("a.png", ClaimedPicture());
  Write("metadata.csv", "file_name,label,seed\na.png,generated,5\n");
  EXPECT_EQ(ImportMine().exit_code, 0);
  const Generator generator = Stored().at("a.png").generator();
  EXPECT_EQ(generator.seed(), "5");
  EXPECT_EQ(generator.sampler(), "DDIM");
  EXPECT_EQ(generator.prompt(), "a lake");
  EXPECT_EQ(generator.name(), "v1-5");
}

TEST_F(ClaimsTest, MetadataTooLargeForAStoreCostsThatPictureAlone) {
  for (int i = 0; i < 3; ++i) {
    Write("p" + std::to_string(i) + ".png", PictureOf(i));
  }
  Write("p1.json", "{\"title\": \"" + std::string(200'000, 'a') + "\"}");
  const ProcessResult result = ImportMine({"--label=human"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("1 too much metadata"));
  EXPECT_THAT(Stored(), SizeIs(2));
}

}  // namespace
}  // namespace verso
