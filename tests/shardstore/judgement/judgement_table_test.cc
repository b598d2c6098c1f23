#include "shardstore/judgement_table.h"

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

TEST(JudgementTableTest, ReadsEveryActionInAnyOrderOfColumns) {
  const std::string csv = absl::StrCat(
      "reason,other,action,record_id,label,evidence\n"
      "\"a, b\",x,quarantine,",
      kId,
      ",,\n"
      ",,release,",
      kId,
      ",human,\n"
      "cluster 7,,label,",
      kId,
      ",generated,\n"
      ",,label,",
      kId, ",human,dated_before_2022\n");
  ASSERT_OK_AND_ASSIGN(const std::vector<Judgement> judgements,
                       ParseJudgements(csv, "f.csv", "me"));
  ASSERT_THAT(judgements, SizeIs(4));
  EXPECT_EQ(judgements[0].action(), JUDGEMENT_ACTION_QUARANTINE);
  EXPECT_EQ(judgements[0].reason(), "a, b");
  EXPECT_EQ(judgements[0].record_id(), kId);
  EXPECT_EQ(judgements[0].who(), "me");
  EXPECT_EQ(judgements[1].action(), JUDGEMENT_ACTION_RELEASE);
  EXPECT_EQ(judgements[2].label(), LABEL_GENERATED);
  EXPECT_EQ(judgements[2].evidence(), LABEL_EVIDENCE_INFERRED);
  EXPECT_EQ(judgements[3].evidence(), LABEL_EVIDENCE_DATED_BEFORE_2022);
}

TEST(JudgementTableTest, NamesTheLineThatIsWrong) {
  const std::string head = "record_id,action,label,evidence,reason\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "holds no judgement"},
      {head, "holds no judgement"},
      {"id,action\n", "f.csv:1: the header"},
      {absl::StrCat(head, "xyz,release\n"), "f.csv:2: "},
      {absl::StrCat(head, kId, ",release\n", kId, ",burn\n"), "f.csv:3: "},
      {absl::StrCat(head, kId, ",quarantine,,,\n"), "needs a reason"},
      {absl::StrCat(head, kId, ",label,robot,,\n"), "robot"},
      {absl::StrCat(head, kId, ",label,human,hearsay,\n"), "hearsay"},
      {absl::StrCat(head, "\"half"), "f.csv:2: "},
  };
  for (const auto& [csv, said] : cases) {
    EXPECT_THAT(ParseJudgements(csv, "f.csv", "me"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(said)))
        << csv;
  }
}

}  // namespace
}  // namespace verso::testing
