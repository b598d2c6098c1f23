// Lexica's "infinite-prompts", which its own page asks.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ingest/scrapers/lexica.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

constexpr char kPrompt[] = R"({"prompts":[{"id":"p","prompt":"a fox",
    "negativePrompt":"blurry","grid":false,"seed":"42","c":7.5,
    "model":"lexica-aperture-v3.5","width":1024,"height":768,
    "initImage":null,"is_private":false,"userid":"person-1",
    "ip_address":"192.0.2.7","fingerprint_id":"print-1",
    "images":[{"id":"a","promptid":"p","width":512,"height":384,
               "userid":"person-1","variationForImageUrl":null},
              {"id":"b"}]}],
    "nextCursor":50})";

class LexicaPromptsTest : public ::testing::Test {
 protected:
  absl::Status Parse(const WorkItem& item, const std::string& json) {
    FakeResponse response(json);
    return scraper_.Parse(item, response, sink_);
  }
  absl::Status ParseFirst(const std::string& json) {
    return Parse(scraper_.Seeds()[0], json);
  }
  // What follows a page with one picture and this "nextCursor".
  std::vector<WorkItem> ItemsAfter(const WorkItem& item,
                                   const std::string& next) {
    sink_ = FakeSink();
    EXPECT_TRUE(Parse(item, R"({"prompts":[{"id":"p","images":[{"id":"a"}]}])" +
                                next + "}")
                    .ok());
    return sink_.items;
  }

  const LexicaScraper scraper_{"http://base/lexica",
                               LexicaApi::kInfinitePrompts};
  FakeSink sink_;
};

TEST_F(LexicaPromptsTest, AsksForEachStyleFromTheFirstPageOn) {
  const std::vector<WorkItem> seeds = scraper_.Seeds();
  ASSERT_EQ(seeds.size(), 10);
  EXPECT_EQ(seeds[0].url(), "/api/infinite-prompts");
  EXPECT_EQ(seeds[0].content_type(), "application/json");
  const auto body = nlohmann::json::parse(seeds[0].post_body());
  EXPECT_EQ(body["text"], "art nouveau painting");
  EXPECT_EQ(body["searchMode"], "images");
  EXPECT_EQ(body["source"], "search");
  EXPECT_EQ(body["cursor"], 0);
  EXPECT_FALSE(scraper_.DerivesFrom().has_value());
}

TEST_F(LexicaPromptsTest, ReadsThePicturesInsideTheirPrompts) {
  ASSERT_TRUE(ParseFirst(kPrompt).ok());
  ASSERT_EQ(sink_.items.size(), 3);
  const WorkItem& item = sink_.items[0];
  EXPECT_EQ(item.id(), "a");
  EXPECT_EQ(item.url(), "/full_jpg/a");
  EXPECT_EQ(item.base(), 1);
  const Provenance& provenance = item.provenance();
  EXPECT_EQ(provenance.label(), LABEL_GENERATED);
  EXPECT_EQ(provenance.found_by(), "art nouveau painting");
  EXPECT_EQ(provenance.width(), 512);
  EXPECT_EQ(sink_.items[1].provenance().width(), 1024);
  const Generator& generator = provenance.generator();
  EXPECT_EQ(generator.name(), "lexica-aperture-v3.5");
  EXPECT_EQ(generator.family(), "lexica-aperture");
  EXPECT_EQ(generator.seed(), "42");
  EXPECT_EQ(generator.guidance(), 7.5);
  EXPECT_EQ(generator.prompt(), "a fox");
  EXPECT_EQ(generator.negative_prompt(), "blurry");
  EXPECT_EQ(generator.edit_mode(), "txt2img");
  EXPECT_EQ(provenance.work().work_key(),
            sink_.items[1].provenance().work().work_key());
}

TEST_F(LexicaPromptsTest, ReadsTheOlderShapeWithPicturesBesideThePrompts) {
  ASSERT_TRUE(ParseFirst(R"({"prompts":[{"id":"p","prompt":"a fox","seed":7,
      "c":9,"model":"stable-diffusion"},{"id":"q","prompt":"a hill"}],
      "images":[{"id":"a","promptid":"q"},{"id":"b","promptid":"p"},
                {"id":"c","promptid":"gone","prompt":"its own"}]})")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 3);
  EXPECT_EQ(sink_.items[0].provenance().generator().prompt(), "a hill");
  const Generator& second = sink_.items[1].provenance().generator();
  EXPECT_EQ(second.prompt(), "a fox");
  EXPECT_EQ(second.seed(), "7");
  EXPECT_EQ(second.guidance(), 9);
  EXPECT_EQ(sink_.items[2].provenance().generator().prompt(), "its own");
  EXPECT_NE(sink_.items[0].provenance().work().work_key(),
            sink_.items[1].provenance().work().work_key());
}

