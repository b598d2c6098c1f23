#ifndef VERSO_SHARDSTORE_PROGRESS_READER_H_
#define VERSO_SHARDSTORE_PROGRESS_READER_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/grpc_status.h"

namespace verso {

// Reads one stream from a server under a progress deadline: the stream may last
// for days, but each message must come within `timeout`. One message is read
// ahead of the caller by gRPC at most, so memory is bounded. Not thread-safe,
// but Cancel().
template <typename Message>
class ProgressReader {
 public:
  using Stream = grpc::ClientAsyncReader<Message>;
  // Calls the stub's PrepareAsync method.
  using Prepare = std::function<std::unique_ptr<Stream>(
      grpc::ClientContext*, grpc::CompletionQueue*)>;

  // `address` is for messages. While the server is away the call waits for it,
  // as long as `timeout`.
  ProgressReader(const Prepare& prepare, std::string address,
                 absl::Duration timeout)
      : address_(std::move(address)), timeout_(timeout) {
    context_.set_wait_for_ready(true);
    stream_ = prepare(&context_, &queue_);
  }

  ~ProgressReader() {
    context_.TryCancel();
    grpc::Status ignored;
    if (started_ && !finished_) stream_->Finish(&ignored, nullptr);
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // The next message; nullopt when the server has ended the stream well.
  // kUnavailable: the server is gone or stops, no message came in time, or
  // Cancel() was called. kCancelled: this process was asked to stop
  // (stop_signal.h). Else what the server says.
  absl::StatusOr<std::optional<Message>> Next() {
    if (finished_) return absl::CancelledError("the stream has ended");
    if (!started_) {
      started_ = true;
      stream_->StartCall(nullptr);
      if (!Await().has_value()) return TimedOut();
    }
    Message message;
    stream_->Read(&message, nullptr);
    const std::optional<bool> ok = Await();
    if (!ok.has_value()) return TimedOut();
    if (*ok) return message;
    return End();
  }

  // Thread-safe.
  void Cancel() { context_.TryCancel(); }

 private:
  // Whether the operation under way went well; nullopt: too late, or this
  // process was asked to stop; it is cancelled.
  std::optional<bool> Await() {
    constexpr auto kSlice = std::chrono::milliseconds(100);
    void* tag;
    bool ok = false;
    const absl::Time deadline = absl::Now() + timeout_;
    while (absl::Now() < deadline && !StopRequested()) {
      if (queue_.AsyncNext(&tag, &ok,
                           std::chrono::system_clock::now() + kSlice) ==
          grpc::CompletionQueue::GOT_EVENT) {
        return ok;
      }
    }
    context_.TryCancel();
    queue_.Next(&tag, &ok);  // `message` is gRPC's until then.
    return std::nullopt;
  }

  absl::StatusOr<std::optional<Message>> End() {
    grpc::Status status;
    stream_->Finish(&status, nullptr);
    const bool in_time = Await().has_value();
    finished_ = true;
    if (!in_time) return TimedOut();
    const absl::Status ended = FromGrpcStatus(status, address_);
    if (!ended.ok()) return ended;
    return std::optional<Message>();
  }

  absl::Status TimedOut() const {
    RETURN_IF_ERROR(CheckNotStopped());
    return absl::UnavailableError(absl::StrCat("the store server ", address_,
                                               " has sent nothing for ",
                                               absl::FormatDuration(timeout_)));
  }

  const std::string address_;
  const absl::Duration timeout_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Stream> stream_;
  bool started_ = false;
  bool finished_ = false;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_PROGRESS_READER_H_
