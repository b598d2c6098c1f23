#ifndef VERSO_SHARDSTORE_REMOTE_SHARD_STORE_H_
#define VERSO_SHARDSTORE_REMOTE_SHARD_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/shard_service.grpc.pb.h"
#include "shardstore/remote_sample_stream.h"
#include "shardstore/shard_store.h"

namespace verso {

struct RemoteStoreOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  RemoteStreamOptions stream;
};

// A store behind a server (shard_server.h). Every call has a deadline: a minute
// for small ones, two for Append() and Judge(), half an hour for
// CreateSnapshot(); streams
// have a progress deadline. Calls that change something are not tried again.
// Besides what ShardStore says, every call may return kUnavailable.
// Thread-safe.
class RemoteShardStore : public ShardStore {
 public:
  // `address`: "host:port" or "unix:/path". kUnavailable: no store server
  // answers there in time. kCancelled: stop_signal.h.
  static absl::StatusOr<std::unique_ptr<RemoteShardStore>> Connect(
      absl::string_view address, const RemoteStoreOptions& options = {});

  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) override;
  absl::Status Judge(absl::Span<const Judgement> judgements) override;
  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) override;
  absl::StatusOr<SnapshotInfo> CreateSnapshot(
      const DatasetRecipe& recipe) override;
  absl::StatusOr<SnapshotInfo> GetSnapshot(absl::string_view id) override;
  absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots() override;
  absl::StatusOr<std::vector<SampleRow>> ReadSampleTable(
      absl::string_view snapshot_id) override;
  absl::StatusOr<std::unique_ptr<SampleStream>> StreamSamples(
      const SampleStreamOptions& options) override;
  absl::Status AddLinks(absl::Span<const WorkLink> links) override;
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override;

 private:
  RemoteShardStore(std::string address, const RemoteStoreOptions& options,
                   std::shared_ptr<ShardService::Stub> stub);

  const std::string address_;
  const RemoteStoreOptions options_;
  const std::shared_ptr<ShardService::Stub> stub_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_REMOTE_SHARD_STORE_H_
