#include "shardstore/recipe.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "common/base/file.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::verso::testing::IsOk;
using ::verso::testing::StatusIs;
using Counts = std::map<std::string, int64_t>;

DatasetRecipe Valid() { return LoadRecipe("d4_fair").value(); }

// Counts of the sources that are trained on.
Counts TrainedCounts(const DatasetRecipe& recipe) {
  Counts counts;
  for (const SourceSelection& source : recipe.source()) {
    if (!source.held_out()) counts[source.source()] = source.count();
  }
  return counts;
}

void ExpectRefused(const DatasetRecipe& recipe, absl::string_view field) {
  EXPECT_THAT(ValidateRecipe(recipe),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith(std::string(field))));
}

TEST(RecipeTest, ShipsTheFourDataSetsInBothPreparations) {
  EXPECT_THAT(ShippedRecipes(),
              ElementsAre("d1_fair", "d1_paper", "d2_fair", "d2_paper",
                          "d3_fair", "d3_paper", "d4_fair", "d4_paper"));
}

TEST(RecipeTest, EveryShippedRecipeIsValidAndHasAllFiveSources) {
  for (const std::string& name : ShippedRecipes()) {
    ASSERT_OK_AND_ASSIGN(const DatasetRecipe recipe, LoadRecipe(name));
    EXPECT_EQ(recipe.name(), name);
    EXPECT_EQ(recipe.source_size(), 5) << name;
  }
}

TEST(RecipeTest, TheCountsAreThoseOfTheStudy) {
  const std::map<std::string, Counts> expected = {
      {"d1", {{"wga", 5000}, {"dalle", 5000}}},
      {"d2", {{"artbench", 60000}, {"lofi", 60000}}},
      {"d3", {{"artbench", 60000}, {"lofi", 30000}, {"lexica", 30000}}},
      {"d4",
       {{"artbench", 30000},
        {"wga", 20000},
        {"lexica", 27500},
        {"lofi", 27500}}}};
  for (const auto& [set, counts] : expected) {
    EXPECT_EQ(TrainedCounts(LoadRecipe(set + "_paper").value()), counts);
    EXPECT_EQ(TrainedCounts(LoadRecipe(set + "_fair").value()), counts);
  }
}

TEST(RecipeTest, PaperResizesWhatTheStudyResizedAndNothingElse) {
  for (const std::string set : {"d1", "d2", "d3", "d4"}) {
    const DatasetRecipe recipe =
        NormalizeRecipe(LoadRecipe(set + "_paper").value());
    for (const SourceSelection& source : recipe.source()) {
      const bool resized =
          source.source() == "wga" || source.source() == "lexica";
      EXPECT_EQ(source.preparation().mode(), resized ? SQUARE_RESIZE : AS_IS);
    }
  }
}

TEST(RecipeTest, FairPreparesEverySourceAlike) {
  for (const std::string set : {"d1", "d2", "d3", "d4"}) {
    const DatasetRecipe recipe =
        NormalizeRecipe(LoadRecipe(set + "_fair").value());
    for (const SourceSelection& source : recipe.source()) {
      EXPECT_EQ(source.preparation().mode(), NATIVE_CROP);
      EXPECT_EQ(source.preparation().size(), 224);
    }
  }
}

TEST(RecipeTest, AnUnknownNameListsWhatThereIs) {
  EXPECT_THAT(LoadRecipe("d9"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("d9"), HasSubstr("d4_fair"))));
}

TEST(RecipeTest, LoadsAFileOfOnesOwn) {
  const auto file = testing::MakeTestDir("recipe") / "own.textproto";
  DatasetRecipe recipe = Valid();
  recipe.set_name("own");
  ASSERT_OK(WriteFileAtomically(file, recipe.DebugString()));
  ASSERT_OK_AND_ASSIGN(const DatasetRecipe loaded, LoadRecipe(file.string()));
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(loaded, recipe));
}

