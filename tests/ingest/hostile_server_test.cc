// The real fetcher, and the real binary, against sites that mean harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "common/image/encode.h"
#include "shardstore/shard_store.h"
#include "tests/ingest/hostile_answers.h"
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
using ::verso::testing::ProcessResult;
using ::verso::testing::RedirectTo;
using ::verso::testing::RunProcess;
using ::verso::testing::ScriptedServer;

constexpr int64_t kMaxKilobytes = 256 << 10;  // Of memory, at any time.

class HostileServerTest : public ::testing::TestWithParam<HostileAnswer> {};

TEST_P(HostileServerTest, Fetch) {
  const HostileAnswer& answer = GetParam();
  const ScriptedServer server(answer.script);
  HttpFetcherOptions options = OptionsFor(answer);
  options.base_urls = {server.Url("")};
  const auto fetcher = HttpFetcher::Create(options).value();
  const absl::StatusOr<HttpResponse> response = fetcher->Fetch(
      {.url = server.Url("/x"), .fetch_class = answer.fetch_class});
  ASSERT_EQ(response.status().code(), answer.code) << response.status();
  if (!response.ok()) {
    EXPECT_THAT(std::string(response.status().message()),
                HasSubstr(server.Url("/x")));
    return;
  }
  EXPECT_EQ(response->head.status, answer.status);
  EXPECT_TRUE(response->body == answer.body)
      << response->body.size() << " bytes: " << response->body.substr(0, 100);
}

INSTANTIATE_TEST_SUITE_P(An, HostileServerTest,
                         ::testing::ValuesIn(HostileAnswers()),
                         [](const auto& info) { return info.param.name; });

TEST(HostileServersTest, AllTogetherTakeLittleMemoryAndSpoilNoOtherAnswer) {
  const std::vector<HostileAnswer> answers = HostileAnswers();
  std::list<ScriptedServer> servers;
  std::vector<std::string> argv = {"tests/ingest/hostile_client"};
  for (const HostileAnswer& answer : answers) {
    servers.emplace_back(answer.script);
    argv.push_back(absl::StrCat(static_cast<int>(answer.fetch_class), ",",
                                static_cast<int>(answer.hurried), ",",
                                servers.back().Url("/x")));
  }
  const ProcessResult result = RunProcess(argv).value();
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const std::vector<std::string> lines = absl::StrSplit(result.output, '\n');
  const std::vector<std::string> codes =
      absl::StrSplit(lines[0], ' ', absl::SkipEmpty());
  ASSERT_EQ(codes.size(), 2 * answers.size()) << result.output;
  for (size_t i = 0; i < codes.size(); ++i) {
    const HostileAnswer& answer = answers[i % answers.size()];
    EXPECT_EQ(codes[i], absl::StrCat(static_cast<int>(answer.code)))
        << answer.name;
  }
  int64_t kilobytes = 0;
  ASSERT_TRUE(absl::SimpleAtoi(lines[1], &kilobytes)) << result.output;
  EXPECT_LT(kilobytes, kMaxKilobytes);
  RecordProperty("VmHWM_kB", static_cast<int>(kilobytes));
}

// How long 4 threads take for `count` good answers each.
absl::Duration TimeOfGoodFetches(HttpFetcher& fetcher, const std::string& url,
                                 int count) {
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < count; ++j) {
        const auto response = fetcher.Fetch({.url = url});
        EXPECT_TRUE(response.ok()) << response.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return absl::Now() - start;
}

// The times are properties of the test's result, for a person to read.
TEST(HostileServersTest, EveryGoodFetchSucceedsBesideHostileOnes) {
  const ScriptedServer good([](Connection& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(Ok(std::string(200000, 'g')));
  });
  std::list<ScriptedServer> servers;
  HttpFetcherOptions options = OptionsFor({});
  options.base_urls = {good.Url("")};
  for (const HostileAnswer& answer : HostileAnswers()) {
    servers.emplace_back(answer.script);
    options.base_urls.push_back(servers.back().Url(""));
  }
  const auto fetcher = HttpFetcher::Create(options).value();
  constexpr int kEach = 300;
  const absl::Duration alone =
      TimeOfGoodFetches(*fetcher, good.Url("/"), kEach);
  std::atomic<bool> over = false;
  std::thread hostile([&] {  // One fetch of five at any time.
    while (!over) {
      for (auto it = servers.begin(); it != servers.end() && !over; ++it) {
        fetcher->Fetch({.url = it->Url("/")}).status().IgnoreError();
      }
    }
  });
  const absl::Duration beside =
      TimeOfGoodFetches(*fetcher, good.Url("/"), kEach);
  over = true;
  hostile.join();
  RecordProperty("alone_ms",
                 static_cast<int>(absl::ToInt64Milliseconds(alone)));
  RecordProperty("beside_ms",
                 static_cast<int>(absl::ToInt64Milliseconds(beside)));
}

