// A decoder that was taken over: what it tries is denied, and how it ends, lies
// or wastes is an error of one image. This binary runs itself again as such a
// decoder (see main()), confined as the real one is. Each attempt is also made
// in a free process, where it must succeed: else being denied would say
// nothing.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/image/sandbox/decoder_child.h"
#include "common/image/sandbox/decoder_process.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

constexpr char kHash[] = "0123456789abcdef";
constexpr int64_t kMemoryBytes = int64_t{64} << 20;

long Call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  return syscall(number, a, b, c, d);
}
long Address(const void* pointer) { return reinterpret_cast<long>(pointer); }

bool RunsAThread() {
  pthread_t thread;
  const auto nothing = [](void*) -> void* { return nullptr; };
  return pthread_create(&thread, nullptr, nothing, nullptr) == 0 &&
         pthread_join(thread, nullptr) == 0;
}

bool RunsAProcess() {
  const pid_t pid = static_cast<pid_t>(Call(SYS_clone, SIGCHLD));
  if (pid == 0) _exit(0);
  return pid > 0 && waitpid(pid, nullptr, 0) == pid;
}

// The program's own exit code is success.
bool RunsAProgram() {
  char name[] = "true";
  char* argv[] = {name, nullptr};
  char* environment[] = {nullptr};
  execve("/bin/true", argv, environment);
  return false;
}