TEST(RecipeTest, AMissingFileIsNamed) {
  EXPECT_THAT(
      LoadRecipe("/nowhere/x.textproto"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.textproto")));
}

TEST(RecipeTest, ASyntaxErrorNamesFileAndLine) {
  EXPECT_THAT(
      ParseRecipe("name: \"x\"\nsauce {}\n", "my.textproto"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(StartsWith("my.textproto:2:"), HasSubstr("sauce"))));
}

TEST(RecipeTest, AWrongFieldIsNamedWithItsFile) {
  DatasetRecipe recipe = Valid();
  recipe.mutable_source(1)->set_count(-3);
  EXPECT_THAT(ParseRecipe(recipe.DebugString(), "my.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "my.textproto: source[1].count is -3, must not be "
                       "negative"));
}

TEST(RecipeTest, RefusesWrongNames) {
  DatasetRecipe recipe = Valid();
  recipe.set_name("");
  ExpectRefused(recipe, "name");
  recipe.set_name("../up");
  ExpectRefused(recipe, "name");
  recipe = Valid();
  recipe.mutable_source(0)->set_source("a b");
  ExpectRefused(recipe, "source[0].source");
}

TEST(RecipeTest, RefusesToTrainOnMixedOrUnknownLabels) {
  DatasetRecipe recipe = Valid();
  recipe.mutable_source(2)->set_label(LABEL_MIXED);
  ExpectRefused(recipe, "source[2].label");
  recipe.mutable_source(2)->set_label(LABEL_UNKNOWN);
  ExpectRefused(recipe, "source[2].label");
}

TEST(RecipeTest, TakesMixedLabelsWhenHeldOut) {
  DatasetRecipe recipe = Valid();
  ASSERT_TRUE(recipe.source(4).held_out());
  recipe.mutable_source(4)->set_label(LABEL_MIXED);
  EXPECT_OK(ValidateRecipe(recipe));
}

TEST(RecipeTest, RefusesASourceTwice) {
  DatasetRecipe recipe = Valid();
  *recipe.add_source() = recipe.source(0);
  ExpectRefused(recipe, "source[5].source");
}

TEST(RecipeTest, RefusesToTrainOnOneClass) {
  DatasetRecipe recipe = Valid();
  for (SourceSelection& source : *recipe.mutable_source()) {
    if (source.label() == LABEL_GENERATED) source.set_held_out(true);
  }
  ExpectRefused(recipe, "source");
}

TEST(RecipeTest, RefusesAWrongPreparation) {
  DatasetRecipe recipe = Valid();
  recipe.clear_preparation();
  ExpectRefused(recipe, "preparation.mode");
  recipe = Valid();
  recipe.mutable_preparation()->set_size(5000);
  ExpectRefused(recipe, "preparation.size");
  recipe = Valid();
  recipe.mutable_preparation()->set_jpeg_quality(101);
  ExpectRefused(recipe, "preparation.jpeg_quality");
  recipe = Valid();
  recipe.mutable_source(1)->mutable_preparation()->set_mode(SQUARE_RESIZE);
  ExpectRefused(recipe, "source[1].preparation.size");
}

TEST(RecipeTest, RefusesWrongShares) {
  DatasetRecipe recipe = Valid();
  recipe.mutable_split()->set_test(-0.1);
  ExpectRefused(recipe, "split.test");
  recipe.mutable_split()->set_test(std::nan(""));
  ExpectRefused(recipe, "split.test");
  recipe.mutable_split()->set_test(0.5);
  recipe.mutable_split()->set_validation(0.5);
  ExpectRefused(recipe, "split leaves nothing");
  recipe = Valid();
  for (const double fraction : {-1.0, 1.5, std::nan("")}) {
    recipe.set_fraction(fraction);
    ExpectRefused(recipe, "fraction");
  }
}

TEST(RecipeTest, NormalizingTwiceChangesNothing) {
  const DatasetRecipe once = NormalizeRecipe(Valid());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      NormalizeRecipe(once), once));
}

TEST(RecipeTest, DefaultsAndTheirValuesAreTheSameRecipe) {
  DatasetRecipe implicit = Valid();
  implicit.clear_split();
  implicit.clear_fraction();
  implicit.mutable_preparation()->clear_jpeg_quality();
  DatasetRecipe written = Valid();
  written.set_fraction(1);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      NormalizeRecipe(implicit), NormalizeRecipe(written)));
}

TEST(RecipeTest, FractionScalesCountsAndRoundsUp) {
  EXPECT_EQ(ScaledCount(30000, 0.01, 100000), 300);
  EXPECT_EQ(ScaledCount(1000, 0.0501, 100000), 51);
  EXPECT_EQ(ScaledCount(30000, 1, 100000), 30000);
}

TEST(RecipeTest, ASmallFractionLeavesAHandful) {
  EXPECT_EQ(ScaledCount(30000, 0.0001, 100000), kMinScaledRecords);
  EXPECT_EQ(ScaledCount(20, 0.0001, 100000), 20);  // Never more than asked.
  EXPECT_EQ(ScaledCount(30000, 0.0001, 7), 7);     // Or than there are.
}

TEST(RecipeTest, NoCountMeansAllThereIs) {
  EXPECT_EQ(ScaledCount(0, 1, 12345), 12345);
  EXPECT_EQ(ScaledCount(0, 0.5, 1000), 500);
  EXPECT_EQ(ScaledCount(0, 1, 0), 0);
}

}  // namespace
}  // namespace verso
