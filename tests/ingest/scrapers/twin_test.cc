#include "ingest/scrapers/twin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "common/base/sha256.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

using ::testing::ElementsAre;

Record Painting(int width = 807, int height = 600) {
  Record record;
  record.set_image("the painting's bytes");
  Provenance& provenance = *record.mutable_provenance();
  provenance.set_source("wga");
  provenance.set_source_item_id("l/leonardo/04/0monalis");
  provenance.set_label(LABEL_HUMAN);
  provenance.set_sha256(Sha256Hex(record.image()));
  provenance.set_width(width);
  provenance.set_height(height);
  provenance.mutable_work()->set_title("Mona Lisa");
  provenance.mutable_work()->set_work_key("key");
  return record;
}

class TwinTest : public ::testing::Test {
 protected:
  nlohmann::json BodyFor(const Record& parent) const {
    const WorkItem item = scraper_.Derive(parent).value();
    return nlohmann::json::parse(scraper_.PostBody(item, parent).value());
  }

  const TwinScraper scraper_{0.3};
};

TEST_F(TwinTest, StartsFromPaintingsOfBothArchives) {
  const RecordQuery query = scraper_.DerivesFrom().value();
  EXPECT_THAT(query.source(), ElementsAre("wga", "artbench"));
  EXPECT_THAT(query.label(), ElementsAre(LABEL_HUMAN));
  EXPECT_FALSE(query.include_bytes());
}

TEST_F(TwinTest, WhatIsQueuedHoldsNoPicture) {
  const WorkItem item = scraper_.Derive(Painting()).value();
  EXPECT_EQ(item.url(), "/sdapi/v1/img2img");
  EXPECT_EQ(item.kind(), FETCH_KIND_GENERATOR);
  EXPECT_EQ(item.post_body(), "");
  EXPECT_TRUE(scraper_.PostsParent());
}

TEST_F(TwinTest, PostsItsParentWithLowStrengthAndThePapersSettings) {
  const nlohmann::json body = BodyFor(Painting());
  EXPECT_EQ(body["init_images"].size(), 1);
  EXPECT_EQ(body["init_images"][0], absl::Base64Escape("the painting's bytes"));
  EXPECT_EQ(body["denoising_strength"], 0.3);
  EXPECT_EQ(body["prompt"], "painting of Mona Lisa");
  EXPECT_EQ(body["steps"], 32);
  EXPECT_EQ(body["cfg_scale"], 7.5);
  EXPECT_EQ(body["sampler_name"], "DDIM");
}

TEST_F(TwinTest, HasItsParentsSizeInWholeBlocksAndNeverALargerOne) {
  const nlohmann::json odd = BodyFor(Painting(807, 600));
  EXPECT_EQ(odd["width"], 800);
  EXPECT_EQ(odd["height"], 600);
  EXPECT_EQ(odd["resize_mode"], 1);
  EXPECT_EQ(BodyFor(Painting(256, 256))["width"], 256);
  EXPECT_EQ(BodyFor(Painting(71, 2048))["width"], 64);
}

TEST_F(TwinTest, IsAChildOfItsParentAndGoesWithItsWork) {
  const WorkItem item = scraper_.Derive(Painting()).value();
  const Provenance& twin = item.provenance();
  EXPECT_EQ(twin.parent(), RecordIdOf(Sha256Hex("the painting's bytes")));
  EXPECT_EQ(twin.work().work_key(), "key");
  EXPECT_EQ(twin.label(), LABEL_GENERATED);
  EXPECT_EQ(twin.label_evidence(), LABEL_EVIDENCE_GENERATED_BY_US);
  EXPECT_EQ(twin.collection(), "twin-wga");
  EXPECT_EQ(twin.generator().edit_mode(), "img2img");
  EXPECT_EQ(twin.generator().denoising_strength(), 0.3);
}

TEST_F(TwinTest, TheSeedFollowsFromTheParent) {
  Record other = Painting();
  other.mutable_provenance()->set_sha256(Sha256Hex("another"));
  EXPECT_EQ(BodyFor(Painting())["seed"], BodyFor(Painting())["seed"]);
  EXPECT_NE(BodyFor(Painting())["seed"], BodyFor(other)["seed"]);
}

TEST_F(TwinTest, WhatCannotHaveATwinGivesNothing) {
  EXPECT_FALSE(scraper_.Derive(Painting(63, 600)).has_value());
  EXPECT_FALSE(scraper_.Derive(Painting(600, 2049)).has_value());
  Record generated = Painting();
  generated.mutable_provenance()->set_label(LABEL_GENERATED);
  EXPECT_FALSE(scraper_.Derive(generated).has_value());
  Record untitled = Painting();
  untitled.mutable_provenance()->mutable_work()->clear_title();
  EXPECT_FALSE(scraper_.Derive(untitled).has_value());
}

TEST_F(TwinTest, TheServersWordOnTheStrengthWins) {
  const WorkItem item = scraper_.Derive(Painting()).value();
  const nlohmann::json info = {{"seed", 7}, {"denoising_strength", 0.25}};
  const nlohmann::json answer = {{"images", {"aGVsbG8="}},
                                 {"info", info.dump()}};
  FakeResponse response(answer.dump());
  FakeSink sink;
  ASSERT_TRUE(scraper_.Parse(item, response, sink).ok());
  ASSERT_EQ(sink.records.size(), 1);
  EXPECT_EQ(sink.records[0].image(), "hello");
  const Generator& generator = sink.records[0].provenance().generator();
  EXPECT_EQ(generator.denoising_strength(), 0.25);
  EXPECT_EQ(generator.seed(), "7");
}

}  // namespace
}  // namespace verso
