#include "evaluator/report_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/file.h"
#include "evaluator/report_writer.h"
#include "tests/evaluator/sample_report.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::verso::testing::MakeTestDir;
using ::verso::testing::SampleReport;
using ::verso::testing::StatusIs;

TEST(ReportCatalogTest, AFolderThatIsNotThereHasNoReports) {
  ReportCatalog catalog(MakeTestDir("catalog") / "none");
  EXPECT_OK(catalog.Refresh());
  EXPECT_TRUE(catalog.Get()->reports.empty());
  EXPECT_EQ(catalog.Get()->Find("newest"), nullptr);
}

TEST(ReportCatalogTest, NewestIsTheLastStepAndBestTheLowestLoss) {
  const fs::path dir = MakeTestDir("catalog");
  ASSERT_OK(WriteReport(dir, SampleReport(100, 0.5)));
  ASSERT_OK(WriteReport(dir, SampleReport(200, 0.25)));
  ASSERT_OK(WriteReport(dir, SampleReport(300, 0.25)));
  ReportCatalog catalog(dir);
  ASSERT_OK(catalog.Refresh());
  const auto list = catalog.Get();
  EXPECT_EQ(list->newest, "step-0000000300");
  EXPECT_EQ(list->best, "step-0000000200");
  EXPECT_EQ(list->Find("best"), list->Find("step-0000000200"));
  EXPECT_EQ(list->Find("../catalog"), nullptr);
}

TEST(ReportCatalogTest, RefreshSeesReportsComeChangeAndGo) {
  const fs::path dir = MakeTestDir("catalog");
  ReportCatalog catalog(dir);
  ASSERT_OK(WriteReport(dir, SampleReport(100, 0.5)));
  ASSERT_OK(catalog.Refresh());
  const auto old = catalog.Get();
  ASSERT_OK(WriteReport(dir, SampleReport(100, 0.125)));
  ASSERT_OK(catalog.Refresh());
  EXPECT_EQ(catalog.Get()->Find("newest")->report.subject.validation_loss,
            0.125);
  EXPECT_EQ(old->Find("newest")->report.subject.validation_loss, 0.5);
  fs::remove_all(dir / "step-0000000100");
  ASSERT_OK(catalog.Refresh());
  EXPECT_TRUE(catalog.Get()->reports.empty());
}

TEST(ReportCatalogTest, ADamagedReportIsNamedAndTheOthersAreShown) {
  const fs::path dir = MakeTestDir("catalog");
  ASSERT_OK(WriteReport(dir, SampleReport(100)));
  ASSERT_OK(WriteReport(dir, SampleReport(200)));
  ASSERT_OK(WriteFileAtomically(dir / "step-0000000200" / "report.json", "{"));
  ReportCatalog catalog(dir);
  EXPECT_THAT(catalog.Refresh(),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("step-0000000200/report.json")));
  EXPECT_EQ(catalog.Get()->newest, "step-0000000100");
}

}  // namespace
}  // namespace verso