// Runs `ingest run` on sites that all are `server`.
class HostileSitesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Command(const std::string& sources,
                                   const std::string& image_url) {
    std::vector<std::string> argv = {"ingest/ingest",
                                     "run",
                                     "--sources=" + sources,
                                     "--store=" + store_.string(),
                                     "--frontier=" + state_.string(),
                                     "--host_interval=0s",
                                     "--retry_base=1ms"};
    for (const char* site : {"wga", "artbench", "lexica", "dalle", "lofi"}) {
      argv.push_back(absl::StrCat("--", site, "_url=", site_url_));
    }
    argv.push_back("--lexica_image_url=" + image_url);
    argv.push_back("--dalle_image_url=" + image_url);
    return argv;
  }

  // Runs to the end; notes the most memory that the process was seen to hold.
  int Run(const std::vector<std::string>& argv) {
    Process process = Process::Start(argv).value();
    absl::StatusOr<int> exit_code;
    do {
      NotePeak(process.pid());
      exit_code = process.Wait(absl::ZeroDuration());
    } while (!exit_code.ok());
    output_ = process.Output();
    return *exit_code;
  }

  void NotePeak(pid_t pid) {
    std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
    std::string word;
    while (status >> word) {
      int64_t kilobytes = 0;
      if (word == "VmHWM:" && status >> kilobytes) {
        peak_kilobytes_ = std::max(peak_kilobytes_, kilobytes);
      }
    }
  }

  int64_t Stored() {
    if (!std::filesystem::exists(store_ / "ledger")) return 0;
    auto store = OpenShardStore(store_.string(), StoreAccess::kRead).value();
    auto reader = store->Query(RecordQuery()).value();
    int64_t stored = 0;
    while (reader->Next().value()) ++stored;
    return stored;
  }

  // Which connections must never come: a port of this machine that is no site.
  ScriptedServer canary_{Answer(Ok("secret"))};
  std::string site_url_;
  std::string output_;
  int64_t peak_kilobytes_ = 0;
  const std::filesystem::path store_ = MakeTestDir("store");
  const std::filesystem::path state_ = MakeTestDir("state");
};

// But for those that wait, whose time the binary does not let us shorten.
std::vector<HostileAnswer> QuickAnswers() {
  std::vector<HostileAnswer> quick;
  for (HostileAnswer& answer : HostileAnswers()) {
    if (answer.code != absl::StatusCode::kDeadlineExceeded) {
      quick.push_back(std::move(answer));
    }
  }
  return quick;
}

// A site without rules of its own.
bool AnswersForRules(Connection& peer, std::string request) {
  if (PathOf(request) == "/robots.txt" ||
      PathOf(request) == "/.well-known/tdmrep.json") {
    peer.Send("HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
    return true;
  }
  peer.Unread(std::move(request));
  return false;
}

std::string SmallPicture(int number) {
  Image image{16, 16, {}};
  for (int i = 0; i < 16 * 16 * 3; ++i) {
    image.rgb.push_back(static_cast<uint8_t>(i * (number + 1) + number));
  }
  return EncodePng(image).value();
}

// One page of pictures: five hostile ones by each good one.
TEST_F(HostileSitesTest, GoodPicturesAreStoredFromAmongHostileOnes) {
  const std::vector<HostileAnswer> answers = QuickAnswers();
  std::string ids;
  int good = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (i % 5 == 0) absl::StrAppend(&ids, "\"good-", good++, "\",");
    absl::StrAppend(&ids, "\"bad-", i, "\",");
  }
  ids.pop_back();
  const ScriptedServer site([&](Connection& peer) {
    const std::string request = peer.ReadRequest();
    if (AnswersForRules(peer, request)) return;
    peer.Send(Ok(absl::EndsWith(PathOf(request), "page=0")
                     ? absl::StrCat("[{\"Ids\":[", ids, "]}]")
                     : "[]"));
  });
  const ScriptedServer images([&](Connection& peer) {
    const std::string request = peer.ReadRequest();
    if (AnswersForRules(peer, request)) return;
    const std::vector<std::string> parts =
        absl::StrSplit(PathOf(request), absl::ByAnyChar("/-"));
    int number = 0;
    if (parts.size() < 3 || !absl::SimpleAtoi(parts[2], &number)) return;
    if (parts[1] == "bad") return answers[number].script(peer);
    peer.Send(Ok(SmallPicture(number), "Content-Type: image/png\r\n"));
  });
  site_url_ = site.Url("");
  // A run ends when the site fails too often at a time; what is left is kept.
  for (int run = 0; run < 8 && Stored() < good; ++run) {
    const int exit_code = Run(Command("dalle", images.Url("")));
    ASSERT_TRUE(exit_code == 0 || exit_code == 1) << exit_code << output_;
  }
  EXPECT_EQ(Stored(), good) << output_;
  EXPECT_GT(images.connections(), static_cast<int>(answers.size()));
  EXPECT_GT(peak_kilobytes_, 0);
  EXPECT_LT(peak_kilobytes_, kMaxKilobytes);
  EXPECT_EQ(canary_.connections(), 0);
  RecordProperty("VmHWM_kB", static_cast<int>(peak_kilobytes_));
}

