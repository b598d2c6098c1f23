#ifndef VERSO_TESTS_TESTING_PROCESS_H_
#define VERSO_TESTS_TESTING_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace verso::testing {

// A real child process: its stdout and stderr go to one file. Killed with its
// group when destroyed, and by the kernel when the test dies. Not thread-safe.
class Process {
 public:
  // `argv[0]` is the program: a path, or one of Bazel's runfiles
  // ("shardstore/shardstore"). `environment`: "NAME=value", added to ours.
  static absl::StatusOr<Process> Start(
      const std::vector<std::string>& argv,
      const std::vector<std::string>& environment = {});

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  // The exit code; 128 + n when killed by signal n.
  // kDeadlineExceeded: still running after `timeout` (and left running).
  absl::StatusOr<int> Wait(absl::Duration timeout = absl::Minutes(4));

  void Signal(int signal_number);
  pid_t pid() const { return pid_; }

  // What it has printed so far.
  std::string Output() const;

 private:
  Process(pid_t pid, std::filesystem::path output)
      : pid_(pid), output_(std::move(output)) {}

  pid_t pid_ = -1;  // -1 once waited for.
  int exit_code_ = 0;
  std::filesystem::path output_;
};

struct ProcessResult {
  int exit_code = 0;
  std::string output;  // stdout and stderr.
};

// Starts and waits.
absl::StatusOr<ProcessResult> RunProcess(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment = {},
    absl::Duration timeout = absl::Minutes(4));

// Waits until a server has written its port file.
// kUnavailable: `process` ended before; kDeadlineExceeded after a minute.
absl::StatusOr<int> WaitForPort(Process& process,
                                const std::filesystem::path& port_file);

// A new, empty folder below TEST_TMPDIR.
std::filesystem::path MakeTestDir(absl::string_view name);

// A new, empty folder whose path is short: a Unix socket's may have at most
// 107 bytes, and TEST_TMPDIR's is often longer. Left to the system to clean.
std::filesystem::path MakeSocketDir();

}  // namespace verso::testing

#endif  // VERSO_TESTS_TESTING_PROCESS_H_
