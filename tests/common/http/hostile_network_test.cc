// The fetcher in a network of its own, where names and addresses are ours to
// say: a public host that leads inwards, names that change what they mean, and
// certificates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/http_fetcher.h"
#include "tests/common/http/guarded_addresses.h"
#include "tests/common/http/own_network.h"
#include "tests/testing/process.h"
#include "tests/testing/scripted_server.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::Answer;
using ::verso::testing::Connection;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Ok;
using ::verso::testing::PathOf;
using ::verso::testing::Process;
using ::verso::testing::RedirectTo;
using ::verso::testing::RunProcess;
using ::verso::testing::ScriptedServer;

constexpr char kPrivate[] = "10.0.0.7";

// All at port 80: nobody may come.
constexpr const char* kCanaries[] = {
    "127.0.0.1",   "169.254.169.254", kPrivate, "100.64.0.1",
    "192.168.0.1", "198.18.0.1",      "::1",    "fd00:ec2::254"};

struct World {
  absl::Status status;
  std::filesystem::path certificates;
};

World& TheWorld() {
  static auto* const world = new World();
  return *world;
}

std::unique_ptr<HttpFetcher> NewFetcher(HttpFetcherOptions options = {}) {
  options.contact = "test@example.org";
  return HttpFetcher::Create(std::move(options)).value();
}

class HostileNetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!TheWorld().status.ok()) GTEST_SKIP() << TheWorld().status;
    for (const char* address : kCanaries) {
      canaries_.emplace_back(Answer(Ok("secret")), address, 80);
    }
  }

  void TearDown() override {
    for (const ScriptedServer& canary : canaries_) {
      EXPECT_EQ(canary.connections(), 0) << canary.Url("");
    }
  }

  const std::thread::id main_thread_ = std::this_thread::get_id();
  std::list<ScriptedServer> canaries_;
};

TEST_F(HostileNetworkTest, GoodUrlsOfPublicHostsAreNotRefused) {
  const NameServer names([](const std::string&) {
    return NameServer::Addresses({kPublicAddress});
  });
  const ScriptedServer at_80(Answer(Ok("good")), kPublicAddress, 80);
  const ScriptedServer at_8080(Answer(Ok("good")), kPublicAddress, 8080);
  const auto fetcher = NewFetcher();
  int fetched = 0;
  for (const char* host :
       {"good.example", "GOOD.example.", "a-b.c_d.example", "93.184.216.34",
        "1572395042", "0x5db8d822", "xn--mnchen-3ya.example",
        "localhost.example", "10.0.0.7.example"}) {
    for (const char* rest :
         {"", "/", ":80/a.jpg", ":8080/a/../b.png", "/x?y=1&z=%2F", "/#frag",
          "/a%20b/%E2%82%AC", "/@at", "//double//slash", "/?q=http://10.0.0.7/",
          "/%2e%2e/up", "/a;b=c,d"}) {
      const std::string url = absl::StrCat("http://", host, rest);
      const auto response = fetcher->Fetch({.url = url});
      ASSERT_TRUE(response.ok()) << url << " " << response.status();
      EXPECT_EQ(response->body, "good");
      ++fetched;
    }
  }
  EXPECT_EQ(fetched, 9 * 12);
}

// /0/HOST redirects to HOST, /1/HOST to /0/HOST, and so on.
void LeadOn(Connection& peer) {
  const std::string path = PathOf(peer.ReadRequest());
  if (path.size() < 3) return;
  const std::string host = path.substr(3);
  peer.Send(RedirectTo(
      path[1] == '0'
          ? absl::StrCat("http://", host, "/")
          : absl::StrCat("/", std::string(1, static_cast<char>(path[1] - 1)),
                         "/", host)));
}

// Some spellings are URLs of libcurl's and some names that nobody knows.
void ExpectRefused(HttpFetcher& fetcher, const std::string& url) {
  const absl::Status status = fetcher.Fetch({.url = url}).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status) ||
              absl::IsInvalidArgument(status) ||
              absl::StrContains(status.message(), "Could not resolve"))
      << url << " " << status;
}

NameServer::Addresses OnlyLocalhost(const std::string& name) {
  if (!absl::StartsWith(absl::AsciiStrToLower(name), "localhost")) {
    return std::vector<std::string>();
  }
  return std::vector<std::string>{"127.0.0.1"};
}

