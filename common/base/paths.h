#ifndef VERSO_COMMON_BASE_PATHS_H_
#define VERSO_COMMON_BASE_PATHS_H_

#include <filesystem>

#include "absl/strings/string_view.h"

namespace verso {

// A path as the user typed it. `bazel run` starts programs elsewhere: a
// relative path then means the folder that the user is in
// (BUILD_WORKING_DIRECTORY). A leading "~/" is the home folder.
std::filesystem::path ResolveUserPath(absl::string_view path);

// Where everything is kept: $VERSO_HOME, else $XDG_DATA_HOME/verso, else
// ~/.local/share/verso.
std::filesystem::path VersoHome();

// VersoHome()/store and VersoHome()/runs.
std::filesystem::path DefaultStoreDir();
std::filesystem::path DefaultRunsDir();

}  // namespace verso

#endif  // VERSO_COMMON_BASE_PATHS_H_
