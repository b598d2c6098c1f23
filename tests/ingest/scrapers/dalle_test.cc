#include "ingest/scrapers/dalle.h"

#include <gtest/gtest.h>

#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

class DalleTest : public ::testing::Test {
 protected:
  absl::Status ParsePage(const std::string& json) {
    FakeResponse response(json);
    return scraper_.Parse(scraper_.Seeds()[0], response, sink_);
  }

  DalleScraper scraper_{"http://base/dalle"};
  FakeSink sink_;
};

TEST_F(DalleTest, StartsAtPageZero) {
  ASSERT_EQ(scraper_.Seeds().size(), 1);
  EXPECT_EQ(scraper_.Seeds()[0].url(),
            "/api/images/aggregated?pagesize=20&page=0");
}

TEST_F(DalleTest, TakesGeneratedPicturesAndTheNextPage) {
  ASSERT_TRUE(ParsePage(R"([{"Ids":["generation-a","generation-b"],
      "Caption":"a fox","PromptImagePath":"http://x/photo.png"}])")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 3);
  EXPECT_EQ(sink_.items[0].url(), "/generation-a/generated");
  EXPECT_EQ(sink_.items[0].base(), 1);
  EXPECT_EQ(sink_.items[0].provenance().generator().prompt(), "a fox");
  EXPECT_EQ(sink_.items[0].provenance().generator().family(), "dall-e");
  EXPECT_EQ(sink_.items[0].provenance().work().work_key(),
            sink_.items[1].provenance().work().work_key());
  EXPECT_EQ(sink_.items[2].id(), "page/1");
}

TEST_F(DalleTest, NeverTakesThePictureThatWasPrompted) {
  ASSERT_TRUE(ParsePage(R"([{"Ids":[],"Caption":"a fox",
      "PromptImagePath":"http://x/photo.png"}])")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].kind(), FETCH_KIND_PAGE);
}

TEST_F(DalleTest, NullFieldsAreUnknown) {
  ASSERT_TRUE(
      ParsePage(R"([{"Ids":["a"],"Caption":null,"PromptImagePath":null}])")
          .ok());
  ASSERT_EQ(sink_.items.size(), 2);
  EXPECT_EQ(sink_.items[0].provenance().generator().prompt(), "");
}

TEST_F(DalleTest, AnEmptyPageIsTheLast) {
  ASSERT_TRUE(ParsePage("[]").ok());
  EXPECT_TRUE(sink_.items.empty());
}

TEST_F(DalleTest, RefusesIdsThatAreNoIdsAndAnswersThatAreNoPages) {
  ASSERT_TRUE(ParsePage(R"([{"Ids":["../x",7]},"text"])").ok());
  EXPECT_EQ(sink_.refused["bad id"], 2);
  EXPECT_EQ(RefusalReason(ParsePage(R"({"error":"x"})")),
            "not a page of entries");
  EXPECT_EQ(RefusalReason(ParsePage("<html>")), "html");
}

TEST_F(DalleTest, WhatWasMadeFromAPictureSaysSo) {
  ASSERT_TRUE(ParsePage(R"([{"Ids":["a"],"PromptImagePath":"http://x/p.png"},
      {"Ids":["b"],"PromptImagePath":null}])")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 3);
  EXPECT_EQ(sink_.items[0].provenance().generator().edit_mode(), "img2img");
  EXPECT_EQ(sink_.items[1].provenance().generator().edit_mode(), "");
}

class DalleManifestTest : public ::testing::Test {
 protected:
  absl::Status Parse(const std::string& lines) {
    FakeResponse response(lines);
    return scraper_.Parse(scraper_.Seeds()[0], response, sink_);
  }

  DalleScraper scraper_{"http://base/dalle", "/kept/dalle.jsonl?v=1"};
  FakeSink sink_;
};

TEST_F(DalleManifestTest, TakesTheSitesPlace) {
  ASSERT_EQ(scraper_.Seeds().size(), 1);
  EXPECT_EQ(scraper_.Seeds()[0].url(), "/kept/dalle.jsonl?v=1");
  EXPECT_EQ(scraper_.Seeds()[0].base(), 2);
}

TEST_F(DalleManifestTest, GivesThePicturesOfItsLinesAtTheConfiguredHost) {
  ASSERT_TRUE(Parse("{\"id\":\"a\",\"caption\":\"a fox\",\"url\":"
                    "\"http://elsewhere/a\"}\r\n\n"
                    "{\"id\":\"b\",\"caption\":null}")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 2);
  EXPECT_EQ(sink_.items[0].url(), "/a/generated");
  EXPECT_EQ(sink_.items[0].base(), 1);
  EXPECT_EQ(sink_.items[0].provenance().generator().prompt(), "a fox");
  EXPECT_EQ(sink_.items[1].id(), "b");
  EXPECT_TRUE(sink_.refused.empty());
}

TEST_F(DalleManifestTest, ABadLineCostsOneRow) {
  std::string lines = "{\"id\":\"a\"}\n";
  lines += "{\"id\":\"../b\"}\nno JSON\n[]\n";
  lines += std::string(100'000, 'x') + "\n{\"id\":\"c\"}\n";
  ASSERT_TRUE(Parse(lines).ok());
  EXPECT_EQ(sink_.items.size(), 2);
  EXPECT_EQ(sink_.refused["bad manifest line"], 5);  // The long one in two.
}

TEST_F(DalleManifestTest, AnotherFileIsNoManifest) {
  EXPECT_EQ(RefusalReason(Parse("<html>\ngone\n")), "html");
  EXPECT_EQ(RefusalReason(Parse("id,caption\n")), "not JSON");
  EXPECT_EQ(RefusalReason(Parse("\n\n")), "not a manifest");
}

}  // namespace
}  // namespace verso
