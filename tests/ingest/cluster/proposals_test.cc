#include "ingest/cluster/proposals.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::StatusIs;

Provenance Labelled(Label label, LabelEvidence evidence) {
  Provenance provenance;
  provenance.set_label(label);
  provenance.set_label_evidence(evidence);
  return provenance;
}

// The summary of one cluster with so many anchors.
ClusterSummary With(int human, int generated, const ProposalOptions& options) {
  std::vector<ClusterMember> members;
  for (int i = 0; i < human + generated; ++i) {
    members.push_back({.standing = Standing::kAnchor,
                       .label = i < human ? LABEL_HUMAN : LABEL_GENERATED});
  }
  members.push_back({.standing = Standing::kUnlabelled});
  return Summarize(members, 1, options)[0];
}

TEST(StandingTest, OnlyCertainLabelsAreAnchors) {
  for (const Label label : {LABEL_HUMAN, LABEL_GENERATED}) {
    EXPECT_EQ(StandingOf(Labelled(label, LABEL_EVIDENCE_ARCHIVE_CLAIM)),
              Standing::kAnchor);
    EXPECT_EQ(StandingOf(Labelled(label, LABEL_EVIDENCE_INFERRED)),
              Standing::kUnlabelled);
    EXPECT_EQ(StandingOf(Labelled(label, LABEL_EVIDENCE_UNKNOWN)),
              Standing::kOther);
  }
  EXPECT_EQ(StandingOf(Labelled(LABEL_MIXED, LABEL_EVIDENCE_IPTC)),
            Standing::kOther);
  EXPECT_EQ(StandingOf(Provenance()), Standing::kUnlabelled);
}

TEST(SummarizeTest, ProposesTheLabelOfAPureCluster) {
  EXPECT_EQ(With(35, 0, {}).proposal, LABEL_HUMAN);
  EXPECT_EQ(With(0, 35, {}).proposal, LABEL_GENERATED);
}

TEST(SummarizeTest, ProposesNothingWhereAnchorsAreMixed) {
  const ClusterSummary mixed = With(30, 20, {.min_purity = 0.5});
  EXPECT_EQ(mixed.proposal, LABEL_UNKNOWN);
  EXPECT_DOUBLE_EQ(mixed.share, 0.6);
  EXPECT_LT(mixed.share_low, 0.5);
}

TEST(SummarizeTest, TakesTheLowerEndOfTheInterval) {
  // All 34 agree, but 34 are too few to say "90 %".
  EXPECT_EQ(With(34, 0, {.min_purity = 0.9}).proposal, LABEL_UNKNOWN);
  EXPECT_EQ(With(190, 10, {.min_purity = 0.9}).proposal, LABEL_HUMAN);
  EXPECT_EQ(With(185, 15, {.min_purity = 0.9}).proposal, LABEL_UNKNOWN);
}

TEST(SummarizeTest, ProposesNothingForTooFewAnchors) {
  const ProposalOptions options = {.min_purity = 0.5, .min_anchors = 6};
  EXPECT_EQ(With(5, 0, options).proposal, LABEL_UNKNOWN);
  EXPECT_EQ(With(6, 0, options).proposal, LABEL_HUMAN);
}

TEST(SummarizeTest, CountsEveryKindOfMemberInItsCluster) {
  const std::vector<ClusterMember> members = {
      {.cluster = 1, .standing = Standing::kAnchor, .label = LABEL_HUMAN},
      {.cluster = 1, .standing = Standing::kAnchor, .label = LABEL_GENERATED},
      {.cluster = 1, .standing = Standing::kAnchor, .label = LABEL_HUMAN},
      {.cluster = 1, .standing = Standing::kOther, .label = LABEL_MIXED},
      {.cluster = 0, .standing = Standing::kUnlabelled, .label = LABEL_HUMAN}};
  const auto summaries = Summarize(members, 3, {});
  ASSERT_EQ(summaries.size(), 3u);
  EXPECT_EQ(summaries[1].records, 4);
  EXPECT_EQ(summaries[1].human, 2);
  EXPECT_EQ(summaries[1].generated, 1);
  EXPECT_EQ(summaries[1].unlabelled, 0);
  EXPECT_EQ(summaries[0].unlabelled, 1);
  EXPECT_EQ(summaries[0].anchors(), 0);
  EXPECT_EQ(summaries[2].records, 0);
}

TEST(SummarizeTest, TheTableListsClustersWithoutAProposalToo) {
  ClusterSummary pure = With(40, 0, {});
  ClusterSummary none = {.cluster = 1, .records = 12, .unlabelled = 12};
  const std::string table = FormatSummaries({pure, none});
  EXPECT_THAT(table, HasSubstr("1.000     0.912  human\n"));
  EXPECT_THAT(table, HasSubstr("     12          12      0          0"));
  EXPECT_THAT(table, HasSubstr("unknown\n"));
}

