#include "ingest/scrapers/artbench.h"

#include <gtest/gtest.h>

#include "common/base/sha256.h"
#include "tests/ingest/archives.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {
namespace {

constexpr char kMonet[] =
    "artbench-10-imagefolder-split/train/impressionism/"
    "claude-monet_water-lilies-1906.jpg";

class ArtbenchTest : public ::testing::Test {
 protected:
  absl::Status Parse(const std::string& id, const std::string& body) {
    WorkItem item;
    item.set_id(id);
    FakeResponse response(body);
    return scraper_.Parse(item, response, sink_);
  }
  absl::Status ParseTar(const std::string& tar) {
    return Parse("artbench-10-imagefolder-split.tar", tar);
  }

  ArtbenchScraper scraper_{"http://base/artbench"};
  FakeSink sink_;
};

TEST_F(ArtbenchTest, StartsAtTableAndChecksums) {
  const std::vector<WorkItem> seeds = scraper_.Seeds();
  ASSERT_EQ(seeds.size(), 2);
  EXPECT_TRUE(seeds[0].optional());
  EXPECT_EQ(seeds[1].url(), "/files/ArtBench-10.csv");
}

TEST_F(ArtbenchTest, JoinsTableAndTarByNameWhateverTheColumnsOrder) {
  ASSERT_TRUE(Parse("ArtBench-10.csv",
                    "label,url,name,artist,is_public_domain\n"
                    "impressionism,https://w/m.jpg,claude-monet_water-lilies-"
                    "1906.jpg,claude-monet,True\n")
                  .ok());
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].kind(), FETCH_KIND_ARCHIVE);
  ASSERT_TRUE(ParseTar(MakeTar({{kMonet, "bytes"}})).ok());
  ASSERT_EQ(sink_.records.size(), 1);
  const Provenance& provenance = sink_.records[0].provenance();
  EXPECT_EQ(provenance.image_url(), "https://w/m.jpg");
  EXPECT_EQ(provenance.source_item_id(),
            "impressionism/claude-monet_water-lilies-1906");
  EXPECT_EQ(provenance.work().style(), "impressionism");
  EXPECT_EQ(provenance.work().title(), "water lilies 1906");
  EXPECT_EQ(provenance.work().artist(), "claude monet");
  EXPECT_TRUE(provenance.work().public_domain());
  EXPECT_EQ(provenance.label(), LABEL_HUMAN);
}

TEST_F(ArtbenchTest, AMemberWithoutARowIsKept) {
  ASSERT_TRUE(ParseTar(MakeTar({{kMonet, "bytes"}, {"README", "x"}})).ok());
  ASSERT_EQ(sink_.records.size(), 1);
  EXPECT_EQ(sink_.records[0].provenance().work().artist(), "claude monet");
}

TEST_F(ArtbenchTest, ChecksTheTarAgainstTheSitesList) {
  const std::string tar = MakeTar({{kMonet, "bytes"}});
  ASSERT_TRUE(Parse("SHA256SUMS",
                    Sha256Hex(tar) + "  artbench-10-imagefolder-split.tar\n")
                  .ok());
  EXPECT_TRUE(ParseTar(tar).ok());
  const absl::Status other = ParseTar(MakeTar({{kMonet, "other"}}));
  EXPECT_EQ(RefusalReason(other), "wrong checksum") << other;
}

TEST_F(ArtbenchTest, AChecksumIsHexDigitsOrNone) {
  ASSERT_TRUE(Parse("SHA256SUMS", std::string(64, '\xff') + "  a.tar\n" +
                                      std::string(64, 'A') + "  b.tar\n" +
                                      std::string(63, 'a') + "  c.tar\n")
                  .ok());
  ASSERT_EQ(sink_.notes.size(), 1);
  EXPECT_EQ(sink_.notes["sha256/b.tar"].sha256(), std::string(64, 'a'));
}

TEST_F(ArtbenchTest, CountsWhatTheTableHasAndTheTarHasNot) {
  ASSERT_TRUE(Parse("ArtBench-10.csv",
                    "name,label,split\n"
                    "claude-monet_water-lilies-1906.jpg,impressionism,train\n"
                    "a_gone.jpg,impressionism,train\n"
                    "b_gone.jpg,realism,test\nc_gone.jpg,realism,test\n")
                  .ok());
  const std::string extra =
      "artbench-10-imagefolder-split/test/realism/d_extra.jpg";
  ASSERT_TRUE(
      ParseTar(MakeTar({{kMonet, "bytes"}, {extra, "not in the table"}})).ok());
  EXPECT_EQ(sink_.records.size(), 2);
  EXPECT_EQ(sink_.refused["missing from the archive"], 3);
}

TEST_F(ArtbenchTest, ATarThatHasWhatTheTableHasIsComplete) {
  ASSERT_TRUE(Parse("ArtBench-10.csv",
                    "name,label,split\n"
                    "claude-monet_water-lilies-1906.jpg,impressionism,train\n")
                  .ok());
  ASSERT_TRUE(ParseTar(MakeTar({{kMonet, "bytes"}})).ok());
  EXPECT_TRUE(sink_.refused.empty());
}

TEST_F(ArtbenchTest, HalfATarIsDataLossAfterItsWholeMembers) {
  const std::string tar =
      MakeTar({{kMonet, std::string(600, 'a')},
               {"x/test/realism/b_c.jpg", std::string(20000, 'b')}});
  EXPECT_TRUE(absl::IsDataLoss(ParseTar(tar.substr(0, 6000))));
  EXPECT_EQ(sink_.records.size(), 1);
}

TEST_F(ArtbenchTest, ATableWithoutNamesIsRefused) {
  EXPECT_EQ(RefusalReason(Parse("ArtBench-10.csv", "a,b\n1,2\n")),
            "not a table");
  EXPECT_EQ(RefusalReason(Parse("ArtBench-10.csv", "")), "not a table");
}

TEST(StyleInWordsTest, IsAsInThePapersPrompts) {
  EXPECT_EQ(StyleInWords("art_nouveau"), "art nouveau");
  EXPECT_EQ(StyleInWords("post_impressionism"), "post-impressionism");
  EXPECT_EQ(StyleInWords("ukiyo_e"), "ukiyo-e");
  EXPECT_EQ(StyleInWords("unlabelled"), "");
}

}  // namespace
}  // namespace verso
