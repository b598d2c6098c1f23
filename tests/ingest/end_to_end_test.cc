// The binary against the gallery server and a real store: all five sources.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shardstore/shard_server.h"
#include "shardstore/shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;
using ::verso::testing::ProcessResult;
using ::verso::testing::RunProcess;
using ::verso::testing::WaitForPort;

constexpr int kPictures = 8;  // Of each source.

class EndToEndTest : public ::testing::Test {
 protected:
  // `faults`: as the server's --fault.
  void StartGallery(const std::vector<std::string>& faults = {}) {
    const std::filesystem::path port_file = MakeTestDir("gallery") / "port";
    std::vector<std::string> argv = {"tests/gallery/gallery_server", "--port=0",
                                     "--port_file=" + port_file.string()};
    for (const char* site : {"wga", "artbench", "lexica", "dalle", "lofi"}) {
      argv.push_back(absl::StrCat("--", site, "=", kPictures));
    }
    for (const std::string& fault : faults) {
      argv.push_back("--fault=" + fault);
    }
    gallery_.emplace_back(Process::Start(argv).value());
    port_ = WaitForPort(gallery_.back(), port_file).value();
  }

  ProcessResult Ingest(const std::string& sources,
                       const std::vector<std::string>& flags = {}) {
    std::vector<std::string> argv = {"ingest/ingest",
                                     "run",
                                     "--sources=" + sources,
                                     "--store=" + location_,
                                     "--host_interval=0s",
                                     "--retry_base=10ms",
                                     "--frontier=" + state_.string()};
    const std::vector<std::pair<std::string, std::string>> bases = {
        {"wga", "wga"},       {"artbench", "artbench"},
        {"lexica", "lexica"}, {"lexica_image", "lexica-images"},
        {"dalle", "dalle"},   {"dalle_image", "dalle-images"},
        {"lofi", "a1111"}};
    for (const auto& [flag, path] : bases) {
      argv.push_back(
          absl::StrCat("--", flag, "_url=http://127.0.0.1:", port_, "/", path));
    }
    argv.insert(argv.end(), flags.begin(), flags.end());
    return RunProcess(argv).value();
  }

  std::vector<Provenance> Stored() {
    auto store = OpenShardStore(store_.string(), StoreAccess::kRead).value();
    auto reader = store->Query(RecordQuery()).value();
    std::vector<Provenance> stored;
    while (const auto record = reader->Next().value()) {
      stored.push_back(record->provenance());
    }
    return stored;
  }

  std::vector<Process> gallery_;
  int port_ = 0;
  const std::filesystem::path store_ = MakeTestDir("store");
  std::string location_ = store_.string();  // What ingest is given.
  const std::filesystem::path state_ = MakeTestDir("state");
};

constexpr char kAll[] = "wga,artbench,lexica,dalle,lofi";

TEST_F(EndToEndTest, StoresAllSourcesWithTheirProvenance) {
  StartGallery();
  const ProcessResult result = Ingest(kAll);
  ASSERT_EQ(result.exit_code, 0) << result.output;
  std::map<std::string, int> counts;
  std::set<std::string> artbench_ids;
  const std::vector<Provenance> stored = Stored();
  for (const Provenance& provenance : stored) {
    ++counts[provenance.source()];
    if (provenance.source() == "artbench") {
      artbench_ids.insert(provenance.sha256().substr(0, 32));
    }
  }
  for (const char* source : {"wga", "artbench", "lexica", "dalle", "lofi"}) {
    EXPECT_GE(counts[source], 1) << source << "\n" << result.output;
  }
  for (const Provenance& provenance : stored) {
    const bool human =
        provenance.source() == "wga" || provenance.source() == "artbench";
    EXPECT_EQ(provenance.label(), human ? LABEL_HUMAN : LABEL_GENERATED);
    EXPECT_NE(provenance.label_evidence(), LABEL_EVIDENCE_UNKNOWN);
    EXPECT_EQ(provenance.stand_in(), "simulated");
    EXPECT_EQ(provenance.perceptual_hash().size(), 16);
    EXPECT_GT(provenance.width(), 0);
    EXPECT_EQ(provenance.http_status(), 200);
    EXPECT_FALSE(provenance.image_url().empty());
    EXPECT_FALSE(provenance.fetched_at().empty());
    if (provenance.source() == "lofi") {
      EXPECT_TRUE(artbench_ids.contains(provenance.parent()));
      EXPECT_FALSE(provenance.generator().seed().empty());
    }
  }
}

