#ifndef VERSO_SHARDSTORE_LEDGER_H_
#define VERSO_SHARDSTORE_LEDGER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/file.h"
#include "proto/ledger.pb.h"

namespace verso {

// What the ledger says of one shard.
struct CommittedShard {
  int64_t end_offset = 0;  // Bytes; the end of the last committed sample.
  int64_t records = 0;
  bool sealed = false;
  std::string sha256;  // Of the sealed file.
};

// The ledger summed up (proto/ledger.proto has the bytes).
struct LedgerSummary {
  std::map<int, CommittedShard> shards;  // By number.
  int64_t entries = 0;
  int64_t sightings = 0;
  int64_t judgements = 0;
  int64_t end_offset = 0;     // Bytes; the end of the last whole entry.
  int64_t damaged_bytes = 0;  // Before `end_offset`, in no whole entry and not
                              // dealt with by a recovery.
  int64_t tail_bytes = 0;     // Behind `end_offset`: torn, or damaged.

  int64_t records() const;
  // Takes an entry that follows into the sums.
  void Add(const LedgerEntry& entry);
};

// Reads a ledger to its end; `visit` (may be empty) gets each whole entry.
// Damage in the middle is stepped over and counted, never taken for the end.
// kNotFound: there is no such file.
absl::StatusOr<LedgerSummary> ReadLedger(
    const std::filesystem::path& path,
    const std::function<void(const LedgerEntry&)>& visit = nullptr);

// Calls `visit` with each whole entry from byte `from` on, the start of one,
// and where it ends; an error of `visit` ends it.
// kDataLoss: the ledger is shorter than that.
absl::Status VisitLedger(
    const std::filesystem::path& path, int64_t from,
    const std::function<absl::Status(const LedgerEntry&, int64_t end)>& visit);

// Appends to a ledger. Not thread-safe.
class LedgerWriter {
 public:
  // Makes the file when it is absent; what lies behind `end_offset` is cut.
  static absl::StatusOr<std::unique_ptr<LedgerWriter>> Open(
      const std::filesystem::path& path, int64_t end_offset);

  // Writes entries with the time now where it is 0; not durable before
  // Sync(). After an error, call CutBack().
  absl::Status Append(absl::Span<const LedgerEntry> entries);

  // Makes what was appended durable. Never retry a failure.
  absl::Status Sync();

  // Takes back what was appended since the last Sync().
  absl::Status CutBack();

  // Where the next entry goes.
  int64_t size_bytes() const { return size_bytes_; }

 private:
  LedgerWriter(const std::filesystem::path& path, FileDescriptor fd,
               int64_t end_offset);

  const std::filesystem::path path_;
  const FileDescriptor fd_;
  int64_t size_bytes_;
  int64_t synced_bytes_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_LEDGER_H_