TEST(ProposalOptionsTest, RefusesWhatNoShareCanBe) {
  for (const double purity : {0.49, 1.0, -1.0, double{NAN}}) {
    EXPECT_THAT(CheckProposalOptions({.min_purity = purity}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(CheckProposalOptions({.min_anchors = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(CheckProposalOptions({}));
}

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kHeader[] =
    "record_id,source,item,cluster,distance,proposed_label,evidence,"
    "anchor_share,anchors\n";

std::string Line() {
  return absl::StrCat(kId, ",mine,a.jpg,3,0.5,human,inferred,0.95,40\n");
}

void ExpectRefused(const std::string& csv, const std::string& why) {
  EXPECT_THAT(ProposalsFromCsv(csv, "p.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("p.csv:"), HasSubstr(why))))
      << csv;
}

TEST(ProposalCsvTest, ReadsBackWhatItWrote) {
  const std::vector<Proposal> proposals = {
      {.record_id = kId,
       .source = "mine",
       .source_item_id = "a,\"b\"\r\n=1+1;\xc3\xa9.jpg",
       .cluster = 12,
       .distance = 0.25,
       .label = LABEL_GENERATED,
       .share = 0.9375,
       .anchors = 48},
      {.record_id = std::string(32, 'f'), .label = LABEL_UNKNOWN}};
  ASSERT_OK_AND_ASSIGN(const auto read,
                       ProposalsFromCsv(ProposalsToCsv(proposals), "p.csv"));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].record_id, kId);
  EXPECT_EQ(read[0].source, "mine");
  EXPECT_EQ(read[0].source_item_id, proposals[0].source_item_id);
  EXPECT_EQ(read[0].cluster, 12);
  EXPECT_EQ(read[0].distance, 0.25);
  EXPECT_EQ(read[0].label, LABEL_GENERATED);
  EXPECT_EQ(read[0].share, 0.9375);
  EXPECT_EQ(read[0].anchors, 48);
  EXPECT_EQ(read[1].label, LABEL_UNKNOWN);
}

TEST(ProposalCsvTest, EveryLineSaysThatItsLabelIsInferred) {
  const std::string csv = ProposalsToCsv({{.record_id = kId}});
  EXPECT_THAT(csv, HasSubstr(",unknown,inferred,"));
}

TEST(ProposalCsvTest, ReadsWhatASpreadsheetSaved) {
  ASSERT_OK_AND_ASSIGN(
      const auto read,
      ProposalsFromCsv(
          absl::StrCat("\xEF\xBB\xBF",
                       absl::StrReplaceAll(absl::StrCat(kHeader, Line()),
                                           {{"\n", "\r\n"}})),
          "p.csv"));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].anchors, 40);
}

TEST(ProposalCsvTest, RefusesAFileOfAnotherKind) {
  ExpectRefused("", "no header");
  ExpectRefused("record_id,label\n", "no column source");
  ExpectRefused(std::string(1000, '\0'), "no column record_id");
  ExpectRefused(absl::StrCat(kHeader, "\"", kId), "");
}

TEST(ProposalCsvTest, NamesTheLineThatIsWrong) {
  ExpectRefused(absl::StrCat(kHeader, Line(), kId, ",mine\n"),
                "p.csv:3: it has no item");
}

TEST(ProposalCsvTest, RefusesFieldsThatCannotBe) {
  const auto with = [](const char* from, const char* to) {
    return absl::StrCat(kHeader, absl::StrReplaceAll(Line(), {{from, to}}));
  };
  ExpectRefused(with("0123456789abcdef0123456789abcdef", "../../etc/passwd"),
                "no record id");
  ExpectRefused(with(",3,", ",-1,"), "cluster");
  ExpectRefused(with(",3,", ",99999999999,"), "cluster");
  ExpectRefused(with("0.5", "nan"), "distance");
  ExpectRefused(with("human", "mixed"), "mixed");
  ExpectRefused(with("human", "robot"), "robot");
  ExpectRefused(with("inferred", "archive_claim"), "archive_claim");
  ExpectRefused(with("0.95", "1.5"), "anchor_share");
  ExpectRefused(with(",40", ",many"), "anchors");
}

TEST(ProposalCsvTest, RefusesARecordThatComesTwice) {
  ExpectRefused(absl::StrCat(kHeader, Line(), Line()), "second time");
}

}  // namespace
}  // namespace verso
