#include "evaluator/dashboard_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "evaluator/report_writer.h"
#include "tests/evaluator/sample_report.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::MakeTestDir;
using ::verso::testing::SampleReport;
using ::verso::testing::StatusIs;

class DashboardServerTest : public ::testing::Test {
 protected:
  DashboardServerTest() : dir_(MakeTestDir("run")), catalog_(dir_ / "reports") {
    EXPECT_OK(WriteFileAtomically(dir_ / "secret.txt", "planted secret"));
    EXPECT_OK(WriteReport(dir_ / "reports", SampleReport(100, 0.2)));
    EXPECT_OK(WriteReport(dir_ / "reports", SampleReport(200, 0.3)));
    EXPECT_OK(catalog_.Refresh());
    auto server = DashboardServer::Start(
        catalog_,
        {.listen = "127.0.0.1:0", .allowed_hosts = {"verso.example"}});
    EXPECT_OK(server);
    server_ = *std::move(server);
  }

  httplib::Result Get(const std::string& path,
                      const httplib::Headers& headers = {}) {
    httplib::Client client("127.0.0.1", server_->port());
    return client.Get(path, headers);
  }

  // The answer to a request line as it stands: no client tidies the path.
  std::string RawGet(const std::string& target) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const std::string request = absl::StrCat(
        "GET ", target,
        " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, n);
    }
    close(fd);
    return answer;
  }

  fs::path dir_;
  ReportCatalog catalog_;
  std::unique_ptr<DashboardServer> server_;
};

TEST_F(DashboardServerTest, TheFrontPageIsTheNewestTable) {
  const auto answer = Get("/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr("<h1>step-0000000200"));
  EXPECT_THAT(answer->body, HasSubstr("href=\"/table/step-0000000100\""));
}

TEST_F(DashboardServerTest, EachCheckpointHasItsPageAndDownloads) {
  EXPECT_THAT(Get("/table/step-0000000100")->body,
              HasSubstr("<h1>step-0000000100"));
  for (const char* file : {"table.csv", "table.md", "report.json"}) {
    EXPECT_EQ(Get(absl::StrCat("/", file, "?checkpoint=step-0000000100"))->body,
              ReadFile(dir_ / "reports/step-0000000100" / file).value());
    EXPECT_EQ(Get(absl::StrCat("/", file))->body,
              ReadFile(dir_ / "reports/step-0000000200" / file).value());
  }
}

TEST_F(DashboardServerTest, SaysThatItIsHealthy) {
  EXPECT_EQ(Get("/healthz")->body, "ok\n");
}

TEST_F(DashboardServerTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const char* path : {"/", "/style.css", "/nothing", "/table.csv"}) {
    const auto answer = Get(path);
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                HasSubstr("default-src 'none'"));
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
  }
}

TEST_F(DashboardServerTest, PathsOutsideTheTableAreNotFound) {
  for (const char* target : {"/../secret.txt",
                             "/table/../secret.txt",
                             "/table/..%2Fsecret.txt",
                             "/table/%2e%2e%2fsecret.txt",
                             "/table/..%252fsecret.txt",
                             "/table//etc/passwd",
                             "/table/%2Fetc%2Fpasswd",
                             "//etc/passwd",
                             "/table/step-0000000100%00",
                             "/table/step-0000000100/../../secret.txt",
                             "/table/..",
                             "/table/.",
                             "/table/",
                             "/table/.lock",
                             "/table/step-0000000100/scores.csv",
                             "/reports/step-0000000100",
                             "/table.csv?checkpoint=../secret.txt",
                             "/table.csv?checkpoint=%2e%2e%2fsecret.txt",
                             "/report.json?checkpoint=/etc/passwd",
                             "/report.json?checkpoint=",
                             "/table/..\\secret.txt",
                             "/table/%5c..%5csecret.txt",
                             "/table/%c0%ae%c0%ae%c0%afsecret.txt",
                             "/secret.txt",
                             "/style.css/../secret.txt",
                             "/table/file:%2F%2F%2Fetc%2Fpasswd"}) {
    const std::string answer = RawGet(target);
    EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 404")) << target;
    EXPECT_THAT(answer, Not(HasSubstr("planted secret"))) << target;
    EXPECT_THAT(answer, Not(HasSubstr("root:"))) << target;
  }
}

TEST_F(DashboardServerTest, OtherMethodsAreRefused) {
  httplib::Client client("127.0.0.1", server_->port());
  EXPECT_EQ(client.Post("/")->status, 405);
  EXPECT_EQ(client.Delete("/table/step-0000000100")->status, 405);
  EXPECT_EQ(client.Options("/")->status, 405);
  EXPECT_EQ(client.Head("/")->status, 200);
}

TEST_F(DashboardServerTest, RequestsForAnotherHostAreRefused) {
  EXPECT_EQ(Get("/", {{"Host", "evil.example"}})->status, 421);
  EXPECT_EQ(Get("/", {{"Host", "127.0.0.1.evil.example:80"}})->status, 421);
  EXPECT_EQ(Get("/", {{"Host", "verso.example:7780"}})->status, 200);
  EXPECT_EQ(Get("/", {{"Host", "LOCALHOST"}})->status, 200);
}

TEST_F(DashboardServerTest, APortInUseIsOneSentenceThatNamesIt) {
  const std::string listen = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_THAT(DashboardServer::Start(catalog_, {.listen = listen}),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr(absl::StrCat(server_->port()))));
}

TEST_F(DashboardServerTest, AMalformedAddressIsRefused) {
  for (const char* listen : {"", "7780", ":7780", "localhost:", "localhost:x",
                             "localhost:65536", "localhost:-1"}) {
    EXPECT_THAT(DashboardServer::Start(catalog_, {.listen = listen}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(DashboardServerTest, KnowsWhetherOthersCanReachIt) {
  EXPECT_TRUE(server_->is_loopback());
  ASSERT_OK_AND_ASSIGN(const auto open, DashboardServer::Start(
                                            catalog_, {.listen = "0.0.0.0:0"}));
  EXPECT_FALSE(open->is_loopback());
}

TEST_F(DashboardServerTest, ANewReportIsShownAfterRefresh) {
  ASSERT_OK(WriteReport(dir_ / "reports", SampleReport(300)));
  ASSERT_OK(catalog_.Refresh());
  EXPECT_THAT(Get("/")->body, HasSubstr("<h1>step-0000000300"));
}

}  // namespace
}  // namespace verso
