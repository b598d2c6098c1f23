#include "tests/gallery/gallery_server.h"

#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::MakeTestDir;
using testing::Process;
using testing::ServedGallery;
using testing::StatusIs;
using testing::WaitForPort;

constexpr char kCatalogue[] = "/wga/database/download/data_txt.zip";
constexpr char kSearch[] = "/lexica/api/v1/search?q=baroque";
constexpr char kTar[] = "/artbench/files/artbench-10-imagefolder-split.tar";
constexpr char kProgram[] = "tests/gallery/gallery_server";

GalleryServerOptions WithFaults(absl::string_view faults) {
  GalleryServerOptions options;
  options.faults = *ParseFaults(faults);
  return options;
}

TEST(GalleryServerTest, EveryAnswerSaysThatItIsSimulated) {
  ServedGallery gallery;
  for (const char* path : {kCatalogue, kSearch, kTar, "/robots.txt", "/none"}) {
    EXPECT_EQ(gallery.Get(path).get_header_value("X-Verso-Stand-In"),
              "simulated")
        << path;
  }
}

TEST(GalleryServerTest, ServesTheSameBytesEachTime) {
  ServedGallery first;
  ServedGallery second;
  for (const char* path : {kCatalogue, kSearch, kTar}) {
    EXPECT_EQ(first.Get(path).body == second.Get(path).body, true) << path;
  }
  SimulatedGalleryOptions other = testing::SmallGallery();
  other.seed = 2;
  ServedGallery third({}, std::make_unique<SimulatedGallery>(other));
  EXPECT_EQ(first.Get(kTar).body == third.Get(kTar).body, false);
}

TEST(GalleryServerTest, AClientThatHasAFileGetsA304) {
  ServedGallery gallery;
  const httplib::Response first = gallery.Get(kCatalogue);
  const std::string etag = first.get_header_value("ETag");
  const std::string date = first.get_header_value("Last-Modified");
  const httplib::Response by_tag =
      gallery.Get(kCatalogue, {{"If-None-Match", etag}});
  EXPECT_EQ(by_tag.status, 304);
  EXPECT_EQ(by_tag.body, "");
  EXPECT_EQ(by_tag.get_header_value("ETag"), etag);
  EXPECT_EQ(gallery.Get(kCatalogue, {{"If-Modified-Since", date}}).status, 304);
  EXPECT_EQ(gallery.Get(kCatalogue, {{"If-None-Match", "\"other\""}}).status,
            200);
}

TEST(GalleryServerTest, CountsRequestsByRouteAndStatus) {
  ServedGallery gallery;
  gallery.Get(kCatalogue);
  gallery.Get("/wga/art/a/b/c.jpg");
  gallery.Get("/wga/art/a/b/d.jpg");
  gallery.Get("/nothing");
  const json stats = gallery.GetJson("/stats");
  EXPECT_EQ(stats["total"], 4);
  EXPECT_EQ(stats["kind"], "simulated");
  EXPECT_EQ(stats["requests"],
            json({{"/wga/database", 1}, {"/wga/art", 2}, {"other", 1}}));
  EXPECT_EQ(stats["statuses"], json({{"200", 1}, {"404", 3}}));
}

TEST(GalleryServerTest, RobotsMayReadAll) {
  EXPECT_EQ(ServedGallery().Get("/robots.txt").body,
            "User-agent: *\nAllow: /\n");
}

TEST(GalleryServerTest, FaultsTakeTheAnswersPlace) {
  ServedGallery gallery(
      WithFaults("/wga=404,/lexica=429:1,/lexica=html:1,/artbench=500"));
  EXPECT_EQ(gallery.Get(kCatalogue).status, 404);
  const httplib::Response busy = gallery.Get(kSearch);
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.get_header_value("Retry-After"), "1");
  const httplib::Response page = gallery.Get(kSearch);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.get_header_value("Content-Type"), "text/html");
  EXPECT_EQ(gallery.Get(kTar).status, 500);
  EXPECT_TRUE(gallery.GetJson(kSearch).contains("images"));
}

TEST(GalleryServerTest, HalfAnAnswerEndsBeforeItsLength) {
  for (const char* path : {kCatalogue, kTar}) {
    ServedGallery gallery(WithFaults(absl::StrCat(path, "=half:1")));
    EXPECT_EQ(gallery.Get(path).status, -1) << path;
    EXPECT_EQ(gallery.Get(path).status, 200) << path;
  }
}

