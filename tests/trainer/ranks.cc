#include "tests/trainer/ranks.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace verso::testing {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    VERSO_CHECK(pipe(ends) == 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  int read_end, write_end;
};

struct Child {
  pid_t pid = -1;
  Pipe port;    // To it: where the ranks meet.
  Pipe result;  // From it: the code and the message of its status.
};

absl::Status RunOne(int rank, int world_size, int port, const Rank& work) {
  Rendezvous place;
  place.rank = rank;
  place.world_size = world_size;
  place.master_addr = "127.0.0.1";
  place.master_port = port;
  place.store_is_served = true;
  auto group = ProcessGroup::Connect(place, c10::kCPU);
  if (!group.ok()) return group.status();
  const absl::Status status = work(**group);
  return status.ok() ? (*group)->Shutdown() : status;
}

[[noreturn]] void ChildMain(const Child& child, int rank, int world_size,
                            const Rank& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int port = 0;
  if (read(child.port.read_end, &port, sizeof(port)) != sizeof(port)) _exit(1);
  const absl::Status status = RunOne(rank, world_size, port, work);
  const std::string text =
      absl::StrCat(static_cast<int>(status.code()), " ", status.message());
  const bool sent = write(child.result.write_end, text.data(), text.size()) ==
                    static_cast<ssize_t>(text.size());
  std::fflush(nullptr);
  _exit(sent ? 0 : 1);  // No destructors: a broken group's would wait.
}

absl::Status Collect(const Child& child) {
  close(child.result.write_end);
  std::string text;
  char buffer[4096];
  for (ssize_t n;
       (n = read(child.result.read_end, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  close(child.result.read_end);
  int status = 0;
  VERSO_CHECK(waitpid(child.pid, &status, 0) == child.pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || text.empty()) {
    return absl::InternalError(
        absl::StrCat("the rank's process died, wait status ", status));
  }
  const size_t space = text.find(' ');
  return absl::Status(
      static_cast<absl::StatusCode>(std::stoi(text.substr(0, space))),
      text.substr(space + 1));
}

}  // namespace

std::vector<absl::Status> RunRanks(int world_size, const Rank& rank) {
  std::vector<Child> children(world_size);
  // Forked before the server starts its threads, which a fork would not have.
  for (int i = 0; i < world_size; ++i) {
    children[i].pid = fork();
    VERSO_CHECK(children[i].pid >= 0);
    if (children[i].pid == 0) ChildMain(children[i], i, world_size, rank);
    close(children[i].port.read_end);
  }
  const auto server = RendezvousServer::Start();
  const int port = server.ok() ? (*server)->port() : 0;
  for (const Child& child : children) {
    VERSO_CHECK(write(child.port.write_end, &port, sizeof(port)) ==
                sizeof(port));
    close(child.port.write_end);
  }
  std::vector<absl::Status> results;
  for (const Child& child : children) results.push_back(Collect(child));
  return results;
}

}  // namespace verso::testing
