#ifndef VERSO_SHARDSTORE_SHARD_STORE_H_
#define VERSO_SHARDSTORE_SHARD_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/dataset.pb.h"
#include "proto/record.pb.h"
#include "shardstore/sample_stream.h"
#include "shardstore/sample_table.h"

namespace verso {

// Records one by one, in the order stored. Not thread-safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // nullopt after the last one. kDataLoss names a damaged record; Next() may
  // be called again and goes on behind it.
  virtual absl::StatusOr<std::optional<Record>> Next() = 0;
};

// A store of records and of the snapshots frozen from them: a local directory
// or a server, one interface. Thread-safe.
class ShardStore {
 public:
  virtual ~ShardStore() = default;

  // Durable when it returns: one outcome per record, in order. A record whose
  // bytes are stored already becomes a sighting. `provenance.sha256` and
  // `size_bytes` are set from the bytes. One with a `provenance.quarantine` is
  // stored and never served; a sighting with one, or whose label contradicts
  // that of the record (one human, the other generated or mixed), quarantines
  // the record unless a judgement has released it.
  // kInvalidArgument: no source, no bytes, or more than 32 MiB: nothing of the
  //   call is stored.
  // kResourceExhausted: the disk is full; nothing of the call is acknowledged.
  // kFailedPrecondition: opened for reading (another process writes).
  virtual absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) = 0;

  // What became known of stored records later, durable when it returns: to
  // quarantine one, to release one, to set a label. All or none; the records
  // themselves stay as they are, and so do snapshots that were frozen before.
  // kInvalidArgument: a malformed judgement. kNotFound: a record that is not
  //   stored. Else as Append().
  virtual absl::Status Judge(absl::Span<const Judgement> judgements) = 0;

  // Quarantined records only when asked for. kInvalidArgument: a malformed
  // query. No match is an empty reader.
  virtual absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) = 0;

  // Freezes a data set; the same recipe and records give the same id, and a
  // second call returns the snapshot that is there.
  // kInvalidArgument: the recipe is wrong (the field is named).
  // kFailedPrecondition: a source of the recipe has no records with its label;
  //   the message says which and what to run.
  virtual absl::StatusOr<SnapshotInfo> CreateSnapshot(
      const DatasetRecipe& recipe) = 0;

  // `id`: an id, a unique prefix of one, or a recipe's name (its newest).
  // kNotFound lists what there is.
  virtual absl::StatusOr<SnapshotInfo> GetSnapshot(absl::string_view id) = 0;
  virtual absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots() = 0;

  // The rows of samples.csv, in order: row i is Sample::index i.
  virtual absl::StatusOr<std::vector<SampleRow>> ReadSampleTable(
      absl::string_view snapshot_id) = 0;

  // kInvalidArgument: an option is out of range. kNotFound: no such snapshot.
  // The store must outlive the stream.
  virtual absl::StatusOr<std::unique_ptr<SampleStream>> StreamSamples(
      const SampleStreamOptions& options) = 0;

  // Notes which records show one work; durable when it returns, all or none.
  // kInvalidArgument: a malformed link (work_links.h). kNotFound: one of its
  //   records is not stored. Otherwise as Append().
  virtual absl::Status AddLinks(absl::Span<const WorkLink> links) = 0;

  // The last link of each pair, without those that were taken back; ordered by
  // the pair.
  virtual absl::StatusOr<std::vector<WorkLink>> ReadLinks() = 0;
};

enum class StoreAccess {
  kRead,   // Any number of processes; snapshots need no lock and no index.
  kWrite,  // One process a directory: kFailedPrecondition names the lock.
};

// `location`: "/dir" or "dir" (local), "host:port" or "unix:/path" (server;
// `access` is then the server's business). A directory without a store is made
// by kWrite and kNotFound for kRead. Reading while another process writes sees
// what was committed when it was opened.
// kUnavailable: no server answers there within 10 s.
absl::StatusOr<std::unique_ptr<ShardStore>> OpenShardStore(
    absl::string_view location, StoreAccess access);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_STORE_H_
