// What each site gives when it does well: the scrapers and the gallery's sites
// speak one format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "common/base/sha256.h"
#include "tests/ingest/site_testing.h"

namespace verso {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class SitesTest : public SiteTest {};

TEST_F(SitesTest, LexicasPagesAreFollowedInBothShapes) {
  pictures_ = 400;  // 40 and more of each style: three pages.
  choices_.lexica_api = "infinite_prompts";
  Serve("/lexica-images=same");
  const SourceResult result = Ingest({"lexica"});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_GE(Accesses("/lexica/api/infinite-prompts").size(), 30);
  EXPECT_EQ(result.counts.fetched(), pictures_);
  EXPECT_EQ(result.counts.refused().at("grid") +
                result.counts.refused().at("private"),
            2 * (pictures_ / 40));
}

TEST_F(SitesTest, LexicasPromptsCarryTheirFactsAndNoPersons) {
  pictures_ = 30;
  choices_.lexica_api = "infinite_prompts";
  Serve();
  ASSERT_TRUE(Ingest({"lexica"}).status.ok());
  std::set<std::string> modes;
  for (const Provenance& provenance : Stored("lexica")) {
    EXPECT_EQ(provenance.label(), LABEL_GENERATED);
    EXPECT_EQ(provenance.generator().name(), "lexica-aperture-v2");
    EXPECT_THAT(provenance.generator().seed(), MatchesRegex("[0-9]+"));
    EXPECT_EQ(provenance.DebugString().find("192.0.2."), std::string::npos);
    modes.insert(provenance.generator().edit_mode());
  }
  EXPECT_THAT(modes, IsSupersetOf({"txt2img", "img2img", "variation"}));
}

TEST_F(SitesTest, WhatOneOfLexicasApisFoundTheOtherDoesNotFetchAgain) {
  pictures_ = 20;
  Serve();
  ASSERT_TRUE(Ingest({"lexica"}).status.ok());
  const size_t fetched = Accesses("/lexica-images").size();
  EXPECT_EQ(Stored("lexica").size(), pictures_);
  choices_.lexica_api = "infinite_prompts";
  ASSERT_TRUE(Ingest({"lexica"}).status.ok());
  EXPECT_EQ(Accesses("/lexica-images").size(), fetched);
}

TEST_F(SitesTest, SeedsComeAsTextAndAsNumbers) {
  pictures_ = 20;
  Serve();
  ASSERT_TRUE(Ingest({"lexica"}).status.ok());
  for (const Provenance& provenance : Stored("lexica")) {
    EXPECT_THAT(provenance.generator().seed(), MatchesRegex("[0-9]+"));
  }
}

TEST_F(SitesTest, ArtbenchsBinaryBatchesAreAnotherWayToItsPictures) {
  pictures_ = 12;
  choices_.artbench_files = "binary";
  Serve();
  const SourceResult result = Ingest({"artbench"});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.counts.refused(), IsEmpty());
  const std::vector<Provenance> stored = Stored("artbench");
  ASSERT_THAT(stored, SizeIs(pictures_));
  for (const Provenance& provenance : stored) {
    EXPECT_EQ(provenance.collection(), "artbench-32");
    EXPECT_EQ(provenance.width(), 32);
    EXPECT_EQ(provenance.format(), "png");
    EXPECT_EQ(provenance.label(), LABEL_HUMAN);
    EXPECT_FALSE(provenance.work().title().empty());
  }
}

TEST_F(SitesTest, BothOfArtbenchsArchivesMayBeTakenAndShowTheSameWorks) {
  Serve();
  ASSERT_TRUE(Ingest({"artbench"}).status.ok());
  choices_.artbench_files = "binary";
  ASSERT_TRUE(Ingest({"artbench"}).status.ok());
  std::map<std::string, int> pictures_of_work;
  for (const Provenance& provenance : Stored("artbench")) {
    ++pictures_of_work[provenance.work().work_key()];
  }
  EXPECT_THAT(pictures_of_work, SizeIs(pictures_));
  for (const auto& [work, pictures] : pictures_of_work) {
    EXPECT_EQ(pictures, 2) << work;
  }
}

