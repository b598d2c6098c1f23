// A process that appends until it is killed: the writer of kill_test.
//   kill_appender STORE SEED PIPE
// Before a record is appended "sent ID" goes to PIPE, and once it is
// acknowledged "acked ID". Some are then quarantined, by a sighting or a
// judgement; once that is acknowledged, "quarantined ID".
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "shardstore/judgement.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/kill_testing.h"
#include "tests/shardstore/storage_testing.h"

namespace verso::testing {
namespace {

constexpr int kThreads = 4;

// One write(2) of less than PIPE_BUF bytes: whole or absent.
void Tell(int pipe, const char* what, const Record& record) {
  const std::string line = absl::StrCat(what, " ", IdOf(record), "\n");
  VERSO_CHECK(write(pipe, line.data(), line.size()) ==
              static_cast<ssize_t>(line.size()));
}

void QuarantineLater(RecordStorage& storage, uint64_t number, int pipe,
                     Record record) {
  absl::Status status;
  if (IsSeenAsGenerated(number)) {
    record.mutable_provenance()->set_label(LABEL_GENERATED);
    status = storage.Append({record}).status();
  } else if (IsJudgedLater(number)) {
    status = storage.Judge({QuarantineOf(IdOf(record), "judged", "test")});
  } else {
    return;
  }
  VERSO_CHECK(status.ok());
  Tell(pipe, "quarantined", record);
}

void AppendForEver(RecordStorage& storage, uint64_t seed, int thread,
                   int pipe) {
  for (uint64_t i = 0;; i += 3) {
    std::vector<Record> records;
    for (uint64_t j = i; j < i + 1 + i % 3; ++j) {
      records.push_back(KillTestRecord(seed * kThreads + thread, j));
      Tell(pipe, "sent", records.back());
    }
    const auto outcomes = storage.Append(records);
    VERSO_CHECK(outcomes.ok());
    for (const Record& record : records) Tell(pipe, "acked", record);
    for (size_t k = 0; k < records.size(); ++k) {
      QuarantineLater(storage, i + k, pipe, records[k]);
    }
  }
}

int Main(int argc, char** argv) {
  VERSO_CHECK(argc == 4);
  // Held open, so that the reader sees the end only when we are gone.
  const int pipe = open(argv[3], O_WRONLY);
  VERSO_CHECK(pipe >= 0);
  const auto storage = RecordStorage::Open(argv[1], StoreAccess::kWrite,
                                           {.max_shard_bytes = 300'000});
  VERSO_CHECK(storage.ok());
  const uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back(
        [&storage, seed, t, pipe] { AppendForEver(**storage, seed, t, pipe); });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace verso::testing

int main(int argc, char** argv) { return verso::testing::Main(argc, argv); }
