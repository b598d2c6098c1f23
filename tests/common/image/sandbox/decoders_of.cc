#include "tests/common/image/sandbox/decoders_of.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace verso::testing {
namespace {

struct State {
  char letter = 'X';
  pid_t parent = 0;
};

// nullopt: there is no such process.
std::optional<State> StateOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields =
      absl::StrSplit(text.substr(name_end + 2), ' ');
  State state;
  if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &state.parent)) {
    return std::nullopt;
  }
  state.letter = fields[0][0];
  return state;
}

bool Runs(const std::optional<State>& state) {
  return state && state->letter != 'Z' && state->letter != 'X';
}

bool Await(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace

std::vector<pid_t> DecodersOf(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const std::optional<State> state = StateOf(pid);
    if (Runs(state) && state->parent == parent) children.push_back(pid);
  }
  std::sort(children.begin(), children.end());
  return children;
}

int ThreadsOf(pid_t pid) {
  const std::filesystem::directory_iterator tasks(
      absl::StrCat("/proc/", pid, "/task"));
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

bool AwaitEnd(pid_t pid) {
  return Await([pid] { return !Runs(StateOf(pid)); });
}

bool AwaitWork(pid_t pid) {
  return Await([pid] {
    const std::optional<State> state = StateOf(pid);
    return state && state->letter == 'R';
  });
}

}  // namespace verso::testing
