// Every fault that the real sites were seen with, replayed by the gallery (its
// README has the list) and met by ingest as it runs: what must come out of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/ingest/site_testing.h"

namespace verso {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int64_t kSecond = 1'000'000;  // Microseconds.

std::map<std::string, int64_t> RefusedBy(const SourceResult& result) {
  const auto& refused = result.counts.refused();
  return {refused.begin(), refused.end()};
}

class SiteFaultsTest : public SiteTest {
 protected:
  // A fault that passes: asked again, in the same run, and nothing is lost.
  void ExpectRetriedThenStored(const std::string& source,
                               const std::string& fault) {
    Serve(fault);
    const SourceResult result = Ingest({source});
    EXPECT_TRUE(result.status.ok()) << fault << ": " << result.status;
    EXPECT_THAT(RefusedBy(result), IsEmpty()) << fault;
    EXPECT_THAT(Stored(source), SizeIs(pictures_)) << fault;
  }

  // One picture is refused for this reason, and the others are stored.
  void ExpectOneRefused(const std::string& source, const std::string& fault,
                        const std::string& reason) {
    Serve(fault);
    const SourceResult result = Ingest({source});
    EXPECT_TRUE(result.status.ok()) << fault << ": " << result.status;
    EXPECT_THAT(RefusedBy(result), ElementsAre(Pair(reason, 1))) << fault;
    EXPECT_THAT(Stored(source), SizeIs(pictures_ - 1)) << fault;
  }
};

// --- Statuses.

TEST_F(SiteFaultsTest, Passing503sAreRetried) {
  ExpectRetriedThenStored("wga", "/wga/art=503:2");
}

TEST_F(SiteFaultsTest, A504WithAPageIsRetried) {
  ExpectRetriedThenStored("lexica", "/lexica/api=504:2");
}

TEST_F(SiteFaultsTest, A504OfThePromptsIsRetriedThoughItIsAPost) {
  choices_.lexica_api = "infinite_prompts";
  ExpectRetriedThenStored("lexica", "/lexica/api=504:2");
}

TEST_F(SiteFaultsTest, A403IsRefused) {
  ExpectOneRefused("wga", "/wga/art=403:1", "HTTP 403");
}

TEST_F(SiteFaultsTest, A304ThatNobodyAskedForIsRefused) {
  ExpectOneRefused("dalle", "/dalle-images=304:1", "HTTP 304");
}

TEST_F(SiteFaultsTest, AMissingPictureIsFoundThroughItsPage) {
  ExpectRetriedThenStored("wga", "/wga/art=404:2");
}

TEST_F(SiteFaultsTest, AMissingPictureWithoutAnotherWayIsRefused) {
  ExpectOneRefused("dalle", "/dalle-images=404:1", "HTTP 404");
}

// --- Being asked to slow down.

TEST_F(SiteFaultsTest, RetryAfterInSecondsIsWaitedFor) {
  parallel_ = 1;
  ExpectRetriedThenStored("lexica", "/lexica/api=429:1");
  const std::vector<Access> asked = Accesses("/lexica/api");
  ASSERT_EQ(asked[0].status, "429");
  EXPECT_GE(asked[1].micros - asked[0].micros, kSecond);
}

TEST_F(SiteFaultsTest, RetryAfterAsADateIsWaitedFor) {
  parallel_ = 1;
  ExpectRetriedThenStored("dalle", "/dalle/api=429-date:1");
  const std::vector<Access> asked = Accesses("/dalle/api");
  ASSERT_EQ(asked[0].status, "429");
  EXPECT_GE(asked[1].micros - asked[0].micros, kSecond);
}

TEST_F(SiteFaultsTest, A429WithoutRetryAfterIsRetried) {
  ExpectRetriedThenStored("lexica", "/lexica/api=429-bare:2");
}

// --- Something else than was asked for.

TEST_F(SiteFaultsTest, AChallengePageForJsonIsRetried) {
  ExpectRetriedThenStored("lexica", "/lexica/api=html:2");
  ExpectRetriedThenStored("dalle", "/dalle/api=html:1");
}

TEST_F(SiteFaultsTest, AChallengePageForAPictureIsRetried) {
  ExpectRetriedThenStored("dalle", "/dalle-images=html:2");
}

TEST_F(SiteFaultsTest, AChallengePageThatStaysEndsTheRunAndLosesNothing) {
  Serve("/dalle/api=html");
  const SourceResult result = Ingest({"dalle"});
  EXPECT_TRUE(absl::IsUnavailable(result.status)) << result.status;
  EXPECT_THAT(RefusedBy(result), ElementsAre(Pair("html", 1)));
  ExpectRetriedThenStored("dalle", "");
}

TEST_F(SiteFaultsTest, AJpegThatIsNamedAPngIsStoredAsWhatItIs) {
  Serve("/wga/art=as-png");
  EXPECT_TRUE(Ingest({"wga"}).status.ok());
  ASSERT_THAT(Stored("wga"), SizeIs(pictures_));
  for (const Provenance& provenance : Stored("wga")) {
    EXPECT_EQ(provenance.format(), "jpeg");
    EXPECT_EQ(provenance.content_type(), "image/png");
  }
}

TEST_F(SiteFaultsTest, TheSameBytesAtTwoUrlsAreOneRecord) {
  Serve("/dalle-images=same:2");
  const SourceResult result = Ingest({"dalle"});
  EXPECT_EQ(result.counts.stored(), pictures_ - 1);
  EXPECT_EQ(result.counts.duplicate(), 1);
}

TEST_F(SiteFaultsTest, AWebpWithAlphaIsStored) {
  ExpectRetriedThenStored("dalle", "/dalle-images=alpha:1");
  int small = 0;
  for (const Provenance& provenance : Stored("dalle")) {
    if (provenance.width() == 16) ++small;
    EXPECT_EQ(provenance.format(), "webp");
  }
  EXPECT_EQ(small, 1);
}

// --- Redirects.

// Redirects are followed to public addresses alone, and the gallery has none:
// that they are followed, and how often, is for http_fetcher_test.
TEST_F(SiteFaultsTest, ARedirectIntoThisMachineIsRefused) {
  ExpectOneRefused("wga", "/wga/art=moved:1", "forbidden address");
  EXPECT_THAT(Accesses("/moved"), IsEmpty());
  ExpectOneRefused("dalle", "/dalle-images=loop:1", "forbidden address");
}

// --- Broken transfers.

TEST_F(SiteFaultsTest, ABodyShorterThanItsLengthIsRetried) {
  ExpectRetriedThenStored("dalle", "/dalle-images=half:2");
}

TEST_F(SiteFaultsTest, ATarShorterThanItsLengthIsRetried) {
  ExpectRetriedThenStored("artbench", "/artbench/files/artbench-10=half:1");
}

TEST_F(SiteFaultsTest, ATruncatedPictureIsRefused) {
  ExpectOneRefused("wga", "/wga/art=cut:1", "truncated");
}

TEST_F(SiteFaultsTest, ATruncatedCatalogueIsRetried) {
  ExpectRetriedThenStored("wga", "/wga/database=cut:1");
}

TEST_F(SiteFaultsTest, ATruncatedTarOrItsWrongChecksumIsRetried) {
  ExpectRetriedThenStored("artbench", "/artbench/files/artbench-10=cut:1");
}

TEST_F(SiteFaultsTest, ATruncatedGzipIsRetried) {
  choices_.artbench_files = "binary";
  ExpectRetriedThenStored("artbench",
                          "/artbench/files/artbench-10-binary=cut:1");
}

TEST_F(SiteFaultsTest, ASlowDripIsGivenUpAndRetried) {
  ExpectRetriedThenStored("wga", "/wga/art=drip:1");
}

TEST_F(SiteFaultsTest, AWrongChecksumIsSaidAndAskedForAgainByTheNextRun) {
  Serve("/artbench/files/artbench-10-imagefolder=damaged:1");
  const SourceResult result = Ingest({"artbench"});
  EXPECT_THAT(RefusedBy(result), Contains(Pair("wrong checksum", 1)));
  Serve();
  EXPECT_TRUE(Ingest({"artbench"}).status.ok());
  EXPECT_THAT(Accesses("/artbench/files/artbench-10"), SizeIs(1));
}

// --- Consent.

TEST_F(SiteFaultsTest, NoaiIsRefusedForAllAndForUs) {
  ExpectOneRefused("wga", "/wga/art=noai:1", "noai");
  ExpectOneRefused("dalle", "/dalle-images=noai-verso:1", "noai");
}

TEST_F(SiteFaultsTest, NoaiForAnotherCrawlerIsKeptAsASignal) {
  ExpectRetriedThenStored("dalle", "/dalle-images=noai-other");
  for (const Provenance& provenance : Stored("dalle")) {
    EXPECT_THAT(provenance.consent_signals(),
                UnorderedElementsAre("robots.txt: allowed",
                                     "x-robots-tag: otherbot: noai"));
  }
}

TEST_F(SiteFaultsTest, WithoutARobotsTxtAllMayBeFetched) {
  ExpectRetriedThenStored("wga", "/robots.txt=404");
}

TEST_F(SiteFaultsTest, WithARobotsTxtThatCannotBeHadNothingIsFetched) {
  Serve("/robots.txt=500");
  const SourceResult result = Ingest({"wga"});
  EXPECT_TRUE(absl::IsUnavailable(result.status));
  EXPECT_THAT(Accesses("/wga"), IsEmpty());
}

TEST_F(SiteFaultsTest, WhatRobotsTxtDisallowsIsNotFetched) {
  Serve("/robots.txt=disallow");
  const SourceResult result = Ingest({"wga"});
  EXPECT_THAT(RefusedBy(result), ElementsAre(Pair("robots.txt", 1)));
  EXPECT_THAT(Accesses("/wga"), IsEmpty());
}

TEST_F(SiteFaultsTest, CrawlDelayPartsTheRequestsOfAllThreads) {
  Serve("/robots.txt=crawl-delay");
  EXPECT_TRUE(Ingest({"wga"}).status.ok());
  const std::vector<Access> asked = Accesses("/wga");
  ASSERT_GE(asked.size(), static_cast<size_t>(pictures_));
  std::vector<int64_t> arrivals;
  for (const Access& access : asked) arrivals.push_back(access.micros);
  std::sort(arrivals.begin(), arrivals.end());
  for (size_t i = 1; i < arrivals.size(); ++i) {
    // Half a second for what two requests may take differently on their way.
    EXPECT_GE(arrivals[i] - arrivals[i - 1], kSecond / 2) << i;
  }
}

// --- The web UI.

class WebuiFaultsTest : public SiteFaultsTest {
 protected:
  // LoFi's run, with ArtBench's pictures in the store.
  SourceResult Generate(const std::string& fault) {
    Serve(fault);
    return Ingest({"artbench", "lofi"});
  }
};

TEST_F(WebuiFaultsTest, A401RefusesEverythingAndLosesNothing) {
  const SourceResult result = Generate("/a1111=401");
  EXPECT_TRUE(absl::IsUnavailable(result.status));
  EXPECT_THAT(result.status.message(), HasSubstr("HTTP 401"));
  EXPECT_THAT(RefusedBy(result), ElementsAre(Pair("HTTP 401", pictures_)));
  EXPECT_TRUE(Generate("").status.ok());
  EXPECT_THAT(Stored("lofi"), SizeIs(pictures_));
}

TEST_F(WebuiFaultsTest, A422IsRefusedAndAskedForAgainByTheNextRun) {
  const SourceResult result = Generate("/a1111=422:1");
  EXPECT_THAT(RefusedBy(result), ElementsAre(Pair("HTTP 422", 1)));
  EXPECT_THAT(Stored("lofi"), SizeIs(pictures_ - 1));
  EXPECT_TRUE(Generate("").status.ok());
  EXPECT_THAT(Stored("lofi"), SizeIs(pictures_));
}

TEST_F(WebuiFaultsTest, A500IsRetried) {
  const SourceResult result = Generate("/a1111=500:2");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(RefusedBy(result), IsEmpty());
  EXPECT_THAT(Stored("lofi"), SizeIs(pictures_));
}

TEST_F(WebuiFaultsTest, AnAnswerMayTakeItsTime) {
  const SourceResult result = Generate("/a1111=delay:2");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(Stored("lofi"), SizeIs(pictures_));
  EXPECT_THAT(Accesses("/a1111"), SizeIs(pictures_));
}

TEST_F(WebuiFaultsTest, TheInfoInsideTheJsonSaysWhatWasDone) {
  EXPECT_TRUE(Generate("").status.ok());
  for (const Provenance& provenance : Stored("lofi")) {
    EXPECT_EQ(provenance.generator().sampler(), "DDIM");
    EXPECT_EQ(provenance.generator().steps(), 32);
    EXPECT_EQ(provenance.generator().guidance(), 7.5);
    EXPECT_EQ(provenance.generator().name(), "verso-simulated-v1");
    EXPECT_THAT(provenance.generator().version(), SizeIs(10));
    EXPECT_THAT(provenance.claims().generation_parameters(),
                HasSubstr("Seed: " + provenance.generator().seed()));
  }
}

}  // namespace
}  // namespace verso
