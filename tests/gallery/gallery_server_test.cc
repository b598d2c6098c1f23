#include "tests/gallery/gallery_server.h"

#include <signal.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
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
