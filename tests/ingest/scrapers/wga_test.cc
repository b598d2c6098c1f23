#include "ingest/scrapers/wga.h"

#include <gtest/gtest.h>

#include "tests/ingest/archives.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

constexpr char kHeader[] =
    "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;SCHOOL;"
    "TIMEFRAME\r\n";

std::string Row(const std::string& title, const std::string& page,
                const std::string& form = "painting",
                const std::string& date = "1503-05") {
  return "LEONARDO da Vinci;(b. 1452);" + title + ";" + date +
         ";Oil;Paris;https://www.wga.hu/html/" + page + ".html;" + form +
         ";portrait;Italian;1451-1500\r\n";
}

class WgaTest : public ::testing::Test {
 protected:
  absl::Status ParseCatalogue(const std::string& csv) {
    FakeResponse response(MakeZip({{"readme.txt", "x"}, {"catalog.csv", csv}}));
    return scraper_.Parse(scraper_.Seeds()[0], response, sink_);
  }

  WgaScraper scraper_;
  FakeSink sink_;
};

TEST_F(WgaTest, StartsAtTheCatalogue) {
  ASSERT_EQ(scraper_.Seeds().size(), 1);
  EXPECT_EQ(scraper_.Seeds()[0].url(), "/database/download/data_txt.zip");
}

TEST_F(WgaTest, FindsThePictureOfAPage) {
  ASSERT_TRUE(
      ParseCatalogue(kHeader + Row("Mona Lisa", "l/leonardo/04/0monalis"))
          .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  const WorkItem& item = sink_.items[0];
  EXPECT_EQ(item.id(), "l/leonardo/04/0monalis");
  EXPECT_EQ(item.url(), "/art/l/leonardo/04/0monalis.jpg");
  EXPECT_EQ(item.provenance().work().title(), "Mona Lisa");
  EXPECT_EQ(item.provenance().work().school(), "Italian");
  EXPECT_EQ(item.provenance().label(), LABEL_HUMAN);
  EXPECT_EQ(item.provenance().label_evidence(),
            LABEL_EVIDENCE_DATED_BEFORE_2022);
}

TEST_F(WgaTest, ReplacesOnlyTheFirstHtml) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("A", "h/html/html.html.page")).ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].url(), "/art/h/html/html.html.page.jpg");
}

TEST_F(WgaTest, AsksThePageForAPictureThatIsNotThere) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("Mona Lisa", "l/1")).ok());
  const std::optional<WorkItem> page = scraper_.Instead(sink_.items[0]);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->url(), "/html/l/1.html");
  FakeResponse response(
      "<A HREF=\"/index.html\"><a href=\"http://www.wga.hu/art/l/1_big.jpg\">"
      "<a href=/art/other.jpg>");
  ASSERT_TRUE(scraper_.Parse(*page, response, sink_).ok());
  ASSERT_EQ(sink_.items.size(), 2);
  const WorkItem& linked = sink_.items[1];
  EXPECT_EQ(linked.url(), "/art/l/1_big.jpg");
  EXPECT_EQ(linked.provenance().source_item_id(), "l/1");
  EXPECT_EQ(linked.provenance().work().title(), "Mona Lisa");
  EXPECT_FALSE(scraper_.Instead(*page).has_value());
  EXPECT_FALSE(scraper_.Instead(linked).has_value());
}

TEST_F(WgaTest, APageWithoutAPictureOrWithNoaiIsRefused) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("Mona Lisa", "l/1")).ok());
  const WorkItem page = scraper_.Instead(sink_.items[0]).value();
  for (const auto& [html, reason] :
       {std::pair("<a href=/art/../../etc/x.jpg>", "no picture"),
        std::pair("<meta name=robots content=noai><a href=/art/x.jpg>",
                  "noai")}) {
    FakeResponse response(html);
    EXPECT_EQ(RefusalReason(scraper_.Parse(page, response, sink_)), reason);
  }
  EXPECT_EQ(sink_.items.size(), 1);
}

