#include "tests/testing/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;

fs::path TestTmpDir() {
  const char* dir = std::getenv("TEST_TMPDIR");
  return dir == nullptr ? fs::temp_directory_path() : fs::path(dir);
}

std::string ResolveProgram(const std::string& program) {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  if (runfiles == nullptr || program.front() == '/') return program;
  const fs::path found = fs::path(runfiles) / "verso" / program;
  return fs::exists(found) ? found.string() : program;
}

[[noreturn]] void RunChild(std::vector<char*>& argv, const fs::path& output,
                           const std::vector<std::string>& environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  for (const std::string& variable : environment) {
    putenv(const_cast<char*>(variable.c_str()));
  }
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

absl::StatusOr<Process> Process::Start(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment) {
  static std::atomic<int> counter{0};
  const fs::path output =
      TestTmpDir() / absl::StrCat("output-", getpid(), "-", counter++);
  const std::string program = ResolveProgram(argv.front());
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  for (size_t i = 1; i < argv.size(); ++i) {
    arguments.push_back(const_cast<char*>(argv[i].c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus("fork", program, errno);
  if (pid == 0) RunChild(arguments, output, environment);
  setpgid(pid, pid);
  return Process(pid, output);
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(exit_code_, other.exit_code_);
  std::swap(output_, other.output_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

absl::StatusOr<int> Process::Wait(absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  while (pid_ >= 0) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ =
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = -1;
      break;
    }
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("still running; its output so far:\n", Output()));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return exit_code_;
}

void Process::Signal(int signal_number) {
  if (pid_ >= 0) kill(pid_, signal_number);
}

std::string Process::Output() const { return ReadFile(output_).value_or(""); }

absl::StatusOr<ProcessResult> RunProcess(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, absl::Duration timeout) {
  ASSIGN_OR_RETURN(Process process, Process::Start(argv, environment));
  ASSIGN_OR_RETURN(const int exit_code, process.Wait(timeout));
  return ProcessResult{exit_code, process.Output()};
}

absl::StatusOr<int> WaitForPort(Process& process, const fs::path& port_file) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (absl::Now() < end) {
    int port = 0;
    const absl::StatusOr<std::string> text = ReadFile(port_file);
    if (text.ok() && absl::SimpleAtoi(*text, &port)) return port;
    if (process.Wait(absl::ZeroDuration()).ok()) {
      return absl::UnavailableError(
          absl::StrCat("the server ended: ", process.Output()));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return absl::DeadlineExceededError(
      absl::StrCat("no port after a minute: ", process.Output()));
}

fs::path MakeTestDir(absl::string_view name) {
  const fs::path dir = TestTmpDir() / std::string(name);
  fs::remove_all(dir);
  fs::create_directories(dir);
  return dir;
}

fs::path MakeSocketDir() {
  std::string dir = (fs::temp_directory_path() / "verso-XXXXXX").string();
  return mkdtemp(dir.data()) == nullptr ? fs::path() : fs::path(dir);
}

}  // namespace verso::testing
