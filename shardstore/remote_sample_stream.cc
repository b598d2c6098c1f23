#include "shardstore/remote_sample_stream.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"

namespace verso {
namespace {

StreamSamplesRequest RequestOf(const SampleStreamOptions& options) {
  StreamSamplesRequest request;
  request.set_snapshot(options.snapshot);
  request.set_split(options.split);
  request.set_seed(options.seed);
  request.set_epochs(options.epochs);
  request.set_rank(options.rank);
  request.set_world_size(options.world_size);
  request.set_global_batch(options.global_batch);
  request.set_cursor(options.cursor);
  request.set_shuffle(options.shuffle);
  return request;
}

absl::Status Cancelled() {
  return absl::CancelledError("the sample stream is cancelled");
}

}  // namespace

RemoteSampleStream::RemoteSampleStream(std::shared_ptr<ShardService::Stub> stub,
                                       std::string address,
                                       const SampleStreamOptions& options,
                                       const RemoteStreamOptions& remote)
    : stub_(std::move(stub)),
      address_(std::move(address)),
      remote_(remote),
      request_(RequestOf(options)) {}

absl::Status RemoteSampleStream::Start() {
  ASSIGN_OR_RETURN(first_, Fetch());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SampleBatch>> RemoteSampleStream::Next() {
  if (cancelled()) return Cancelled();
  if (first_.has_value()) return std::exchange(first_, std::nullopt);
  return Fetch();
}

absl::StatusOr<std::optional<SampleBatch>> RemoteSampleStream::Fetch() {
  const absl::Time give_up = absl::Now() + remote_.progress_timeout;
  for (int attempt = 0;; ++attempt) {
    absl::StatusOr<std::optional<SampleBatch>> batch = FetchOnce();
    if (batch.ok()) return batch;
    Disconnect();
    if (cancelled()) return Cancelled();
    RETURN_IF_ERROR(CheckNotStopped());
    if (!absl::IsUnavailable(batch.status())) return batch;
    if (attempt >= remote_.max_reconnects || absl::Now() >= give_up) {
      return absl::UnavailableError(batch.status().message());
    }
    if (!WaitBeforeReconnect(attempt)) return Cancelled();
  }
}

absl::StatusOr<std::optional<SampleBatch>> RemoteSampleStream::FetchOnce() {
  if (ended_) return std::nullopt;
  if (reader_ == nullptr) RETURN_IF_ERROR(Connect());
  while (true) {
    ASSIGN_OR_RETURN(std::optional<SampleBatchPart> part, reader_->Next());
    if (!part.has_value()) {
      return absl::UnavailableError("the stream broke off without its end");
    }
    if (part->end_of_stream()) {
      ended_ = true;
      return std::nullopt;
    }
    ASSIGN_OR_RETURN(std::optional<SampleBatch> batch,
                     assembler_.Add(*std::move(part)));
    if (!batch.has_value()) continue;
    request_.set_cursor(batch->next_cursor);
    return batch;
  }
}

absl::Status RemoteSampleStream::Connect() {
  assembler_ = BatchAssembler();
  const auto prepare = [this](grpc::ClientContext* context,
                              grpc::CompletionQueue* queue) {
    return stub_->PrepareAsyncStreamSamples(context, request_, queue);
  };
  absl::MutexLock lock(&mu_);
  if (cancelled_) return Cancelled();
  reader_ =
      std::make_shared<Reader>(prepare, address_, remote_.progress_timeout);
  return absl::OkStatus();
}

void RemoteSampleStream::Disconnect() {
  std::shared_ptr<Reader> gone;  // Ends outside the lock.
  absl::MutexLock lock(&mu_);
  gone = std::move(reader_);
  reader_ = nullptr;
}

bool RemoteSampleStream::WaitBeforeReconnect(int attempt) {
  const absl::Duration wait = std::min(
      absl::Milliseconds(100) * (1 << std::min(attempt, 6)), absl::Seconds(5));
  absl::MutexLock lock(&mu_);
  return !mu_.AwaitWithTimeout(absl::Condition(&cancelled_), wait);
}

bool RemoteSampleStream::cancelled() {
  absl::MutexLock lock(&mu_);
  return cancelled_;
}

void RemoteSampleStream::Cancel() {
  absl::MutexLock lock(&mu_);
  cancelled_ = true;
  if (reader_ != nullptr) reader_->Cancel();
}

}  // namespace verso
