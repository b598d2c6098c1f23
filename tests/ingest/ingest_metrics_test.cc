#include "ingest/ingest_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace verso {
namespace {

using ::testing::HasSubstr;

TEST(IngestMetricsTest, TellsOfEverySourceWhatStatusTells) {
  StatusResponse status;
  status.set_sessions(2);
  SourceStatus& wga = (*status.mutable_source())["wga"];
  wga.set_leased(3);
  wga.mutable_counts()->set_queued(10);
  wga.mutable_counts()->set_fetched(9);
  wga.mutable_counts()->set_stored(7);
  wga.mutable_counts()->set_duplicate(2);
  wga.mutable_counts()->set_unchanged(1);
  (*wga.mutable_counts()->mutable_refused())["HTTP 404"] = 4;
  (*status.mutable_source())["lofi"] = SourceStatus();
  const std::string text =
      FormatMetrics(status, absl::FromUnixSeconds(1'000'000'000));
  for (const char* line :
       {"verso_ingest_fetched_total{source=\"wga\"} 9\n",
        "verso_ingest_stored_total{source=\"wga\"} 7\n",
        "verso_ingest_duplicate_total{source=\"wga\"} 2\n",
        "verso_ingest_unchanged_total{source=\"wga\"} 1\n",
        "verso_ingest_refused_total{source=\"wga\",reason=\"HTTP 404\"} 4\n",
        "verso_ingest_queued{source=\"wga\"} 10\n",
        "verso_ingest_queued{source=\"lofi\"} 0\n",
        "verso_ingest_leased{source=\"wga\"} 3\n", "verso_ingest_workers 2\n",
        "# TYPE verso_ingest_stored_total counter\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace verso
