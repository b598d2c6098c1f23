#include "shardstore/local_shard_store.h"

#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/dataset_builder.h"
#include "shardstore/local_sample_stream.h"
#include "shardstore/snapshot_catalog.h"
#include "shardstore/snapshot_format.h"

namespace verso {

absl::StatusOr<std::unique_ptr<LocalShardStore>> LocalShardStore::Open(
    const std::filesystem::path& dir, StoreAccess access) {
  std::unique_ptr<LocalShardStore> store(new LocalShardStore(dir, access));
  std::error_code ignored;
  const bool has_snapshots =
      std::filesystem::is_directory(dir / kSnapshotsDir, ignored);
  // With snapshots there is a store; else only the records can tell.
  if (access == StoreAccess::kWrite || !has_snapshots) {
    RETURN_IF_ERROR(store->Records().status());
  }
  return store;
}

absl::StatusOr<RecordStorage*> LocalShardStore::Records() {
  absl::MutexLock lock(&mu_);
  if (records_ == nullptr) {
    ASSIGN_OR_RETURN(records_, RecordStorage::Open(dir_, access_));
  }
  return records_.get();
}

absl::StatusOr<std::vector<AppendedRecord>> LocalShardStore::Append(
    absl::Span<const Record> records) {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->Append(records);
}

absl::Status LocalShardStore::Judge(absl::Span<const Judgement> judgements) {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->Judge(judgements);
}

absl::StatusOr<std::unique_ptr<RecordReader>> LocalShardStore::Query(
    const RecordQuery& query) {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->Query(query);
}

absl::StatusOr<StoreStats> LocalShardStore::Stats() {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->Stats();
}

absl::StatusOr<SnapshotInfo> LocalShardStore::CreateSnapshot(
    const DatasetRecipe& recipe) {
  if (access_ != StoreAccess::kWrite) {
    return absl::FailedPreconditionError(
        absl::StrCat("store ", dir_.string(),
                     " is open for reading; a snapshot can only be made by "
                     "the process that writes"));
  }
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  absl::MutexLock lock(&build_mu_);
  return BuildDataset(*storage, dir_ / kSnapshotsDir, recipe);
}

absl::StatusOr<SnapshotInfo> LocalShardStore::GetSnapshot(
    absl::string_view id) {
  return FindSnapshot(dir_ / kSnapshotsDir, id);
}

absl::StatusOr<std::vector<SnapshotInfo>> LocalShardStore::ListSnapshots() {
  return ListSnapshotsIn(dir_ / kSnapshotsDir);
}

absl::StatusOr<std::vector<SampleRow>> LocalShardStore::ReadSampleTable(
    absl::string_view snapshot_id) {
  ASSIGN_OR_RETURN(const SnapshotInfo info, GetSnapshot(snapshot_id));
  ASSIGN_OR_RETURN(const std::string csv, ReadSamplesCsv(SnapshotDir(info)));
  return SamplesFromCsv(csv);
}

absl::StatusOr<std::unique_ptr<SampleStream>> LocalShardStore::StreamSamples(
    const SampleStreamOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<const SnapshotReader> reader,
                   ReaderOf(options.snapshot));
  return LocalSampleStream::Create(std::move(reader), options);
}

absl::Status LocalShardStore::AddLinks(absl::Span<const WorkLink> links) {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->AddLinks(links);
}

absl::StatusOr<std::vector<WorkLink>> LocalShardStore::ReadLinks() {
  ASSIGN_OR_RETURN(RecordStorage* const storage, Records());
  return storage->ReadLinks();
}

std::filesystem::path LocalShardStore::SnapshotDir(
    const SnapshotInfo& info) const {
  return dir_ / kSnapshotsDir / info.id();
}

absl::StatusOr<std::shared_ptr<const SnapshotReader>> LocalShardStore::ReaderOf(
    absl::string_view snapshot_id) {
  ASSIGN_OR_RETURN(const SnapshotInfo info, GetSnapshot(snapshot_id));
  absl::MutexLock lock(&mu_);
  std::weak_ptr<const SnapshotReader>& known = readers_[info.id()];
  if (std::shared_ptr<const SnapshotReader> open = known.lock()) return open;
  ASSIGN_OR_RETURN(std::shared_ptr<const SnapshotReader> opened,
                   SnapshotReader::Open(SnapshotDir(info)));
  known = opened;
  return opened;
}

}  // namespace verso
