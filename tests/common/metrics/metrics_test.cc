#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <memory>
#include <string>

#include "common/metrics/metrics_server.h"
#include "common/metrics/metrics_text.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

TEST(MetricsTextTest, WritesPrometheusText) {
  MetricsText text;
  text.Family("verso_a_total", "counter", "Of a.");
  text.Sample({{"source", "wga"}, {"reason", "a \"b\"\\\n"}}, 3);
  text.Sample({}, 123456789012345);
  text.Family("verso_b", "gauge", "Of b.");
  text.Sample({}, 0.5);
  EXPECT_EQ(text.text(),
            "# HELP verso_a_total Of a.\n"
            "# TYPE verso_a_total counter\n"
            "verso_a_total{source=\"wga\",reason=\"a \\\"b\\\"\\\\\\n\"} 3\n"
            "verso_a_total 123456789012345\n"
            "# HELP verso_b Of b.\n"
            "# TYPE verso_b gauge\n"
            "verso_b 0.5\n");
}

TEST(MetricsServerTest, ServesThePageAsItIsNow) {
  int asked = 0;
  const auto server = MetricsServer::Start("127.0.0.1:0", [&] {
                        return "asked " + std::to_string(++asked) + "\n";
                      }).value();
  httplib::Client client("127.0.0.1", server->port());
  EXPECT_EQ(client.Get("/metrics")->body, "asked 1\n");
  EXPECT_EQ(client.Get("/metrics")->body, "asked 2\n");
  EXPECT_EQ(client.Get("/")->status, 404);
  EXPECT_EQ(client.Post("/metrics", "x", "text/plain")->status / 100, 4);
}

TEST(MetricsServerTest, SaysWhenThereIsNothingToShow) {
  const auto server = MetricsServer::Start("127.0.0.1:0", [] {
                        return absl::UnavailableError("no frontier");
                      }).value();
  httplib::Client client("127.0.0.1", server->port());
  const auto answer = client.Get("/metrics");
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "no frontier\n");
}

TEST(MetricsServerTest, ATakenPortAndAWrongAddressAreNamed) {
  const auto page = [] { return std::string(); };
  const auto server = MetricsServer::Start("127.0.0.1:0", page).value();
  EXPECT_THAT(
      MetricsServer::Start("127.0.0.1:" + std::to_string(server->port()), page)
          .status(),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("in use")));
  EXPECT_THAT(MetricsServer::Start("7792", page).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("7792")));
}

}  // namespace
}  // namespace verso
