#include "common/claims/digital_source_type.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace verso {
namespace {

constexpr char kIptc[] = "http://cv.iptc.org/newscodes/digitalsourcetype/";

TEST(DigitalSourceTypeTest, EveryCodeOfTheVocabularyHasItsLabel) {
  const std::pair<const char*, Label> cases[] = {
      {"digitalCapture", LABEL_HUMAN},
      {"computationalCapture", LABEL_HUMAN},
      {"negativeFilm", LABEL_HUMAN},
      {"positiveFilm", LABEL_HUMAN},
      {"print", LABEL_HUMAN},
      {"minorHumanEdits", LABEL_HUMAN},
      {"humanEdits", LABEL_HUMAN},
      {"algorithmicallyEnhanced", LABEL_UNKNOWN},
      {"softwareImage", LABEL_UNKNOWN},
      {"digitalArt", LABEL_HUMAN},
      {"digitalCreation", LABEL_HUMAN},
      {"dataDrivenMedia", LABEL_HUMAN},
      {"trainedAlgorithmicMedia", LABEL_GENERATED},
      {"algorithmicMedia", LABEL_GENERATED},
      {"screenCapture", LABEL_UNKNOWN},
      {"virtualRecording", LABEL_UNKNOWN},
      {"composite", LABEL_UNKNOWN},
      {"compositeCapture", LABEL_HUMAN},
      {"compositeSynthetic", LABEL_MIXED},
      {"compositeWithTrainedAlgorithmicMedia", LABEL_MIXED},
      {"fromTheFuture", LABEL_UNKNOWN},
  };
  for (const auto& [code, label] : cases) {
    EXPECT_EQ(LabelOfDigitalSourceType(absl::StrCat(kIptc, code)), label)
        << code;
    EXPECT_EQ(LabelOfDigitalSourceType(code), label) << code;
  }
}

TEST(DigitalSourceTypeTest, TakesHttpsAndC2pasOwnCodes) {
  EXPECT_EQ(
      LabelOfDigitalSourceType("https://cv.iptc.org/newscodes/"
                               "digitalsourcetype/trainedAlgorithmicMedia"),
      LABEL_GENERATED);
  EXPECT_EQ(LabelOfDigitalSourceType(
                "http://c2pa.org/digitalsourcetype/trainedAlgorithmicData"),
            LABEL_GENERATED);
  EXPECT_EQ(LabelOfDigitalSourceType("http://c2pa.org/digitalsourcetype/empty"),
            LABEL_UNKNOWN);
  EXPECT_EQ(LabelOfDigitalSourceType("http://example.org/digitalCapture"),
            LABEL_UNKNOWN);
}

TEST(DigitalSourceTypeTest, FindsTheTypeInTheBytesOfAManifest) {
  const std::string capture = absl::StrCat("x\x79", kIptc, "digitalCapture\1");
  const std::string trained =
      absl::StrCat("q", kIptc, "trainedAlgorithmicMedia\x02");
  const std::string mixed =
      absl::StrCat(kIptc, "compositeWithTrainedAlgorithmicMedia");
  EXPECT_EQ(FindDigitalSourceType(capture),
            absl::StrCat(kIptc, "digitalCapture"));
  EXPECT_EQ(FindDigitalSourceType(capture + mixed), mixed);
  EXPECT_EQ(FindDigitalSourceType(mixed + capture + trained),
            absl::StrCat(kIptc, "trainedAlgorithmicMedia"));
  EXPECT_EQ(FindDigitalSourceType(kIptc), "");
  EXPECT_EQ(FindDigitalSourceType("c2pa"), "");
}

}  // namespace
}  // namespace verso
