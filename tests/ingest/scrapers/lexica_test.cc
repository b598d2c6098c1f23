#include "ingest/scrapers/lexica.h"

#include <gtest/gtest.h>

#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

class LexicaTest : public ::testing::Test {
 protected:
  absl::Status ParseSearch(const std::string& json) {
    FakeResponse response(json);
    return scraper_.Parse(scraper_.Seeds()[0], response, sink_);
  }

  LexicaScraper scraper_{"http://base/lexica"};
  FakeSink sink_;
};

TEST_F(LexicaTest, SearchesByTextForEachStyle) {
  const std::vector<WorkItem> seeds = scraper_.Seeds();
  ASSERT_EQ(seeds.size(), 10);
  EXPECT_EQ(seeds[0].url(), "/api/v1/search?q=art%20nouveau%20painting");
}

TEST_F(LexicaTest, SearchesByThePictureOfAnArtbenchRecord) {
  Record record;
  record.mutable_provenance()->set_image_url("https://w/a b.jpg?x=1&y=2");
  const std::optional<WorkItem> item = scraper_.Derive(record);
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(item->url(),
            "/api/v1/search?q=https%3A%2F%2Fw%2Fa%20b.jpg%3Fx%3D1%26y%3D2");
  EXPECT_EQ(scraper_.DerivesFrom()->source(0), "artbench");
  EXPECT_FALSE(scraper_.Derive(Record()).has_value());
}

TEST_F(LexicaTest, KeepsPromptAndSettingsOfAPicture) {
  ASSERT_TRUE(ParseSearch(R"({"images":[{"id":"82ce-1","prompt":"a \"cat\"",
      "src":"http://evil/x","seed":"4294967295","model":"stable-diffusion",
      "guidance":7,"promptid":"p1","grid":false,"nsfw":false,
      "userid":"u","ip_address":"1.2.3.4"}]})")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  const WorkItem& item = sink_.items[0];
  EXPECT_EQ(item.url(), "/full_jpg/82ce-1");
  EXPECT_EQ(item.base(), 1);
  const Generator& generator = item.provenance().generator();
  EXPECT_EQ(generator.prompt(), "a \"cat\"");
  EXPECT_EQ(generator.seed(), "4294967295");
  EXPECT_EQ(generator.guidance(), 7);
  EXPECT_EQ(generator.family(), "stable-diffusion");
  EXPECT_EQ(item.provenance().found_by(), "art nouveau painting");
  EXPECT_EQ(item.provenance().label(), LABEL_GENERATED);
  EXPECT_EQ(item.DebugString().find("1.2.3.4"), std::string::npos);
}

TEST_F(LexicaTest, ASeedMayBeANumber) {
  ASSERT_TRUE(ParseSearch(R"({"images":[{"id":"a","seed":4294967295}]})").ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].provenance().generator().seed(), "4294967295");
}

TEST_F(LexicaTest, LeavesOutGridsNsfwAndIdsThatAreNoIds) {
  ASSERT_TRUE(ParseSearch(R"({"images":[{"id":"a","grid":true},
      {"id":"b","nsfw":true},{"id":"../../x"},{"prompt":"no id"},{"id":"c"}]})")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].id(), "c");
  EXPECT_EQ(sink_.refused["grid"], 1);
  EXPECT_EQ(sink_.refused["nsfw"], 1);
  EXPECT_EQ(sink_.refused["bad id"], 2);
}

TEST_F(LexicaTest, DoesNotMakeUpHowAPictureWasMade) {
  ASSERT_TRUE(ParseSearch(R"({"images":[{"id":"a"}]})").ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].provenance().generator().edit_mode(), "");
}

TEST_F(LexicaTest, PicturesOfOnePromptAreOneWork) {
  ASSERT_TRUE(ParseSearch(R"({"images":[{"id":"a","promptid":"p"},
      {"id":"b","promptid":"p"},{"id":"c","promptid":"q"}]})")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 3);
  const auto key = [&](int i) {
    return sink_.items[i].provenance().work().work_key();
  };
  EXPECT_EQ(key(0), key(1));
  EXPECT_NE(key(0), key(2));
}

TEST_F(LexicaTest, NoResultIsNoError) {
  EXPECT_TRUE(ParseSearch(R"({"images":[]})").ok());
  EXPECT_TRUE(sink_.items.empty());
}

TEST_F(LexicaTest, AWebPageForJsonIsCountedAsSuch) {
  EXPECT_EQ(RefusalReason(ParseSearch("<!DOCTYPE html><p>Just a moment")),
            "html");
  EXPECT_EQ(RefusalReason(ParseSearch("{\"images\":[")), "not JSON");
  EXPECT_EQ(RefusalReason(ParseSearch("[]")), "not a search result");
}

}  // namespace
}  // namespace verso