TEST_F(HostileNetworkTest, NoSpellingOfAGuardedAddressIsConnectedTo) {
  const NameServer names(&OnlyLocalhost);
  const auto fetcher = NewFetcher();
  for (const char* host : kGuardedHosts) {
    ExpectRefused(*fetcher, absl::StrCat("http://", host, "/"));
  }
}

TEST_F(HostileNetworkTest, NoSpellingIsReachedByTheFirstRedirect) {
  const NameServer names(&OnlyLocalhost);
  const ScriptedServer site(&LeadOn, kPublicAddress, 80);
  const auto fetcher = NewFetcher();
  for (const char* host : kGuardedHosts) {
    ExpectRefused(*fetcher, site.Url(absl::StrCat("/0/", host)));
  }
  EXPECT_GE(site.connections(), static_cast<int>(std::size(kGuardedHosts)));
}

TEST_F(HostileNetworkTest, NoSpellingIsReachedByTheFifthRedirect) {
  const NameServer names(&OnlyLocalhost);
  const ScriptedServer site(&LeadOn, kPublicAddress, 80);
  const auto fetcher = NewFetcher();
  for (const char* host : kGuardedHosts) {
    ExpectRefused(*fetcher, site.Url(absl::StrCat("/4/", host)));
  }
  EXPECT_GE(site.connections(), 5 * static_cast<int>(std::size(kGuardedHosts)));
}

TEST_F(HostileNetworkTest, ASixthRedirectIsNotFollowed) {
  const ScriptedServer site(&LeadOn, kPublicAddress, 80);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      NewFetcher()->Fetch({.url = site.Url("/5/10.0.0.7")}).status()));
}

TEST_F(HostileNetworkTest, ANameThatComesToMeanAPrivateAddressIsRefused) {
  std::atomic<bool> rebound = false;
  const NameServer names([&](const std::string&) {
    return NameServer::Addresses({rebound ? kPrivate : kPublicAddress});
  });
  const ScriptedServer site(Answer(Ok("good")), kPublicAddress, 80);
  EXPECT_TRUE(NewFetcher()->Fetch({.url = "http://re.example/"}).ok());
  rebound = true;
  // A new fetcher: the first one remembers for a minute what a name means.
  EXPECT_TRUE(absl::IsPermissionDenied(
      NewFetcher()->Fetch({.url = "http://re.example/"}).status()));
}

TEST_F(HostileNetworkTest, ANameThatMeansBothKindsIsOnlyAskedAtThePublicOne) {
  const NameServer names([](const std::string&) {
    return NameServer::Addresses({kPrivate, kPublicAddress, "127.0.0.1"});
  });
  const auto fetcher = NewFetcher();
  // Nobody listens at the public address: the others are no way out.
  EXPECT_FALSE(fetcher->Fetch({.url = "http://both.example/"}).ok());
  const ScriptedServer site(Answer(Ok("good")), kPublicAddress, 80);
  EXPECT_TRUE(fetcher->Fetch({.url = "http://both.example/"}).ok());
}

TEST_F(HostileNetworkTest, AKeptConnectionIsNoWayRoundTheGuard) {
  std::atomic<int> requests = 0;
  const ScriptedServer base(
      [&](Connection& peer) {
        while (!peer.ReadRequest().empty()) {
          ++requests;
          peer.Send(Ok("base"));
        }
      },
      kPrivate, 8000);
  const ScriptedServer site(Answer(RedirectTo(base.Url("/secret"))),
                            kPublicAddress, 80);
  const auto fetcher = NewFetcher({.base_urls = {base.Url("")}});
  EXPECT_TRUE(fetcher->Fetch({.url = base.Url("/")}).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      fetcher->Fetch({.url = site.Url("/")}).status()));
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(base.connections(), 1) << "the connection was not kept";
}

TEST_F(HostileNetworkTest, OnlyTheVeryPortOfABaseUrlIsExempt) {
  const ScriptedServer base(Answer(Ok("base")), kPrivate, 8000);
  const auto fetcher = NewFetcher({.base_urls = {base.Url("/below")}});
  EXPECT_TRUE(fetcher->Fetch({.url = base.Url("/")}).ok());
  ExpectRefused(*fetcher, absl::StrCat("http://", kPrivate, "/"));
}

TEST_F(HostileNetworkTest, AProxyOfTheEnvironmentIsNoWayRoundTheGuard) {
  const ScriptedServer proxy(Answer(Ok("proxied")), kPublicAddress, 3128);
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    setenv(name, proxy.Url("").c_str(), 1);
  }
  ExpectRefused(*NewFetcher(), absl::StrCat("http://", kPrivate, "/"));
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    unsetenv(name);
  }
  EXPECT_EQ(proxy.connections(), 0);
}

