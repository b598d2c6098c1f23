// The recipes that Verso ships, on archives of their layout.
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::verso::testing::ProcessResult;

class RecipeTest : public ImportFixture {};

TEST_F(RecipeTest, DiffusionDbHasItsPromptsAndSettings) {
  // The JSON lies at a zip's end, and as the publishers' large set has it,
  // under the name of another part.
  WriteArchive(
      mine_ / "part-000001.zip",
      {{"f3501e05.png", PictureOf(1)},
       {"0a8dc864.webp", PictureOf(2)},
       {"part-000001.json",
        R"({"f3501e05.png": {"p": "a lake, 4 k, ", "se": 38753269, "c": 12.0,
                             "st": 50, "sa": "k_lms"},
            "0a8dc864.webp": {"p": "", "se": 1, "c": 7, "st": 20,
                              "sa": "ddim"}})"}});
  const ProcessResult result = ImportMine({"--recipe=diffusiondb"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto stored = Stored();
  ASSERT_THAT(stored, SizeIs(2));
  const Provenance& provenance = stored.at("part-000001.zip/f3501e05.png");
  EXPECT_EQ(provenance.source(), "diffusiondb");
  EXPECT_EQ(provenance.label(), LABEL_GENERATED);
  EXPECT_EQ(provenance.licence(), "CC0-1.0");
  const Generator& generator = provenance.generator();
  EXPECT_EQ(generator.family(), "stable-diffusion");
  EXPECT_EQ(generator.prompt(), "a lake, 4 k, ");
  EXPECT_EQ(generator.seed(), "38753269");
  EXPECT_EQ(generator.guidance(), 12);
  EXPECT_EQ(generator.steps(), 50);
  EXPECT_EQ(generator.sampler(), "k_lms");
}

TEST_F(RecipeTest, AiArtBenchHasItsGeneratorsAndStyles) {
  const std::string root = "Real_AI_SD_LD_Dataset/";
  WriteArchive(mine_ / "archive.zip",
               {{root + "train/AI_LD_baroque/1.jpg", PictureOf(1)},
                {root + "train/AI_SD_ukiyo-e/1.jpg", PictureOf(2)},
                {root + "test/ukiyo_e/hiroshige_a-lake-1850.jpg", PictureOf(3)},
                {root + "test/post_impressionism/2.jpg", PictureOf(4)},
                {root + "cover/a_b.jpg", PictureOf(5)}});
  const ProcessResult result = ImportMine({"--recipe=ai_artbench"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("1 no rule for its path"));
  auto stored = Stored();
  ASSERT_THAT(stored, SizeIs(4));
  const Provenance& latent =
      stored["archive.zip/" + root + "train/AI_LD_baroque/1.jpg"];
  EXPECT_EQ(latent.label(), LABEL_GENERATED);
  EXPECT_EQ(latent.label_evidence(), LABEL_EVIDENCE_ARCHIVE_CLAIM);
  EXPECT_EQ(latent.work().style(), "baroque");
  EXPECT_EQ(latent.generator().family(), "latent-diffusion");
  const Provenance& standard =
      stored["archive.zip/" + root + "train/AI_SD_ukiyo-e/1.jpg"];
  EXPECT_EQ(standard.work().style(), "ukiyo_e");
  EXPECT_EQ(standard.generator().name(), "standard-diffusion");
  const Provenance& human =
      stored["archive.zip/" + root + "test/ukiyo_e/hiroshige_a-lake-1850.jpg"];
  EXPECT_EQ(human.label(), LABEL_HUMAN);
  EXPECT_FALSE(human.has_generator());
  EXPECT_EQ(human.work().style(), "ukiyo_e");
  EXPECT_EQ(human.work().artist(), "hiroshige");
  EXPECT_EQ(human.work().work_key(), "hiroshige|a lake");
  const Provenance& numbered =
      stored["archive.zip/" + root + "test/post_impressionism/2.jpg"];
  EXPECT_EQ(numbered.work().style(), "post_impressionism");
  EXPECT_EQ(numbered.work().artist(), "");
}

TEST_F(RecipeTest, PromptsLieBesideGeneratedPictures) {
  WriteArchive(mine_ / "shard-000000.tar",
               {{"000.png", PictureOf(1)}, {"000.txt", "a lake\n"}});
  EXPECT_EQ(ImportMine({"--recipe=prompts"}).exit_code, 0);
  const Provenance stored = Stored().at("shard-000000.tar/000.png");
  EXPECT_EQ(stored.source(), "mine");
  EXPECT_EQ(stored.label(), LABEL_GENERATED);
  EXPECT_EQ(stored.generator().prompt(), "a lake");
}

}  // namespace
}  // namespace verso
