#include "common/image/sandbox/decoder_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/sandbox/decoder_child.h"

namespace verso {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(60);

absl::Duration Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

absl::Status CannotStart(absl::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("cannot start an image decoder: ", why));
}

// What the dynamic linker and sanitizers need: a decoder has no business with
// the secrets that other variables may hold.
std::vector<char*> Environment() {
  std::vector<char*> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const absl::string_view name =
        absl::string_view(*variable).substr(0, strcspn(*variable, "="));
    if (name == "LD_LIBRARY_PATH" || absl::EndsWith(name, "SAN_OPTIONS")) {
      kept.push_back(*variable);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

// Starts this program again, with `socket` as kDecoderSocket, in a process
// group of its own: a terminal's Ctrl-C and Ctrl-Z are for the parent. By exec
// and not by fork: other threads may hold locks at any time. A copy of the
// program that forks decoders (a zygote) would start them in 1 ms instead of
// 50, but a decoder lives for thousands of images, and its parent could not
// wait for it.
int Spawn(int socket, int64_t memory_bytes, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY,
                                   0);
  posix_spawn_file_actions_adddup2(&files, socket, kDecoderSocket);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  std::string name = "verso-decoder";
  std::string argument = kDecoderArgument;
  std::string memory = absl::StrCat(memory_bytes);
  char* argv[] = {name.data(), argument.data(), memory.data(), nullptr};
  std::vector<char*> environment = Environment();
  const int error = posix_spawn(&pid, "/proc/self/exe", &files, &attributes,
                                argv, environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

// Goes into logs and databases: one line of ASCII.
std::string Plain(std::string message) {
  for (char& c : message) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  return message;
}

bool IsHash(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           (c >= 'a' && c <= 'f');
  });
}

// What a decoder may say of an image.
bool IsVerdict(absl::StatusCode code) {
  return code == absl::StatusCode::kInvalidArgument ||
         code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kResourceExhausted;
}

std::string Signal(int number) {
  const char* description = sigdescr_np(number);
  return absl::StrCat(
      "signal ", number,
      description == nullptr ? "" : absl::StrCat(", ", description));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DecoderProcess>> DecoderProcess::Start(
    const DecoderBudget& budget) {
  if (!CanRunDecoderChild()) {
    return absl::FailedPreconditionError(
        "image decoders run this program again, whose main() does not start "
        "with ImageSandboxMain()");
  }
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return CannotStart(strerror(errno));
  }
  FileDescriptor ours(sockets[0]);
  FileDescriptor theirs(sockets[1]);
  pid_t pid = -1;
  const int error = Spawn(theirs.get(), budget.memory_bytes, pid);
  if (error != 0) {
    return CannotStart(absl::StrCat("/proc/self/exe: ", strerror(error)));
  }
  std::unique_ptr<DecoderProcess> process(
      new DecoderProcess(pid, std::move(ours), budget));
  theirs.Close();  // Or the end of the process would not be seen.
  RETURN_IF_ERROR(process->AwaitConfined());
  return process;
}

DecoderProcess::~DecoderProcess() { Kill(); }

absl::Status DecoderProcess::AwaitConfined() {
  meter_ = {Now() + kStartTime, CpuTime() + kStartTime};
  ReplyHead head;
  absl::Status status = Receive(&head, sizeof(head));
  std::string message;
  if (status.ok() && head.code != 0) {
    message.resize(std::clamp(head.message_size, 0, kMaxMessageBytes));
    status = Receive(message.data(), message.size());
  }
  if (!status.ok()) return CannotStart(status.message());
  if (head.code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(Plain(message));
}

absl::StatusOr<DecodedImage> DecoderProcess::Decode(
    const DecoderRequest& request) {
  meter_ = {Now() + budget_.wall_time, CpuTime() + budget_.cpu_time};
  absl::StatusOr<DecodedImage> decoded = Exchange(request);
  if (!decoded.ok() && !IsVerdict(decoded.status().code())) Kill();
  return decoded;
}

absl::StatusOr<DecodedImage> DecoderProcess::Exchange(
    const DecoderRequest& request) {
  const RequestHead head = {static_cast<int64_t>(request.bytes.size()),
                            request.limits.max_pixels, request.limits.max_side,
                            request.wants_pixels ? 1 : 0};
  RETURN_IF_ERROR(Send(&head, sizeof(head)));
  RETURN_IF_ERROR(Send(request.bytes.data(), request.bytes.size()));
  return ReadReply(request);
}

absl::StatusOr<DecodedImage> DecoderProcess::ReadReply(
    const DecoderRequest& request) {
  ReplyHead head;
  RETURN_IF_ERROR(Receive(&head, sizeof(head)));
  if (head.message_size < 0 || head.message_size > kMaxMessageBytes) {
    return Senseless("a message of no size");
  }
  std::string message(head.message_size, '\0');
  RETURN_IF_ERROR(Receive(message.data(), message.size()));
  const auto code = static_cast<absl::StatusCode>(head.code);
  if (IsVerdict(code)) return absl::Status(code, Plain(std::move(message)));
  if (code != absl::StatusCode::kOk) return Senseless("no known status");
  DecodedImage decoded;
  if (!request.wants_pixels) {
    decoded.perceptual_hash.assign(head.perceptual_hash,
                                   sizeof(head.perceptual_hash));
    if (!IsHash(decoded.perceptual_hash)) return Senseless("no hash");
    return decoded;
  }
  if (head.width != request.width || head.height != request.height) {
    return Senseless("another size");
  }
  decoded.image = {head.width, head.height, {}};
  decoded.image.rgb.resize(size_t{3} * head.width * head.height);
  RETURN_IF_ERROR(Receive(decoded.image.rgb.data(), decoded.image.rgb.size()));
  return decoded;
}

absl::Status DecoderProcess::Send(const void* data, size_t size) {
  const char* rest = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent =
        send(socket_.get(), rest, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest += sent;
      size -= sent;
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(AwaitSocket(POLLOUT));
    } else if (errno != EINTR) {
      return Ended();
    }
  }
  return absl::OkStatus();
}

absl::Status DecoderProcess::Receive(void* data, size_t size) {
  char* rest = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t received = recv(socket_.get(), rest, size, MSG_DONTWAIT);
    if (received > 0) {
      rest += received;
      size -= received;
    } else if (received < 0 && errno == EAGAIN) {
      RETURN_IF_ERROR(AwaitSocket(POLLIN));
    } else if (received == 0 || errno != EINTR) {
      return Ended();
    }
  }
  return absl::OkStatus();
}