TEST_F(LexicaPromptsTest, KeepsNothingOfPersons) {
  ASSERT_TRUE(ParseFirst(kPrompt).ok());
  for (const WorkItem& item : sink_.items) {
    for (const char* person : {"person-1", "192.0.2.7", "print-1"}) {
      EXPECT_EQ(item.SerializeAsString().find(person), std::string::npos)
          << person;
    }
  }
}

TEST_F(LexicaPromptsTest, FollowsTheServersCursor) {
  ASSERT_TRUE(ParseFirst(kPrompt).ok());
  const WorkItem next = sink_.items.back();
  EXPECT_EQ(next.kind(), FETCH_KIND_PAGE);
  EXPECT_NE(next.id(), scraper_.Seeds()[0].id());
  const auto body = nlohmann::json::parse(next.post_body());
  EXPECT_EQ(body["cursor"], 50);
  EXPECT_EQ(body["text"], "art nouveau painting");
  EXPECT_EQ(ItemsAfter(next, R"(,"nextCursor":120)").size(), 2);
}

TEST_F(LexicaPromptsTest, StopsWithoutACursorThatMovesOn) {
  const WorkItem first = scraper_.Seeds()[0];
  const WorkItem second = ItemsAfter(first, R"(,"nextCursor":50)").back();
  for (const char* next : {"", R"(,"nextCursor":null)", R"(,"nextCursor":50)",
                           R"(,"nextCursor":0)", R"(,"nextCursor":"100")",
                           R"(,"nextCursor":18446744073709551615)"}) {
    EXPECT_EQ(ItemsAfter(second, next).size(), 1) << next;
  }
}

TEST_F(LexicaPromptsTest, AnEmptyPageIsTheLast) {
  ASSERT_TRUE(ParseFirst(R"({"prompts":[],"nextCursor":50})").ok());
  ASSERT_TRUE(ParseFirst(R"({"prompts":[{"id":"p","images":[]}],
                             "nextCursor":50})")
                  .ok());
  EXPECT_TRUE(sink_.items.empty());
}

TEST_F(LexicaPromptsTest, ACursorWithoutEndEnds) {
  WorkItem item = scraper_.Seeds()[0];
  int pages = 1;
  while (true) {
    const std::vector<WorkItem> items =
        ItemsAfter(item, ",\"nextCursor\":" + std::to_string(pages * 50));
    if (items.size() == 1) break;
    item = items.back();
    ASSERT_LE(++pages, LexicaScraper::kMaxPages);
  }
  EXPECT_EQ(pages, LexicaScraper::kMaxPages);
}

TEST_F(LexicaPromptsTest, LeavesOutGridsNsfwPrivateAndIdsThatAreNoIds) {
  ASSERT_TRUE(ParseFirst(R"({"prompts":[
      {"id":"p","grid":true,"images":[{"id":"a"}]},
      {"id":"q","is_private":true,"images":[{"id":"b"},{"id":"c"}]},
      {"id":"r","images":[{"id":"d","nsfw":true},{"id":"../e"},{}]}]})")
                  .ok());
  EXPECT_TRUE(sink_.items.empty());
  EXPECT_EQ(sink_.refused["grid"], 1);
  EXPECT_EQ(sink_.refused["private"], 2);
  EXPECT_EQ(sink_.refused["nsfw"], 1);
  EXPECT_EQ(sink_.refused["bad id"], 2);
}

TEST_F(LexicaPromptsTest, APictureMadeFromAnotherOneSaysSo) {
  ASSERT_TRUE(ParseFirst(R"({"prompts":[
      {"id":"p","initImage":"https://x/photo.jpg","images":[{"id":"a"}]},
      {"id":"q","initImage":null,"images":[
          {"id":"b","variationForImageUrl":"https://x/b.jpg"},
          {"id":"c","image_prompt_strength":0.5},
          {"id":"d","variationForImageUrl":null}]},
      {"id":"r","images":[{"id":"e"}]}]})")
                  .ok());
  std::vector<std::string> modes;
  for (const WorkItem& item : sink_.items) {
    EXPECT_EQ(item.provenance().label(), LABEL_GENERATED);
    modes.push_back(item.provenance().generator().edit_mode());
  }
  EXPECT_EQ(modes, (std::vector<std::string>{"img2img", "variation", "img2img",
                                             "txt2img", ""}));
}

TEST_F(LexicaPromptsTest, OtherAnswersAreCountedAsSuch) {
  EXPECT_EQ(RefusalReason(ParseFirst("<!DOCTYPE html>")), "html");
  EXPECT_EQ(RefusalReason(ParseFirst("{\"prompts\":")), "not JSON");
  EXPECT_EQ(RefusalReason(ParseFirst("{\"error\":1}")), "not a search result");
}

}  // namespace
}  // namespace verso
