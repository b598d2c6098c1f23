#include "ingest/scrapers/lofi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/sha256.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

Record Parent() {
  Record record;
  Provenance& provenance = *record.mutable_provenance();
  provenance.set_sha256(Sha256Hex("parent"));
  provenance.mutable_work()->set_title("water lilies 1906");
  provenance.mutable_work()->set_style("post_impressionism");
  provenance.mutable_work()->set_work_key("key");
  return record;
}

class LofiTest : public ::testing::Test {
 protected:
  absl::Status ParseAnswer(const std::string& json) {
    FakeResponse response(json);
    return scraper_.Parse(item_, response, sink_);
  }

  LofiScraper scraper_;
  WorkItem item_ = scraper_.Derive(Parent()).value();
  FakeSink sink_;
};

TEST_F(LofiTest, AsksForThePapersSettings) {
  EXPECT_EQ(item_.url(), "/sdapi/v1/txt2img");
  EXPECT_EQ(item_.kind(), FETCH_KIND_GENERATOR);
  const auto body = nlohmann::json::parse(item_.post_body());
  EXPECT_EQ(body["prompt"], "post-impressionism painting of water lilies 1906");
  EXPECT_EQ(body["steps"], 32);
  EXPECT_EQ(body["cfg_scale"], 7.5);
  EXPECT_EQ(body["sampler_name"], "DDIM");
  EXPECT_EQ(body["eta"], 0);
  EXPECT_EQ(body["width"], 256);
  EXPECT_EQ(body["height"], 256);
}

TEST_F(LofiTest, AStyleThatArtbenchDoesNotKnowIsNotPrompted) {
  Record parent = Parent();
  parent.mutable_provenance()->mutable_work()->set_style("unlabelled");
  const WorkItem item = scraper_.Derive(parent).value();
  EXPECT_EQ(item.provenance().generator().prompt(),
            "painting of water lilies 1906");
}

TEST_F(LofiTest, ThePaintingsOfTheBinaryBatchesAreNotTakenAgain) {
  Record parent = Parent();
  parent.mutable_provenance()->set_collection("artbench-32");
  EXPECT_FALSE(scraper_.Derive(parent).has_value());
}

TEST_F(LofiTest, TheSameParentAsksTheSame) {
  EXPECT_EQ(scraper_.Derive(Parent())->SerializeAsString(),
            item_.SerializeAsString());
}

TEST_F(LofiTest, IsAChildOfItsParentAndGoesWithItsWork) {
  EXPECT_EQ(item_.provenance().parent(), RecordIdOf(Sha256Hex("parent")));
  EXPECT_EQ(item_.provenance().work().work_key(), "key");
  EXPECT_EQ(item_.provenance().label_evidence(),
            LABEL_EVIDENCE_GENERATED_BY_US);
}

TEST_F(LofiTest, ARecordWithoutATitleGivesNothing) {
  EXPECT_FALSE(scraper_.Derive(Record()).has_value());
}

TEST_F(LofiTest, ReadsThePictureAndTheInfoInsideTheJson) {
  const nlohmann::json info = {{"seed", 42},
                               {"sampler_name", "DDIM"},
                               {"sd_model_name", "sd-v1-4"},
                               {"sd_model_hash", "7460a6fa"}};
  const nlohmann::json answer = {{"images", {"aGVsbG8="}},
                                 {"parameters", nlohmann::json::object()},
                                 {"info", info.dump()}};
  ASSERT_TRUE(ParseAnswer(answer.dump()).ok());
  ASSERT_EQ(sink_.records.size(), 1);
  EXPECT_EQ(sink_.records[0].image(), "hello");
  const Generator& generator = sink_.records[0].provenance().generator();
  EXPECT_EQ(generator.seed(), "42");
  EXPECT_EQ(generator.name(), "sd-v1-4");
  EXPECT_EQ(generator.version(), "7460a6fa");
}

TEST_F(LofiTest, RefusesAnswersWithoutAPicture) {
  EXPECT_EQ(RefusalReason(ParseAnswer(R"({"images":[],"info":"{}"})")),
            "no picture");
  EXPECT_EQ(RefusalReason(ParseAnswer(R"({"images":["*"],"info":"{}"})")),
            "no picture");
  EXPECT_EQ(RefusalReason(ParseAnswer(R"({"images":["aGVsbG8="]})")),
            "not JSON");
  EXPECT_EQ(RefusalReason(ParseAnswer("<html>")), "html");
}

}  // namespace
}  // namespace verso
