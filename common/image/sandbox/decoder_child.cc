#include "common/image/sandbox/decoder_child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/image/sandbox/confinement.h"
#include "common/image/sandbox/one_pixel_pictures.h"

namespace verso {
namespace {

std::atomic<bool> can_run_decoder_child{false};

// The parent is gone, or has no more work.
[[noreturn]] void End() { _exit(0); }

void ReadAll(void* data, size_t size) {
  char* rest = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(kDecoderSocket, rest, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) End();
    rest += got;
    size -= got;
  }
}

void WriteAll(const void* data, size_t size) {
  const char* rest = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = write(kDecoderSocket, rest, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) End();
    rest += put;
    size -= put;
  }
}

void Reply(const absl::StatusOr<DecodedImage>& decoded) {
  ReplyHead head;
  head.code = static_cast<int32_t>(decoded.status().code());
  const absl::string_view message =
      decoded.status().message().substr(0, kMaxMessageBytes);
  head.message_size = static_cast<int32_t>(message.size());
  if (decoded.ok()) {
    head.width = decoded->image.width;
    head.height = decoded->image.height;
    decoded->perceptual_hash.copy(head.perceptual_hash,
                                  sizeof(head.perceptual_hash));
  }
  WriteAll(&head, sizeof(head));
  WriteAll(message.data(), message.size());
  if (decoded.ok()) {
    WriteAll(decoded->image.rgb.data(), decoded->image.rgb.size());
  }
}

// Libraries report it as one more kind of broken image.
bool RanOutOfMemory(const absl::Status& status) {
  return absl::IsDataLoss(status) &&
         (absl::StrContains(status.message(), "out of memory") ||
          absl::StrContains(status.message(), "Out of memory") ||
          absl::StrContains(status.message(), "nsufficient memory") ||
          absl::StrContains(status.message(), "not enough memory"));
}

absl::StatusOr<DecodedImage> Answer(const Decoder& decode) {
  RequestHead head;
  ReadAll(&head, sizeof(head));
  const absl::Status no_memory =
      absl::ResourceExhaustedError("decoding it takes too much memory");
  std::string bytes;
  try {
    bytes.resize(head.size);
  } catch (const std::bad_alloc&) {
    End();  // The bytes are in the socket and cannot be skipped.
  }
  ReadAll(bytes.data(), bytes.size());
  try {
    absl::StatusOr<DecodedImage> decoded =
        decode({.bytes = bytes,
                .limits = {head.max_pixels, head.max_side},
                .wants_pixels = head.wants_pixels != 0});
    return RanOutOfMemory(decoded.status()) ? no_memory : std::move(decoded);
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
}

// Schedulers and terminals signal every process of a job: it is the parent
// that decides when the work is over.
void IgnoreStopSignals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    signal(number, SIG_IGN);
  }
  signal(SIGPIPE, SIG_IGN);
}

[[noreturn]] void Serve(int64_t memory_bytes, const Decoder& decode) {
  // Also after a kill -9 of the parent, and in the middle of an image. What
  // happened before this line is seen at the first write.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl(PR_SET_NAME, "verso-decoder", 0, 0, 0);
  IgnoreStopSignals();
  closefrom(kDecoderSocket + 1);
  // Libraries read their configuration when they are first used: later there
  // are no files.
  for (const std::string& picture : OnePixelPictures()) {
    (void)decode({.bytes = picture});
  }
  const absl::Status confined = ConfineThisProcess(memory_bytes);
  Reply(confined.ok() ? absl::StatusOr<DecodedImage>(DecodedImage())
                      : absl::StatusOr<DecodedImage>(confined));
  if (!confined.ok()) _exit(1);
  while (true) Reply(Answer(decode));
}

}  // namespace

void RunIfDecoderChild(int argc, char** argv, const Decoder& decode) {
  int64_t memory_bytes = 0;
  if (argc == 3 && std::strcmp(argv[1], kDecoderArgument) == 0 &&
      absl::SimpleAtoi(argv[2], &memory_bytes)) {
    Serve(memory_bytes, decode);
  }
  can_run_decoder_child = true;
}

bool CanRunDecoderChild() { return can_run_decoder_child; }

}  // namespace verso