TEST_F(EndToEndTest, AppendsOverGrpcAsIntoADirectory) {
  StartGallery();
  {
    auto store = OpenShardStore(store_.string(), StoreAccess::kWrite).value();
    auto server = ShardServer::Start(store.get(), "127.0.0.1:0").value();
    location_ = server->address();
    const ProcessResult result = Ingest("artbench,lofi");
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }
  EXPECT_EQ(Stored().size(), 2 * kPictures);
}

TEST_F(EndToEndTest, AStoreThatGoesAwayIsNamedAndNothingIsLost) {
  StartGallery();
  {
    auto store = OpenShardStore(store_.string(), StoreAccess::kWrite).value();
    auto server = ShardServer::Start(store.get(), "127.0.0.1:0").value();
    location_ = server->address();
  }
  const ProcessResult gone = Ingest("wga");
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.output, HasSubstr(location_));
  location_ = store_.string();
  EXPECT_EQ(Ingest("wga").exit_code, 0);
  EXPECT_EQ(Stored().size(), kPictures);
}

TEST_F(EndToEndTest, ASecondRunNeedsNoSite) {
  StartGallery();
  ASSERT_EQ(Ingest(kAll).exit_code, 0);
  const size_t stored = Stored().size();
  gallery_.clear();  // Whatever is asked now fails.
  const ProcessResult again = Ingest(kAll);
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(Stored().size(), stored);
}

TEST_F(EndToEndTest, PassingFaultsCostNothing) {
  StartGallery({"/wga/art=html:2", "/wga/database=500:1",
                "/dalle-images=half:2", "/dalle/api=429:1"});
  const ProcessResult result = Ingest("wga,dalle", {"--limit=5"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Stored().size(), 10);
}

TEST_F(EndToEndTest, APictureThatIsNotByItsPageIsFoundThroughIt) {
  StartGallery({"/wga/art=404:2"});
  const ProcessResult result = Ingest("wga");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("refused 0"));
  EXPECT_EQ(Stored().size(), kPictures);
}

TEST_F(EndToEndTest, NothingIsFetchedWithoutARobotsTxtThatCanBeHad) {
  StartGallery({"/robots.txt=500"});
  const ProcessResult result = Ingest("wga");
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("/robots.txt answers HTTP 500"));
  EXPECT_TRUE(Stored().empty());
}

TEST_F(EndToEndTest, LastingFaultsAreRefusedWithTheirReason) {
  StartGallery({"/wga/art=404:2", "/wga/html=404:2", "/dalle-images=html"});
  const ProcessResult result = Ingest("wga,dalle");
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("2 HTTP 404"));
  EXPECT_THAT(result.output, HasSubstr("HTML page"));
  EXPECT_GE(Stored().size(), 2);
}

TEST_F(EndToEndTest, ASiteThatSendsHtmlForJsonFailsAloneAndSaysSo) {
  StartGallery({"/dalle/api=html"});
  const ProcessResult result = Ingest("wga,dalle");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              HasSubstr("dalle: everything was refused (1 html)"));
  EXPECT_THAT(result.output, ContainsRegex("wga +[1-9]"));
}

TEST_F(EndToEndTest, HalfATarIsTakenUpAgain) {
  StartGallery({"/artbench/files/artbench-10=half:1"});
  const ProcessResult result = Ingest("artbench");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Stored().size(), kPictures);
}

}  // namespace
}  // namespace verso