// The resolver would go on for minutes, and the test with it.
TEST_F(HostileNetworkTest, ASilentNameServerHoldsUpNoOtherRequest) {
  const NameServer names([](const std::string&) { return std::nullopt; });
  const ScriptedServer site(Answer(Ok("good")), kPublicAddress, 80);
  const auto fetcher = NewFetcher({.page_timeout = absl::Milliseconds(500)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      fetcher->Fetch({.url = "http://silent.example/"}).status()));
  EXPECT_TRUE(fetcher->Fetch({.url = site.Url("/")}).ok());
}

// A public host whose "/a" leads to "/b" of another one.
class MayFollowTest : public HostileNetworkTest {
 protected:
  void SetUp() override {
    HostileNetworkTest::SetUp();
    if (IsSkipped()) return;
    site_.emplace(
        [](Connection& peer) {
          const std::string request = peer.ReadRequest();
          peer.Send(PathOf(request) == "/a" ? RedirectTo("http://b.example/b?c")
                                            : Ok("good"));
        },
        kPublicAddress, 80);
  }

  HttpRequest Request(std::function<absl::Status(const Url&)> may_follow) {
    return {.url = "http://a.example/a", .may_follow = std::move(may_follow)};
  }

  const NameServer names_{[](const std::string&) {
    return NameServer::Addresses({kPublicAddress});
  }};
  std::optional<ScriptedServer> site_;
};

TEST_F(MayFollowTest, IsAskedForEachRedirectOnTheThreadThatOpens) {
  std::vector<std::string> asked;
  const auto response = NewFetcher()->Fetch(Request([&](const Url& next) {
    EXPECT_EQ(std::this_thread::get_id(), main_thread_);
    asked.push_back(absl::StrCat(next.Authority(), next.path, "?", next.query));
    return absl::OkStatus();
  }));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "good");
  EXPECT_EQ(asked, std::vector<std::string>{"b.example:80/b?c"});
}

TEST_F(MayFollowTest, ItsErrorEndsTheRequestBeforeTheHostIsAsked) {
  const absl::Status status =
      NewFetcher()
          ->Fetch(Request([](const Url&) {
            return absl::AbortedError("robots.txt forbids it");
          }))
          .status();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_EQ(site_->connections(), 1);
}

TEST_F(MayFollowTest, MayFetchByTheSameFetcherMeanwhile) {
  const auto fetcher = NewFetcher();
  const auto response = fetcher->Fetch(Request([&](const Url& next) {
    return fetcher->Fetch({.url = "http://b.example/robots.txt"}).status();
  }));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->head.url, "http://b.example/b?c");
}

TEST_F(MayFollowTest, ItsTimeIsNotTheRequests) {
  const auto fetcher = NewFetcher({.page_timeout = absl::Seconds(1)});
  const auto response = fetcher->Fetch(Request([](const Url&) {
    absl::SleepFor(absl::Milliseconds(1200));  // Waits for its host's turn.
    return absl::OkStatus();
  }));
  EXPECT_TRUE(response.ok()) << response.status();
}

TEST_F(MayFollowTest, IsNotAskedForARedirectThatIsRefusedAnyway) {
  const auto fetcher = NewFetcher();
  for (const char* path : {"/5/10.0.0.7", "/0/user@a.example", "/0/a:b:c"}) {
    const ScriptedServer leading(&LeadOn, kPublicAddress, 8080);
    int asked = 0;
    EXPECT_FALSE(fetcher
                     ->Fetch({.url = leading.Url(path),
                              .may_follow =
                                  [&](const Url&) {
                                    ++asked;
                                    return absl::OkStatus();
                                  }})
                     .ok());
    EXPECT_EQ(asked, path[1] - '0') << path;
  }
}

// Serves files that are whole answers, by TLS.
class HostileTlsTest : public HostileNetworkTest {
 protected:
  void SetUp() override {
    HostileNetworkTest::SetUp();
    if (IsSkipped()) return;
    names_.emplace([](const std::string&) {
      return NameServer::Addresses({kPublicAddress});
    });
  }

