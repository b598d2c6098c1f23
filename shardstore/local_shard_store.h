#ifndef VERSO_SHARDSTORE_LOCAL_SHARD_STORE_H_
#define VERSO_SHARDSTORE_LOCAL_SHARD_STORE_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "shardstore/record_storage.h"
#include "shardstore/shard_store.h"
#include "shardstore/snapshot_reader.h"

namespace verso {

// A store in a directory: its records (record_storage.h) and the folder
// `snapshots` (snapshot_format.h). Opened for reading, it touches the records
// only once Query() is called: snapshots need neither lock nor index.
// Thread-safe.
class LocalShardStore : public ShardStore {
 public:
  // Errors as OpenShardStore().
  static absl::StatusOr<std::unique_ptr<LocalShardStore>> Open(
      const std::filesystem::path& dir, StoreAccess access);

  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) override;
  absl::Status Judge(absl::Span<const Judgement> judgements) override;
  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) override;
  absl::StatusOr<SnapshotInfo> CreateSnapshot(
      const DatasetRecipe& recipe) override ABSL_LOCKS_EXCLUDED(build_mu_);
  absl::StatusOr<SnapshotInfo> GetSnapshot(absl::string_view id) override;
  absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots() override;
  absl::StatusOr<std::vector<SampleRow>> ReadSampleTable(
      absl::string_view snapshot_id) override;
  absl::StatusOr<std::unique_ptr<SampleStream>> StreamSamples(
      const SampleStreamOptions& options) override;
  absl::Status AddLinks(absl::Span<const WorkLink> links) override;
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override;

  // Size of the records; errors as RecordStorage::Open().
  absl::StatusOr<StoreStats> Stats();

 private:
  LocalShardStore(const std::filesystem::path& dir, StoreAccess access)
      : dir_(dir), access_(access) {}
  std::filesystem::path SnapshotDir(const SnapshotInfo& info) const;
  absl::StatusOr<RecordStorage*> Records() ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::shared_ptr<const SnapshotReader>> ReaderOf(
      absl::string_view snapshot_id) ABSL_LOCKS_EXCLUDED(mu_);

  const std::filesystem::path dir_;
  const StoreAccess access_;
  absl::Mutex build_mu_;  // One snapshot is made at a time.
  absl::Mutex mu_;
  std::unique_ptr<RecordStorage> records_ ABSL_GUARDED_BY(mu_);
  // Streams of one snapshot share its open files.
  std::map<std::string, std::weak_ptr<const SnapshotReader>> readers_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_LOCAL_SHARD_STORE_H_
