#include "common/http/consent_signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Refusal(const std::string& header, const std::string& value) {
  HttpHead head;
  head.headers[header] = value;
  return ReadConsentSignals(head, "verso").refusal;
}

TEST(ConsentSignalsTest, AnAnswerWithoutSignalsIsFree) {
  const ConsentSignals signals = ReadConsentSignals(HttpHead(), "verso");
  EXPECT_THAT(signals.seen, IsEmpty());
  EXPECT_EQ(signals.refusal, "");
}

TEST(ConsentSignalsTest, NoaiAndNoimageaiForbid) {
  EXPECT_EQ(Refusal("x-robots-tag", "noai"), "noai");
  EXPECT_EQ(Refusal("x-robots-tag", "noindex, NoImageAI"), "noimageai");
  EXPECT_EQ(Refusal("x-robots-tag", "noindex, nofollow"), "");
  EXPECT_EQ(Refusal("x-robots-tag", "noairplanes"), "");
}

TEST(ConsentSignalsTest, ADirectiveForAnotherCrawlerIsNotForUs) {
  EXPECT_EQ(Refusal("x-robots-tag", "otherbot: noindex, noai"), "");
  EXPECT_EQ(Refusal("x-robots-tag", "Verso: noai"), "noai");
  EXPECT_EQ(Refusal("x-robots-tag", "otherbot: noai, verso: noimageai"),
            "noimageai");
  EXPECT_EQ(Refusal("x-robots-tag", "otherbot: noindex\nnoai"), "noai");
}

TEST(ConsentSignalsTest, AValueWithAColonIsNoName) {
  EXPECT_EQ(Refusal("x-robots-tag",
                    "unavailable_after: 25 Jun 2030 15:00:00 PST, noai"),
            "noai");
}

TEST(ConsentSignalsTest, AReservationOfTextAndDataMiningForbids) {
  EXPECT_EQ(Refusal("tdm-reservation", "1"), "tdm-reservation");
  EXPECT_EQ(Refusal("tdm-reservation", "0"), "");
}

TEST(ConsentSignalsTest, AUsagePreferenceForbids) {
  EXPECT_EQ(Refusal("content-usage", "search=y, train-ai=n"), "content-usage");
  EXPECT_EQ(Refusal("content-usage", "train-ai=n;exceptions=1"),
            "content-usage");
  EXPECT_EQ(Refusal("content-usage", "train-ai=y"), "");
}

TEST(ConsentSignalsTest, KeepsWhatWasSent) {
  HttpHead head;
  head.headers["x-robots-tag"] = "noindex\nother: noai";
  head.headers["tdm-reservation"] = "0";
  EXPECT_THAT(ReadConsentSignals(head, "verso").seen,
              ElementsAre("x-robots-tag: noindex", "x-robots-tag: other: noai",
                          "tdm-reservation: 0"));
}

}  // namespace
}  // namespace verso