TEST(GalleryServerTest, FaultsSpoilAnswersInTheirWay) {
  const httplib::Response whole = ServedGallery().Get(kCatalogue);
  ServedGallery gallery(WithFaults(absl::StrCat(
      kCatalogue, "=cut:1,", kCatalogue, "=damaged:1,", kCatalogue,
      "=as-png:1,", kCatalogue, "=noai-verso:1,", kCatalogue, "=delay:1")));
  EXPECT_EQ(gallery.Get(kCatalogue).body,
            whole.body.substr(0, whole.body.size() / 2));
  const std::string damaged = gallery.Get(kCatalogue).body;
  ASSERT_EQ(damaged.size(), whole.body.size());
  int different = 0;
  for (size_t i = 0; i < damaged.size(); ++i) {
    different += damaged[i] != whole.body[i];
  }
  EXPECT_EQ(different, 1);
  const httplib::Response named = gallery.Get(kCatalogue);
  EXPECT_EQ(named.get_header_value("Content-Type"), "image/png");
  EXPECT_EQ(named.get_header_value_count("Content-Type"), 1);
  EXPECT_EQ(gallery.Get(kCatalogue).get_header_value("X-Robots-Tag"),
            "verso: noai");
  EXPECT_EQ(gallery.Get(kCatalogue).body == whole.body, true);
}

TEST(GalleryServerTest, AMadeToOrderAnswerIsSpoiledAsWell) {
  const std::string whole = ServedGallery().Get(kTar).body;
  ServedGallery gallery(WithFaults(absl::StrCat(kTar, "=cut:1")));
  EXPECT_EQ(gallery.Get(kTar).body == whole.substr(0, whole.size() / 2), true);
  EXPECT_EQ(gallery.Get(kTar).body == whole, true);
}

TEST(GalleryServerTest, BusyAnswersMayNotSayForHowLongOrGiveADate) {
  ServedGallery gallery(WithFaults("/lexica=429-bare:1,/lexica=429-date:1"));
  EXPECT_FALSE(gallery.Get(kSearch).has_header("Retry-After"));
  const httplib::Response dated = gallery.Get(kSearch);
  EXPECT_EQ(dated.status, 429);
  EXPECT_THAT(dated.get_header_value("Retry-After"), HasSubstr(" GMT"));
}

TEST(GalleryServerTest, RedirectsLeadNowhereOrToTheAnswer) {
  ServedGallery gallery(WithFaults("/wga=loop:1,/wga=moved:1"));
  EXPECT_EQ(gallery.Get(kCatalogue).get_header_value("Location"), kCatalogue);
  const httplib::Response moved = gallery.Get(kCatalogue);
  EXPECT_EQ(moved.status, 302);
  const std::string location = moved.get_header_value("Location");
  EXPECT_EQ(location, absl::StrCat("/moved", kCatalogue));
  EXPECT_EQ(gallery.Get(location).body, gallery.Get(kCatalogue).body);
}

TEST(GalleryServerTest, PicturesMayBeTheSameOrHaveAlpha) {
  ServedGallery gallery(WithFaults("/a=same:2,/b=alpha"));
  const httplib::Response first = gallery.Get("/a/1");
  EXPECT_EQ(first.get_header_value("Content-Type"), "image/png");
  EXPECT_EQ(gallery.Get("/a/2").body == first.body, true);
  const std::string webp = gallery.Get("/b").body;
  EXPECT_EQ(webp.substr(8, 8), "WEBPVP8L");
}

TEST(GalleryServerTest, RobotsMayBeSentAwayOrSlowedDown) {
  ServedGallery gallery(
      WithFaults("/robots.txt=disallow:1,/robots.txt=crawl-delay:1"));
  EXPECT_EQ(gallery.Get("/robots.txt").body, "User-agent: *\nDisallow: /\n");
  EXPECT_THAT(gallery.Get("/robots.txt").body, HasSubstr("Crawl-delay: 1"));
}

TEST(GalleryServerTest, APostsBodyIsReadBeforeItsFault) {
  ServedGallery gallery(WithFaults("/a1111=422:1"));
  const std::string large(1 << 20, ' ');
  EXPECT_EQ(gallery.Post("/a1111/sdapi/v1/txt2img", large + "{}").status, 422);
  // The connection is still good for the next one.
  EXPECT_EQ(gallery.Post("/a1111/sdapi/v1/txt2img", large).status, 422);
  EXPECT_EQ(gallery.Get("/robots.txt").status, 200);
}

