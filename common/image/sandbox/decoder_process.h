#ifndef VERSO_COMMON_IMAGE_SANDBOX_DECODER_PROCESS_H_
#define VERSO_COMMON_IMAGE_SANDBOX_DECODER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "common/image/sandbox/messages.h"

namespace verso {

// What one image may take.
struct DecoderBudget {
  absl::Duration cpu_time;
  absl::Duration wall_time;
  int64_t memory_bytes = 0;  // Beyond what the idle process has.
};

// The parent's end of one decoder process (decoder_child.h), which answers one
// request at a time. What it says is not trusted. Not thread-safe.
class DecoderProcess {
 public:
  // Starts this program once more (/proc/self/exe, so that it works wherever
  // the binary was copied to) and waits until it is confined: about 50 ms for
  // a binary of ours. The kernel ends the process when the calling thread ends,
  // so that thread must outlive it.
  // kFailedPrecondition: RunIfDecoderChild() was not called in main(), or the
  //   system does not allow the confinement; says what it takes.
  // kUnavailable: the process cannot be started, or ends at once.
  static absl::StatusOr<std::unique_ptr<DecoderProcess>> Start(
      const DecoderBudget& budget);

  // Kills it and waits for its end.
  ~DecoderProcess();

  // kInvalidArgument, kDataLoss, kResourceExhausted: from the decoder.
  // kDeadlineExceeded: the budget is spent. kInternal: it crashed, tried what
  // is forbidden, or gave a senseless answer. After these two it is dead.
  absl::StatusOr<DecodedImage> Decode(const DecoderRequest& request);

  // False once it was killed or has ended, for whatever reason.
  bool IsAlive();

  pid_t pid() const { return pid_; }

 private:
  // What may still be spent on the exchange that is going on.
  struct Meter {
    absl::Duration wall_end;
    absl::Duration cpu_end;
  };

  DecoderProcess(pid_t pid, FileDescriptor socket, const DecoderBudget& budget)
      : pid_(pid), socket_(std::move(socket)), budget_(budget) {}

  absl::Status AwaitConfined();
  absl::StatusOr<DecodedImage> Exchange(const DecoderRequest& request);
  absl::StatusOr<DecodedImage> ReadReply(const DecoderRequest& request);
  absl::Status Send(const void* data, size_t size);
  absl::Status Receive(void* data, size_t size);
  absl::Status AwaitSocket(short events);  // NOLINT: poll's type.
  absl::Duration CpuTime() const;
  absl::Status Ended();
  absl::Status Senseless(absl::string_view what) const;
  int Kill();

  pid_t pid_;  // -1: waited for.
  FileDescriptor socket_;
  const DecoderBudget budget_;
  Meter meter_;
};

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_DECODER_PROCESS_H_