  // With the certificate `name`, of all hosts.
  void Serve(const std::string& name) {
    const std::filesystem::path dir = TheWorld().certificates;
    Write("ok", Ok("good"));
    Write("down", RedirectTo("http://good.example/"));
    Write("up", RedirectTo("https://good.example/ok"));
    server_.emplace_back(
        Process::Start({"sh", "-c",
                        absl::StrCat("cd ", dir.string(),
                                     " && exec openssl s_server -HTTP -accept ",
                                     kPublicAddress, ":443 -cert ", name,
                                     ".pem -key ", name, ".key")})
            .value());
    while (!absl::StrContains(server_.back().Output(), "ACCEPT")) {
      ASSERT_FALSE(server_.back().Wait(absl::ZeroDuration()).ok())
          << server_.back().Output();
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  void Write(const std::string& name, const std::string& answer) {
    std::ofstream(TheWorld().certificates / name) << answer;
  }

  std::optional<NameServer> names_;
  std::vector<Process> server_;
};

TEST_F(HostileTlsTest, ATrustedCertificateIsTrusted) {
  Serve("good");
  const auto response = NewFetcher()->Fetch({.url = "https://good.example/ok"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "good");
}

TEST_F(HostileTlsTest, ASelfSignedCertificateIsRefused) {
  Serve("selfsigned");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      NewFetcher()->Fetch({.url = "https://good.example/ok"}).status()));
}

TEST_F(HostileTlsTest, ASelfSignedCertificateOfABaseUrlIsRefusedToo) {
  Serve("selfsigned");
  const auto fetcher = NewFetcher({.base_urls = {"https://good.example"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(
      fetcher->Fetch({.url = "https://good.example/ok"}).status()));
}

TEST_F(HostileTlsTest, ACertificateOfAnotherHostIsRefused) {
  Serve("good");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      NewFetcher()->Fetch({.url = "https://evil.example/ok"}).status()));
}

TEST_F(HostileTlsTest, AnExpiredCertificateIsRefused) {
  Serve("expired");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      NewFetcher()->Fetch({.url = "https://good.example/ok"}).status()));
}

TEST_F(HostileTlsTest, ARedirectFromHttpsToHttpIsRefused) {
  Serve("good");
  const ScriptedServer open(Answer(Ok("open")), kPublicAddress, 80);
  const absl::Status status =
      NewFetcher()->Fetch({.url = "https://good.example/down"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("https to http"));
  EXPECT_EQ(open.connections(), 0);
}

TEST_F(HostileTlsTest, ARedirectFromHttpToHttpsIsFollowed) {
  Serve("good");
  const ScriptedServer open(Answer(RedirectTo("https://good.example/ok")),
                            kPublicAddress, 80);
  const auto response = NewFetcher()->Fetch({.url = open.Url("/")});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->head.url, "https://good.example/ok");
}

TEST_F(HostileTlsTest, PlainHttpAtATlsPortIsUnavailable) {
  const ScriptedServer plain(
      [](Connection& peer) {
        peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.AwaitClose();
      },
      kPublicAddress, 443);
  EXPECT_TRUE(absl::IsUnavailable(
      NewFetcher()->Fetch({.url = "https://good.example/ok"}).status()));
}

// Certificates of a CA that is trusted in the world of this test.
constexpr char kMakeCertificates[] = R"(set -e
new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
$new -x509 -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
$new -x509 -days 2 -subj /CN=good.example -keyout selfsigned.key \
    -addext subjectAltName=DNS:good.example -out selfsigned.pem
echo subjectAltName=DNS:good.example > names
for name in good expired; do
  $new -subj /CN=good.example -keyout $name.key -out $name.csr
done
sign="openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names"
$sign -in good.csr -out good.pem -days 2
$sign -in expired.csr -out expired.pem -days -1
)";

absl::Status MakeWorld() {
  World& world = TheWorld();
  world.certificates = MakeTestDir("certificates");
  const auto made = RunProcess({"sh", "-c",
                                absl::StrCat("cd ", world.certificates.string(),
                                             "\n", kMakeCertificates)});
  if (!made.ok()) return made.status();
  if (made->exit_code != 0) return absl::UnavailableError(made->output);
  std::vector<std::string> addresses = {kPublicAddress};
  for (const absl::string_view canary : kCanaries) {
    if (canary != "127.0.0.1" && canary != "::1") {
      addresses.emplace_back(canary);
    }
  }
  return EnterOwnNetwork(addresses, (world.certificates / "ca.pem").string());
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // Before any thread: a process with threads cannot leave its user namespace.
  verso::TheWorld().status = verso::MakeWorld();
  return RUN_ALL_TESTS();
}