// The process has one thread, since it cannot start others: its processor time
// cannot grow faster than the wall's.
absl::Status DecoderProcess::AwaitSocket(short events) {  // NOLINT
  const absl::Duration wall_left = meter_.wall_end - Now();
  const absl::Duration cpu_left = meter_.cpu_end - CpuTime();
  const absl::Duration left = std::min(wall_left, cpu_left);
  if (left <= absl::ZeroDuration()) {
    return absl::DeadlineExceededError(
        cpu_left <= absl::ZeroDuration()
            ? absl::StrCat("decoding it takes more than ",
                           absl::FormatDuration(budget_.cpu_time),
                           " of processor time")
            : absl::StrCat("decoding it takes more than ",
                           absl::FormatDuration(budget_.wall_time), " in all"));
  }
  pollfd waiting = {socket_.get(), events, 0};
  poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
  return absl::OkStatus();
}

absl::Duration DecoderProcess::CpuTime() const {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(pid_, &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return absl::ZeroDuration();  // It has ended, which the socket tells.
  }
  return absl::DurationFromTimespec(used);
}

bool DecoderProcess::IsAlive() {
  if (pid_ < 0) return false;
  pollfd ended = {socket_.get(), POLLRDHUP, 0};
  return poll(&ended, 1, 0) == 0;
}

absl::Status DecoderProcess::Senseless(absl::string_view what) const {
  return absl::InternalError(
      absl::StrCat("the decoder crashed on it (it answers with ", what, ")"));
}

// What it died of; when it only closed its socket, of us.
absl::Status DecoderProcess::Ended() {
  const int status = Kill();
  if (WIFSIGNALED(status)) {
    return absl::InternalError(absl::StrCat(
        "the decoder crashed on it (", Signal(WTERMSIG(status)),
        WTERMSIG(status) == SIGSYS ? ": it tried what decoding does not need"
                                   : "",
        ")"));
  }
  return absl::InternalError(absl::StrCat(
      "the decoder crashed on it (exit code ", WEXITSTATUS(status), ")"));
}

// What waitpid() says; a signal sent to a process that is dying changes
// nothing.
int DecoderProcess::Kill() {
  if (pid_ < 0) return 0;
  int status = 0;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace verso