TEST(GalleryServerTest, LogsEachAnswer) {
  GalleryServerOptions options = WithFaults("/lexica=500:1");
  options.access_log = (MakeTestDir("log") / "access").string();
  ServedGallery gallery(options);
  const int64_t before = absl::ToUnixMicros(absl::Now());
  gallery.Get("/lexica/api/v1/search?q=a%20b");
  gallery.Get("/stats");
  gallery.Post("/none", "{}");
  ASSERT_OK_AND_ASSIGN(const std::string log,
                       ReadFile(options.access_log, 1 << 20));
  const std::vector<std::string> words =
      absl::StrSplit(log, absl::ByAnyChar(" \n"));
  const std::string host = absl::StrCat("127.0.0.1:", gallery.server().port());
  ASSERT_EQ(words.size(), 11);
  EXPECT_GE(std::stoll(words[0]), before);
  EXPECT_LE(std::stoll(words[0]), std::stoll(words[5]));
  EXPECT_THAT(std::vector<std::string>(words.begin() + 1, words.begin() + 5),
              ElementsAre("GET", host, "/lexica/api/v1/search?q=a%20b", "500"));
  EXPECT_THAT(std::vector<std::string>(words.begin() + 6, words.begin() + 10),
              ElementsAre("POST", host, "/none", "404"));
}

TEST(GalleryServerTest, RefusesAnAccessLogThatCannotBeWritten) {
  GalleryServerOptions options;
  options.access_log = "/no/such/folder/log";
  EXPECT_THAT(
      GalleryServer::Start(
          std::make_unique<SimulatedGallery>(testing::SmallGallery()), options),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("/no/such/folder/log")));
}

TEST(GalleryServerTest, RefusesAnUnknownEncoding) {
  GalleryServerOptions options;
  options.wga_encoding = "klingon";
  EXPECT_THAT(
      GalleryServer::Start(
          std::make_unique<SimulatedGallery>(testing::SmallGallery()), options),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("klingon")));
}

TEST(GalleryProgramTest, WritesItsPortAndStopsOnRequest) {
  const auto port_file = MakeTestDir("port") / "port";
  ASSERT_OK_AND_ASSIGN(
      Process server,
      Process::Start({kProgram, "--wga=3",
                      absl::StrCat("--port_file=", port_file.string())}));
  ASSERT_OK_AND_ASSIGN(const int port, WaitForPort(server, port_file));
  httplib::Client client("127.0.0.1", port);
  const httplib::Result stats = client.Get("/stats");
  ASSERT_TRUE(stats);
  EXPECT_EQ(json::parse(stats->body)["total"], 0);
  server.Signal(SIGTERM);
  EXPECT_THAT(server.Wait(absl::Minutes(1)), IsOkAndHolds(0));
}

TEST(GalleryProgramTest, APortInUseIsOneSentence) {
  ServedGallery other;
  const int port = other.server().port();
  ASSERT_OK_AND_ASSIGN(
      const testing::ProcessResult result,
      testing::RunProcess({kProgram, absl::StrCat("--port=", port)}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr(absl::StrCat("127.0.0.1:", port)),
                                   HasSubstr("choose another --port")));
}

TEST(GalleryProgramTest, FaultsMayBeRepeatedOnTheCommandLine) {
  const auto port_file = MakeTestDir("faults") / "port";
  ASSERT_OK_AND_ASSIGN(
      Process server,
      Process::Start({kProgram, "--wga=3", "--fault=/wga=404",
                      "--fault=/robots.txt=500",
                      absl::StrCat("--port_file=", port_file.string())}));
  ASSERT_OK_AND_ASSIGN(const int port, WaitForPort(server, port_file));
  httplib::Client client("127.0.0.1", port);
  EXPECT_EQ(client.Get(kCatalogue)->status, 404);
  EXPECT_EQ(client.Get("/robots.txt")->status, 500);
}

TEST(GalleryProgramTest, WrongFlagsAreOneSentence) {
  const auto run = [](const std::string& flag) {
    return testing::RunProcess({kProgram, flag}).value();
  };
  EXPECT_EQ(run("--fault=/a=teapot").exit_code, 2);
  EXPECT_EQ(run("--colour=red").exit_code, 2);
  const testing::ProcessResult folder = run("--gallery=/no/such/folder");
  EXPECT_EQ(folder.exit_code, 1);
  EXPECT_THAT(folder.output, HasSubstr("/no/such/folder/manifest.csv"));
  EXPECT_THAT(run("--wga=-1").output, HasSubstr("--wga is -1"));
}

TEST(GalleryProgramTest, HelpHasExamples) {
  ASSERT_OK_AND_ASSIGN(const testing::ProcessResult help,
                       testing::RunProcess({kProgram, "--help"}));
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("bazel run //tests/gallery"),
                                 HasSubstr("--fault")));
}

}  // namespace
}  // namespace verso
