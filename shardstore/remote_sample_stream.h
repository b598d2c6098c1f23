#ifndef VERSO_SHARDSTORE_REMOTE_SAMPLE_STREAM_H_
#define VERSO_SHARDSTORE_REMOTE_SAMPLE_STREAM_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/shard_service.grpc.pb.h"
#include "shardstore/message_parts.h"
#include "shardstore/progress_reader.h"
#include "shardstore/sample_stream.h"

namespace verso {

struct RemoteStreamOptions {
  absl::Duration progress_timeout = absl::Seconds(60);
  // In a row, without a whole step between them.
  int max_reconnects = 5;
};

// Streams samples from a server. When the server goes away it asks again at the
// cursor behind the last whole step, so that the caller sees every step exactly
// once; it waits `progress_timeout` for the server to come back. Thread use as
// SampleStream.
class RemoteSampleStream : public SampleStream {
 public:
  RemoteSampleStream(std::shared_ptr<ShardService::Stub> stub,
                     std::string address, const SampleStreamOptions& options,
                     const RemoteStreamOptions& remote = {});

  // Asks for the first step already, so that wrong options are seen early.
  // Errors as Next() and ShardStore::StreamSamples().
  absl::Status Start();

  absl::StatusOr<std::optional<SampleBatch>> Next() override;
  void Cancel() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Reader = ProgressReader<SampleBatchPart>;

  absl::StatusOr<std::optional<SampleBatch>> Fetch();
  absl::StatusOr<std::optional<SampleBatch>> FetchOnce();
  absl::Status Connect() ABSL_LOCKS_EXCLUDED(mu_);
  void Disconnect() ABSL_LOCKS_EXCLUDED(mu_);
  bool WaitBeforeReconnect(int attempt) ABSL_LOCKS_EXCLUDED(mu_);
  bool cancelled() ABSL_LOCKS_EXCLUDED(mu_);

  const std::shared_ptr<ShardService::Stub> stub_;
  const std::string address_;
  const RemoteStreamOptions remote_;
  StreamSamplesRequest request_;  // Its cursor is behind the last whole step.
  BatchAssembler assembler_;
  std::optional<SampleBatch> first_;  // Fetched by Start().
  bool ended_ = false;

  absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  // Changed by the caller of Next() alone, who reads it without the lock.
  std::shared_ptr<Reader> reader_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_REMOTE_SAMPLE_STREAM_H_
