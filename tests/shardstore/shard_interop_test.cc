// Shards are ordinary tar files: read by Python's tarfile, WebDataset and GNU
// tar as they stand, sealed and unsealed.
#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kReader[] = "tests/shardstore/read_shards.py";

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// deploy/setup puts Python's packages here.
std::string Python() {
  if (const std::string given = Environment("VERSO_PYTHON"); !given.empty()) {
    return given;
  }
  std::string cache = Environment("XDG_CACHE_HOME");
  if (cache.empty()) cache = Environment("HOME") + "/.cache";
  const fs::path venv = fs::path(cache) / "verso/python/bin/python3";
  return fs::exists(venv) ? venv.string() : "/usr/bin/python3";
}

// A store of a sealed and an unsealed shard, with images of many lengths.
class ShardInteropTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = MakeTestDir("interop");
    const auto storage = OpenStorage(dir_ / "store", StoreAccess::kWrite,
                                     {.max_shard_bytes = 60'000});
    std::mt19937_64 random(11);
    for (int i = 0; i < 15; ++i) {
      const Record record = RandomRecord(random, 9000);
      AppendAll(*storage, {record});
      absl::StrAppend(&expected_, IdOf(record), " jpg ",
                      Sha256Hex(record.image()), " ",
                      record.provenance().source(), "\n");
    }
    const LedgerSummary ledger = storage->Ledger();
    ASSERT_TRUE(ledger.shards.begin()->second.sealed);
    ASSERT_FALSE(ledger.shards.rbegin()->second.sealed);
    for (const auto& [number, shard] : ledger.shards) {
      shards_.push_back((dir_ / "store/shards" / ShardName(number)).string());
    }
  }

  std::string ReadByPython(const std::string& way) {
    std::vector<std::string> argv = {Python(), fs::absolute(kReader), way};
    argv.insert(argv.end(), shards_.begin(), shards_.end());
    const auto result = RunProcess(argv);
    EXPECT_OK(result);
    EXPECT_EQ(result->exit_code, 0) << result->output;
    return result->output;
  }

  fs::path dir_;
  std::string expected_;
  std::vector<std::string> shards_;
};

TEST_F(ShardInteropTest, PythonsTarfileReadsEverySample) {
  EXPECT_EQ(ReadByPython("tarfile"), expected_);
}

TEST_F(ShardInteropTest, WebDatasetReadsEverySample) {
  const auto import = RunProcess({Python(), "-c", "import webdataset"});
  ASSERT_OK(import);
  if (import->exit_code != 0) {
    GTEST_SKIP() << "Python's package webdataset is not installed: run "
                    "deploy/setup, or set VERSO_PYTHON";
  }
  EXPECT_EQ(ReadByPython("webdataset"), expected_);
}

TEST_F(ShardInteropTest, GnuTarExtractsEveryFileWithoutAWord) {
  std::string extracted;
  for (const std::string& shard : shards_) {
    ASSERT_OK_AND_ASSIGN(
        const ProcessResult result,
        RunProcess({"/usr/bin/tar", "-xf", shard, "-C", dir_.string()}));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.output, "");
  }
  std::istringstream lines(expected_);
  std::string id, extension, sha256, source;
  while (lines >> id >> extension >> sha256 >> source) {
    EXPECT_EQ(Sha256Hex(Slurp(dir_ / (id + "." + extension))), sha256);
    EXPECT_TRUE(absl::StrContains(Slurp(dir_ / (id + ".json")),
                                  "\"source\":\"" + source + "\""));
  }
}

}  // namespace
}  // namespace verso::testing