TEST_F(SitesTest, EveryHumanPaintingGetsATwinOfItsSize) {
  Serve();
  const SourceResult result = Ingest({"wga", "artbench", "twin"});
  ASSERT_TRUE(result.status.ok()) << result.status;
  std::map<std::string, Provenance> parents;
  for (const char* source : {"wga", "artbench"}) {
    for (const Provenance& parent : Stored(source)) {
      parents[RecordIdOf(parent.sha256())] = parent;
    }
  }
  const std::vector<Provenance> twins = Stored("twin");
  EXPECT_EQ(twins.size(), parents.size());
  EXPECT_EQ(parents.size(), 2 * pictures_);
  for (const Provenance& twin : twins) {
    ASSERT_TRUE(parents.contains(twin.parent()));
    const Provenance& parent = parents[twin.parent()];
    EXPECT_EQ(twin.width(), parent.width() / 8 * 8);
    EXPECT_EQ(twin.height(), parent.height() / 8 * 8);
    EXPECT_EQ(twin.work().work_key(), parent.work().work_key());
    EXPECT_EQ(twin.label(), LABEL_GENERATED);
    EXPECT_EQ(twin.label_evidence(), LABEL_EVIDENCE_GENERATED_BY_US);
    EXPECT_EQ(twin.generator().edit_mode(), "img2img");
    EXPECT_EQ(twin.generator().denoising_strength(), 0.3);
    EXPECT_EQ(twin.stand_in(), "simulated");
  }
}

TEST_F(SitesTest, TwinsAreNotMadeWithoutTheirParents) {
  Serve();
  ASSERT_TRUE(Ingest({"artbench"}).status.ok());
  Serve("/a1111=500");  // The twins are queued and not made.
  EXPECT_FALSE(Ingest({"twin"}).status.ok());
  store_.Clear();
  Serve();
  const SourceResult result = Ingest({"twin"});
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status)) << result.status;
  EXPECT_THAT(result.status.message(),
              ::testing::HasSubstr("ingest --sources=wga,artbench first"));
  EXPECT_THAT(Accesses("/a1111"), IsEmpty());
}

TEST_F(SitesTest, DalleEntriesMayHaveNoCaption) {
  pictures_ = 12;
  Serve();
  ASSERT_TRUE(Ingest({"dalle"}).status.ok());
  std::set<bool> has_prompt;
  for (const Provenance& provenance : Stored("dalle")) {
    has_prompt.insert(!provenance.generator().prompt().empty());
    EXPECT_EQ(provenance.format(), "webp");
  }
  EXPECT_THAT(has_prompt, SizeIs(2));
  EXPECT_THAT(Stored("dalle"), SizeIs(pictures_));
}

TEST_F(SitesTest, DalleCanBeHadFromAManifestWhenItsPagesAreGone) {
  has_manifest_ = true;
  Serve("/dalle/api=404");
  const SourceResult result = Ingest({"dalle"});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(Stored("dalle"), SizeIs(pictures_));
  EXPECT_THAT(Accesses("/dalle/api"), IsEmpty());
}

class EncodingTest : public SiteTest,
                     public ::testing::WithParamInterface<const char*> {};

TEST_P(EncodingTest, TheCataloguesNamesArriveWhole) {
  pictures_ = 12;
  GalleryServerOptions server;
  server.wga_encoding = GetParam();
  Serve("", server);
  ASSERT_TRUE(Ingest({"wga"}).status.ok());
  SimulatedGalleryOptions options;
  options.wga = pictures_;
  std::set<std::string> expected, artists;
  const SimulatedGallery gallery(options);
  for (const GalleryItem& item : gallery.items(Site::kWga)) {
    if (item.form == "painting") expected.insert(item.artist);
  }
  for (const Provenance& provenance : Stored("wga")) {
    artists.insert(provenance.work().artist());
  }
  EXPECT_EQ(artists, expected);
}

INSTANTIATE_TEST_SUITE_P(All, EncodingTest,
                         ::testing::Values("CP850", "ISO-8859-1", "UTF-8"));

}  // namespace
}  // namespace verso