TEST_F(HostileSitesTest, PicturesWithoutEndDoNotFillTheMemory) {
  std::string ids = "\"big-0\"";
  for (int i = 1; i < 48; ++i) absl::StrAppend(&ids, ",\"big-", i, "\"");
  const ScriptedServer site([&](Connection& peer) {
    const std::string request = peer.ReadRequest();
    if (AnswersForRules(peer, request)) return;
    if (absl::StrContains(PathOf(request), "aggregated")) {
      peer.Send(Ok(absl::EndsWith(PathOf(request), "page=0")
                       ? absl::StrCat("[{\"Ids\":[", ids, "]}]")
                       : "[]"));
      return;
    }
    peer.Send("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n");
    peer.SendForever(std::string(1 << 16, 'x'));
  });
  site_url_ = site.Url("");
  std::vector<std::string> argv = Command("dalle", site_url_);
  argv.push_back("--parallel=16");  // As many as all sources together.
  EXPECT_EQ(Run(argv), 1) << output_;
  EXPECT_THAT(output_, HasSubstr("48 too large"));
  EXPECT_GT(peak_kilobytes_, 0);
  EXPECT_LT(peak_kilobytes_, kMaxKilobytes);
  RecordProperty("VmHWM_kB", static_cast<int>(peak_kilobytes_));
}

TEST_F(HostileSitesTest, EverySourceSurvivesSitesThatAnswerAnything) {
  const std::vector<HostileAnswer> answers = QuickAnswers();
  std::atomic<size_t> next = 0;
  const ScriptedServer site([&](Connection& peer) {
    if (AnswersForRules(peer, peer.ReadRequest())) return;
    answers[next++ % answers.size()].script(peer);
  });
  site_url_ = site.Url("");
  while (next < answers.size()) {
    const size_t before = next;
    const int exit_code =
        Run(Command("wga,artbench,lexica,dalle", site.Url("")));
    ASSERT_TRUE(exit_code == 0 || exit_code == 1) << exit_code << output_;
    ASSERT_GT(next, before) << output_;
  }
  EXPECT_EQ(Stored(), 0);
  EXPECT_LT(peak_kilobytes_, kMaxKilobytes);
  RecordProperty("VmHWM_kB", static_cast<int>(peak_kilobytes_));
}

TEST_F(HostileSitesTest, SitesThatRedirectInwardsReachNothing) {
  const ScriptedServer site([&](Connection& peer) {
    if (AnswersForRules(peer, peer.ReadRequest())) return;
    peer.ReadRequest();
    peer.Send(RedirectTo(canary_.Url("/secret")));
  });
  site_url_ = site.Url("");
  EXPECT_EQ(Run(Command("wga,artbench,lexica,dalle", site.Url(""))), 1);
  EXPECT_THAT(output_, HasSubstr("forbidden address"));
  EXPECT_EQ(canary_.connections(), 0);
}

// A robots.txt may lead elsewhere, too.
TEST_F(HostileSitesTest, ARobotsTxtThatRedirectsInwardsReachesNothing) {
  const ScriptedServer site(Answer(RedirectTo(canary_.Url("/robots.txt"))));
  site_url_ = site.Url("");
  EXPECT_EQ(Run(Command("wga,artbench,lexica,dalle", site.Url(""))), 1);
  EXPECT_EQ(canary_.connections(), 0);
  EXPECT_EQ(Stored(), 0);
}

}  // namespace
}  // namespace verso