// Its own: some systems do not let a free process read its parent's either.
bool ReadsProcessMemory() {
  char byte = 0;
  iovec local = {&byte, 1};
  iovec remote = {const_cast<char*>(kHash), 1};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

bool MapsCode() {
  return mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

bool MakesDataCode() {
  void* data = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool RaisesALimit() {
  rlimit limit = {};
  return getrlimit(RLIMIT_AS, &limit) == 0 && setrlimit(RLIMIT_AS, &limit) == 0;
}

bool SetsATimer() {
  timer_t timer;
  return timer_create(CLOCK_MONOTONIC, nullptr, &timer) == 0;
}

bool HandlesASignal() {
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  return sigaction(SIGUSR1, &action, nullptr) == 0;
}

std::string Scratch() {
  return absl::StrCat(P_tmpdir, "/verso-escape-", getpid());
}

bool MakesAFile() {
  const std::string path = Scratch();
  return open(path.c_str(), O_WRONLY | O_CREAT, 0600) >= 0 &&
         unlink(path.c_str()) == 0;
}

bool MakesAFolder() {
  const std::string path = Scratch();
  return mkdir(path.c_str(), 0700) == 0 && rmdir(path.c_str()) == 0;
}

bool MakesALink() {
  const std::string path = Scratch();
  return symlink("/etc/passwd", path.c_str()) == 0 && unlink(path.c_str()) == 0;
}

bool ReadsALink() {
  char path[4096];
  return readlink("/proc/self/exe", path, sizeof(path)) > 0;
}

bool Stats() {
  struct stat about;
  return stat("/etc/passwd", &about) == 0;
}

bool SendsADescriptor() {
  int pair[2];
  return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

bool Pipes() {
  int ends[2];
  return pipe(ends) == 0;
}

using Attempt = std::function<bool()>;
const std::map<std::string, Attempt>& Attempts() {
  static const auto& attempts = *new std::map<std::string, Attempt>{
      {"open a file", [] { return open("/etc/passwd", O_RDONLY) >= 0; }},
      {"openat a file",
       [] { return openat(AT_FDCWD, "/etc/passwd", O_RDONLY) >= 0; }},
      {"open a folder", [] { return open("/", O_DIRECTORY) >= 0; }},
      {"open /proc/self/environ",
       [] { return open("/proc/self/environ", O_RDONLY) >= 0; }},
      {"open /proc/self/mem",
       [] { return open("/proc/self/mem", O_RDWR) >= 0; }},
      {"list the processes",
       [] { return open("/proc", O_DIRECTORY | O_RDONLY) >= 0; }},
      {"read a process' memory", ReadsProcessMemory},
      {"make a file", MakesAFile},
      {"make a folder", MakesAFolder},
      {"make a link", MakesALink},
      {"read a link", ReadsALink},
      {"stat a file", Stats},
      {"change the folder", [] { return chdir("/") == 0; }},
      {"a TCP socket", [] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
      {"a UDP socket", [] { return socket(AF_INET, SOCK_DGRAM, 0) >= 0; }},
      {"a Unix socket", [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
      {"a socket pair", SendsADescriptor},
      {"a pipe", Pipes},
      {"duplicate a descriptor", [] { return dup(3) >= 0; }},
      {"run a program", RunsAProgram},
      {"fork", RunsAProcess},
      {"start a thread", RunsAThread},
      {"trace", [] { return ptrace(PTRACE_TRACEME, 0, 0, 0) == 0; }},
      {"signal the parent", [] { return kill(getppid(), 0) == 0; }},
      {"tgkill the parent",
       [] { return Call(SYS_tgkill, getppid(), getppid(), 0) == 0; }},
      {"a handle of the parent",
       [] { return Call(SYS_pidfd_open, getppid()) >= 0; }},
      {"handle a signal", HandlesASignal},
      {"map code", MapsCode},
      {"make data code", MakesDataCode},
      {"a file in memory",
       [] { return Call(SYS_memfd_create, Address("x")) >= 0; }},
      {"shared memory",
       [] { return shmget(IPC_PRIVATE, 4096, IPC_CREAT) >= 0; }},
      {"outlive the parent", [] { return prctl(PR_SET_PDEATHSIG, 0) == 0; }},
      {"raise a limit", RaisesALimit},
      {"the personality", [] { return personality(0xffffffff) >= 0; }},
      {"a timer", SetsATimer},
      {"another process group", [] { return setpgid(0, 0) == 0; }},
      {"watch files", [] { return inotify_init() >= 0; }},
      {"epoll", [] { return epoll_create1(0) >= 0; }},
      {"the file mode mask", [] { return Call(SYS_umask, 022) >= 0; }},
      {"another user", [] { return setuid(getuid()) == 0; }},
      {"sleep",
       [] {
         const timespec moment = {0, 1};
         return nanosleep(&moment, nullptr) == 0;
       }},
  };
  return attempts;
}

// Ways to be a nuisance without any forbidden call.
absl::StatusOr<DecodedImage> Misbehave(absl::string_view how) {
  volatile uint64_t spins = 0;
  if (how == "crash") raise(SIGSEGV);  // tgkill() to itself is allowed.
  if (how == "abort") abort();
  if (how == "exit") _exit(7);
  while (how == "spin") spins = spins + 1;
  if (how == "wait") {
    char byte;
    (void)!read(kDecoderSocket, &byte, 1);
  }
  if (how == "lie") return DecodedImage{"<script>alert(1", {}};
  if (how == "throw") throw std::bad_alloc();
  if (how == "shout") {
    return absl::DataLossError(std::string("\n\x1b[2J\xff") +
                               std::string(5000, 'a'));
  }
  if (how == "flood") {
    const std::string junk(1 << 20, '\xff');
    while (write(kDecoderSocket, junk.data(), junk.size()) > 0) {
    }
  }
  if (how == "eat") {
    for (int64_t eaten = 0; eaten < 2 * kMemoryBytes; eaten += 1 << 20) {
      char* piece = static_cast<char*>(malloc(1 << 20));
      if (piece == nullptr) return absl::ResourceExhaustedError("no memory");
      memset(piece, 1, 1 << 20);
    }
  }
  if (how == "secret" && getenv("VERSO_ESCAPE_SECRET") == nullptr) {
    return absl::DataLossError("no such variable");
  }
  return DecodedImage{kHash, {}};
}

absl::StatusOr<DecodedImage> HostileDecoder(const DecoderRequest& request) {
  const auto attempt = Attempts().find(std::string(request.bytes));
  if (attempt == Attempts().end()) return Misbehave(request.bytes);
  if (attempt->second()) return DecodedImage{kHash, {}};
  return absl::DataLossError(absl::StrCat("denied: ", strerror(errno)));
}

class EscapeTest : public ::testing::Test {
 protected:
  absl::StatusOr<DecodedImage> Ask(const std::string& what) {
    if (decoder_ == nullptr || !decoder_->IsAlive()) {
      auto started = DecoderProcess::Start({.cpu_time = absl::Seconds(1),
                                            .wall_time = absl::Seconds(20),
                                            .memory_bytes = kMemoryBytes});
      RETURN_IF_ERROR(started.status());
      decoder_ = *std::move(started);
    }
    return decoder_->Decode({.bytes = what});
  }

  std::unique_ptr<DecoderProcess> decoder_;
};

bool SucceedsWhenFree(const Attempt& attempt) {
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(STDIN_FILENO, kDecoderSocket);
    _exit(attempt() ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(EscapeTest, EveryAttemptIsDenied) {
  EXPECT_GE(Attempts().size(), 20u);
  for (const auto& [name, attempt] : Attempts()) {
    EXPECT_TRUE(SucceedsWhenFree(attempt)) << name;
    const absl::Status status = Ask(name).status();
    const bool is_killed =
        absl::IsInternal(status) &&
        absl::StrContains(status.message(), "Bad system call");
    const bool is_refused =
        absl::IsDataLoss(status) &&
        absl::StrContains(status.message(), "Permission denied");
    EXPECT_TRUE(is_killed || is_refused) << name << ": " << status;
  }
}

TEST_F(EscapeTest, ACrashIsAnErrorOfOneImage) {
  EXPECT_THAT(Ask("crash"), StatusIs(absl::StatusCode::kInternal,
                                     HasSubstr("Segmentation fault")));
  EXPECT_FALSE(decoder_->IsAlive());
  EXPECT_OK(Ask("be good"));
}

TEST_F(EscapeTest, AnAbortIsAnErrorOfOneImage) {
  EXPECT_THAT(Ask("abort"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("Aborted")));
  EXPECT_OK(Ask("be good"));
}

TEST_F(EscapeTest, AnExitIsAnErrorOfOneImage) {
  EXPECT_THAT(Ask("exit"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("exit code 7")));
  EXPECT_OK(Ask("be good"));
}

TEST_F(EscapeTest, ASpinningDecoderIsKilled) {
  EXPECT_THAT(Ask("spin"), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                    HasSubstr("1s of processor time")));
  EXPECT_FALSE(decoder_->IsAlive());
  EXPECT_OK(Ask("be good"));
}

TEST_F(EscapeTest, ADecoderThatOnlyWaitsIsKilled) {
  ASSERT_OK_AND_ASSIGN(decoder_,
                       DecoderProcess::Start({.cpu_time = absl::Seconds(20),
                                              .wall_time = absl::Seconds(1),
                                              .memory_bytes = kMemoryBytes}));
  EXPECT_THAT(Ask("wait"), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                    HasSubstr("1s in all")));
  EXPECT_FALSE(decoder_->IsAlive());
}

TEST_F(EscapeTest, MemoryIsLimited) {
  EXPECT_THAT(Ask("eat"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(Ask("be good"));
}

TEST_F(EscapeTest, AnAllocationThatThrowsIsAnAnswer) {
  EXPECT_THAT(Ask("throw"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(decoder_->IsAlive());
}

TEST_F(EscapeTest, ASenselessHashIsNotTaken) {
  EXPECT_THAT(Ask("lie"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_FALSE(decoder_->IsAlive());
}

TEST_F(EscapeTest, AFloodOfBytesIsNotTaken) {
  EXPECT_THAT(Ask("flood"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_FALSE(decoder_->IsAlive());
}

TEST_F(EscapeTest, AMessageIsShortAndPlain) {
  const absl::Status status = Ask("shout").status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_EQ(status.message().size(), 1024u);
  EXPECT_EQ(status.message().substr(0, 7), "??[2J?a");
}

TEST_F(EscapeTest, PixelsOfAnotherSizeAreNotTaken) {
  EXPECT_OK(Ask("be good"));
  EXPECT_THAT(decoder_->Decode({.bytes = "be good",
                                .wants_pixels = true,
                                .width = 30000,
                                .height = 30000}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("size")));
}

TEST_F(EscapeTest, TheEnvironmentStaysOutside) {
  ASSERT_EQ(setenv("VERSO_ESCAPE_SECRET", "1", 1), 0);
  EXPECT_THAT(Ask("secret"), StatusIs(absl::StatusCode::kDataLoss,
                                      HasSubstr("no such variable")));
}

TEST_F(EscapeTest, NoZombieIsLeft) {
  for (const char* way : {"crash", "exit", "spin", "be good"}) {
    (void)Ask(way);
  }
  decoder_ = nullptr;
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::RunIfDecoderChild(argc, argv, verso::HostileDecoder);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