TEST_F(WgaTest, TakesPaintingsOnly) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("David", "m/1", "sculpture") +
                             Row("Mona Lisa", "m/2"))
                  .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].id(), "m/2");
}

TEST_F(WgaTest, ReadsQuotedFieldsWithSemicolons) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("\"One; \"\"two\"\"\"", "a/1") +
                             Row("\"Quoted\" start", "a/2"))
                  .ok());
  ASSERT_EQ(sink_.items.size(), 2);
  EXPECT_EQ(sink_.items[0].provenance().work().title(), "One; \"two\"");
  EXPECT_EQ(sink_.items[1].provenance().work().title(), "\"Quoted\" start");
}

TEST_F(WgaTest, ReadsTheThreeEncodings) {
  for (const std::string& title :
       {std::string("V\x82rit\x82"), std::string("V\xE9rit\xE9"),
        std::string("V\xC3\xA9rit\xC3\xA9")}) {
    sink_ = FakeSink();
    ASSERT_TRUE(ParseCatalogue(kHeader + Row(title, "a/1")).ok());
    ASSERT_EQ(sink_.items.size(), 1);
    EXPECT_EQ(sink_.items[0].provenance().work().title(), "Vérité");
  }
}

TEST_F(WgaTest, ReadsTheOtherSpellingOfTheHeader) {
  ASSERT_TRUE(ParseCatalogue("ARTIST;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;"
                             "URL;FORM;TYPE;SCHOOL;TIMELINE\n" +
                             Row("Mona Lisa", "a/1"))
                  .ok());
  EXPECT_EQ(sink_.items.size(), 1);
}

TEST_F(WgaTest, CountsBadRowsAndGoesOn) {
  ASSERT_TRUE(ParseCatalogue(std::string(kHeader) + "too;few\n" +
                             Row("Up", "../../etc/passwd") + Row("A", "a/1"))
                  .ok());
  EXPECT_EQ(sink_.refused["bad catalogue row"], 2);
  EXPECT_EQ(sink_.items.size(), 1);
}

TEST_F(WgaTest, ADetailIsOneWorkWithItsWhole) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("Mona Lisa", "a/1") +
                             Row("Mona Lisa (detail)", "a/2") +
                             Row("Last Supper", "a/3"))
                  .ok());
  ASSERT_EQ(sink_.items.size(), 3);
  const auto key = [&](int i) {
    return sink_.items[i].provenance().work().work_key();
  };
  EXPECT_EQ(key(0), key(1));
  EXPECT_NE(key(0), key(2));
}

TEST_F(WgaTest, AWebPageIsNoCatalogue) {
  FakeResponse response("<html>not today</html>");
  const absl::Status status =
      scraper_.Parse(scraper_.Seeds()[0], response, sink_);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(RefusalReason(status), "not an archive");
}

TEST_F(WgaTest, HalfACatalogueGivesNothing) {
  std::string csv = kHeader;
  for (int i = 0; i < 200; ++i) csv += Row("A", "a/" + std::to_string(i * i));
  const std::string zip = MakeZip({{"catalog.csv", csv}});
  FakeResponse response(zip.substr(0, zip.size() / 2));
  EXPECT_FALSE(scraper_.Parse(scraper_.Seeds()[0], response, sink_).ok());
  EXPECT_TRUE(sink_.items.empty());
}

TEST_F(WgaTest, AnImageIsTheRecordOfItsItem) {
  ASSERT_TRUE(ParseCatalogue(kHeader + Row("Mona Lisa", "a/1")).ok());
  FakeResponse response("bytes");
  ASSERT_TRUE(scraper_.Parse(sink_.items[0], response, sink_).ok());
  ASSERT_EQ(sink_.records.size(), 1);
  EXPECT_EQ(sink_.records[0].image(), "bytes");
  EXPECT_EQ(sink_.records[0].provenance().work().title(), "Mona Lisa");
}

}  // namespace
}  // namespace verso
