#include "common/base/paths.h"

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"

namespace verso {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::filesystem::path ResolveUserPath(absl::string_view path) {
  const std::string typed(path);
  if (absl::StartsWith(typed, "~/")) {
    return std::filesystem::path(Environment("HOME")) / typed.substr(2);
  }
  const std::filesystem::path given(typed);
  if (given.is_absolute()) return given.lexically_normal();
  const std::string from = Environment("BUILD_WORKING_DIRECTORY");
  const std::filesystem::path base = from.empty()
                                         ? std::filesystem::current_path()
                                         : std::filesystem::path(from);
  return (base / given).lexically_normal();
}

std::filesystem::path VersoHome() {
  if (const std::string home = Environment("VERSO_HOME"); !home.empty()) {
    return ResolveUserPath(home);
  }
  if (const std::string xdg = Environment("XDG_DATA_HOME"); !xdg.empty()) {
    return std::filesystem::path(xdg) / "verso";
  }
  return std::filesystem::path(Environment("HOME")) / ".local/share/verso";
}

std::filesystem::path DefaultStoreDir() { return VersoHome() / "store"; }
std::filesystem::path DefaultRunsDir() { return VersoHome() / "runs"; }

}  // namespace verso
