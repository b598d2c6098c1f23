#include "ingest/import/import_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/import/path_rules.h"
#include "ingest/import/shipped_import_recipes.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

absl::Status ErrorOf(absl::string_view text) {
  return ParseImportRecipe(text, "my.textproto").status();
}
PathRules RulesOf(absl::string_view text) {
  return PathRules::Compile(ParseImportRecipe(text, "my.textproto").value())
      .value();
}

TEST(ImportRecipeTest, EveryShippedRecipeIsARightOne) {
  EXPECT_EQ(kShippedImportRecipes.size(), 4);
  for (const ShippedImportRecipe& recipe : kShippedImportRecipes) {
    ASSERT_OK_AND_ASSIGN(const ImportRecipe loaded,
                         LoadImportRecipe(recipe.name));
    EXPECT_NE(loaded.description(), "") << recipe.name;
  }
}

TEST(ImportRecipeTest, AWrongRecipeNamesTheLineOrTheField) {
  const auto is = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  EXPECT_THAT(ErrorOf("rule {\n  pat: \"x\" }"), is("my.textproto:2:"));
  EXPECT_THAT(ErrorOf("source: \"a/b\""), is("my.textproto: source must be"));
  EXPECT_THAT(ErrorOf("rule { } rule { path: \"(\" }"),
              is("rule[1].path \"(\" is no pattern"));
  EXPECT_THAT(ErrorOf("rule { path: \"(?P<a>.)\" set { licence: \"$b\" } }"),
              is("rule[0].set speaks of $b"));
  EXPECT_THAT(ErrorOf("rule { set { licence: \"$b\" } }"),
              is("rule[0].set speaks of $b"));
  EXPECT_THAT(ErrorOf("rule { set { sha256: \"0\" } }"),
              is("rule[0].set: sha256 is nothing"));
  EXPECT_THAT(ErrorOf("metadata { file: \"x\" field { from: \"a\" } }"),
              is("metadata[0].form is missing"));
  EXPECT_THAT(ErrorOf("metadata { file: \"[\" form: TABLE }"),
              is("metadata[0].file"));
  EXPECT_THAT(ErrorOf("metadata { file: \"x\" form: TABLE }"),
              is("metadata[0].field is missing"));
  EXPECT_THAT(ErrorOf("field { to: \"licence\" }"), is("field[0].from"));
  for (const char* to : {"sha256", "source", "generator.none", "label.x",
                         "label_evidence", "consent_signals", ""}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("field { from: \"a\" to: \"", to, "\" }")),
                is("field[0].to: "))
        << to;
  }
  EXPECT_THAT(ErrorOf("field { from: \"a\" to: \"work\" }"),
              is("name one of them, as in \"work.title\""));
  EXPECT_THAT(ErrorOf("field { from: \"a\" to: \"label\""
                      " value { is: \"0\" means: \"robot\" } }"),
              is("field[0].value: 'robot'"));
}

TEST(ImportRecipeTest, ANameThatIsNotShippedListsThose) {
  EXPECT_THAT(LoadImportRecipe("d4_fair").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("ai_artbench, diffusiondb, plain, prompts")));
}

TEST(PathRulesTest, GroupsStandInTexts) {
  const PathRules rules = RulesOf(R"(
      rule { path: "(?P<style>[a-z]+)/(?P<who>[a-z]+)?_.*"
             set { work { style: "$style" artist: "by $who, $$5" } } })");
  const auto known = rules.Apply("baroque/ann_1.jpg");
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->work().style(), "baroque");
  EXPECT_EQ(known->work().artist(), "by ann, $5");
  EXPECT_EQ(rules.Apply("baroque/_1.jpg")->work().artist(), "by , $5");
}

TEST(PathRulesTest, ALaterRuleGoesOverAnEarlierOne) {
  const PathRules rules = RulesOf(R"(
      rule { set { label: LABEL_HUMAN licence: "a" } }
      rule { path: ".*\\.png" set { label: LABEL_GENERATED
                                    label_evidence: LABEL_EVIDENCE_INFERRED } })");
  EXPECT_EQ(rules.Apply("1.jpg")->label(), LABEL_HUMAN);
  EXPECT_EQ(rules.Apply("1.jpg")->label_evidence(),
            LABEL_EVIDENCE_ARCHIVE_CLAIM);
  EXPECT_EQ(rules.Apply("1.png")->label(), LABEL_GENERATED);
  EXPECT_EQ(rules.Apply("1.png")->label_evidence(), LABEL_EVIDENCE_INFERRED);
  EXPECT_EQ(rules.Apply("1.png")->licence(), "a");
}

TEST(PathRulesTest, TheWholePathMustMatchSomeRule) {
  const PathRules rules = RulesOf("rule { path: \"a/.*\" }");
  EXPECT_TRUE(rules.Apply("a/1.jpg").has_value());
  EXPECT_TRUE(rules.Apply("a/line\nend.jpg").has_value());
  EXPECT_FALSE(rules.Apply("b/a/1.jpg").has_value());
  EXPECT_TRUE(RulesOf("").Apply("b/a/1.jpg").has_value());
}

}  // namespace
}  // namespace verso
