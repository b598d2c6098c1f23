// kill -9 of real writers: what was acknowledged is there, nothing else is.
// VERSO_TEST_SIZE=full kills 500 times; VERSO_SEED=N replays a run.
#include <sys/stat.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shardstore/fsck.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/kill_testing.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr int kKills = 30;
constexpr int kFullKills = 500;

uint64_t SeedOfRun() {
  const char* given = std::getenv("VERSO_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10)
                          : std::random_device()();
}

struct Told {
  std::set<std::string> sent;
  std::set<std::string> acked;
  std::set<std::string> quarantined;  // Later than stored.
};

// Reads lines up to the `count`th acknowledgement, or to the end.
void Listen(std::istream& pipe, uint64_t count, Told& told) {
  std::string line;
  for (uint64_t seen = 0; seen < count && std::getline(pipe, line);) {
    absl::string_view id = line;
    if (absl::ConsumePrefix(&id, "sent ")) told.sent.emplace(id);
    if (absl::ConsumePrefix(&id, "quarantined ")) told.quarantined.emplace(id);
    if (absl::ConsumePrefix(&id, "acked ")) {
      told.acked.emplace(id);
      ++seen;
    }
  }
}

// Starts a writer and kills it after a random acknowledgement, while its four
// threads are anywhere.
void WriteAndKill(const fs::path& dir, uint64_t seed, std::mt19937_64& random,
                  Told& told) {
  const fs::path fifo = dir / absl::StrCat("pipe", seed);
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  ASSERT_OK_AND_ASSIGN(Process writer,
                       Process::Start({"tests/shardstore/kill_appender",
                                       (dir / "store").string(),
                                       absl::StrCat(seed), fifo.string()}));
  std::ifstream pipe(fifo);
  Listen(pipe, random() % 120, told);
  writer.Signal(SIGKILL);
  Listen(pipe, UINT64_MAX, told);  // What it said before it died.
  EXPECT_THAT(writer.Wait(), IsOkAndHolds(128 + SIGKILL)) << writer.Output();
}

// The record as it was sent, by what it says of itself. One that is quarantined
// later may be, though it was not acknowledged.
Record Expected(const Record& record) {
  uint64_t seed = 0;
  EXPECT_TRUE(absl::SimpleAtoi(record.provenance().found_by(), &seed));
  Record expected = AsStored(KillTestRecord(seed >> 32, seed & 0xffffffff));
  if (IsSeenAsGenerated(seed) || IsJudgedLater(seed)) {
    expected.mutable_provenance()->set_quarantine(
        record.provenance().quarantine());
  }
  return expected;
}

void ExpectNothingQuarantinedIsServed(RecordStorage& storage,
                                      const Told& told) {
  for (const Record& record : ReadAll(storage).records) {
    EXPECT_EQ(Expected(record).provenance().quarantine(), "");
    EXPECT_FALSE(told.quarantined.contains(IdOf(record)));
  }
}

void ExpectAckedAndNoPhantoms(const fs::path& store, const Told& told) {
  const auto storage = OpenStorage(store);
  ASSERT_NE(storage, nullptr);
  ExpectNothingQuarantinedIsServed(*storage, told);
  RecordQuery everything;
  everything.set_include_bytes(true);
  everything.set_include_quarantined(true);
  const ReadResult result = ReadAll(*storage, everything);
  EXPECT_THAT(result.errors, IsEmpty());
  std::set<std::string> stored;
  for (const Record& record : result.records) {
    const std::string id = IdOf(record);
    EXPECT_TRUE(stored.insert(id).second) << id << " is there twice";
    EXPECT_TRUE(told.sent.contains(id)) << id << " was never sent";
    EXPECT_EQ(record.SerializeAsString(), Expected(record).SerializeAsString());
  }
  for (const std::string& id : told.acked) {
    EXPECT_TRUE(stored.contains(id)) << id << " was acknowledged and is lost";
  }
}

TEST(KillTest, WhatWasAcknowledgedIsThereAndNothingThatWasNotSent) {
  const uint64_t seed = SeedOfRun();
  SCOPED_TRACE(absl::StrCat("replay with VERSO_SEED=", seed));
  const char* size = std::getenv("VERSO_TEST_SIZE");
  const bool full = size != nullptr && absl::string_view(size) == "full";
  const int kills = full ? kFullKills : kKills;
  const fs::path dir = MakeTestDir("kill");
  std::mt19937_64 random(seed);
  Told told;
  for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
    // A new store now and then keeps what is read each time small.
    if (kill % 10 == 0) {
      fs::remove_all(dir / "store");
      told = Told();
    }
    WriteAndKill(dir, static_cast<uint64_t>(kill), random, told);
    ExpectAckedAndNoPhantoms(dir / "store", told);
  }
  EXPECT_FALSE(told.acked.empty());
  EXPECT_FALSE(told.quarantined.empty());
  ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir / "store", {}));
  EXPECT_THAT(report.problems, IsEmpty());
}

}  // namespace
}  // namespace verso::testing
