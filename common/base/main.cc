#include "common/base/main.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace verso {
namespace {

bool IsOurs(const absl::CommandLineFlag& flag) {
  return !absl::StrContains(flag.Filename(), "absl/") &&
         !absl::StartsWith(flag.Filename(), "/usr");
}

[[noreturn]] void PrintHelp(absl::string_view usage) {
  absl::PrintF("%s\n\nFlags:\n", usage);
  std::vector<absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (IsOurs(*flag)) flags.push_back(flag);
  }
  std::sort(flags.begin(), flags.end(),
            [](const auto* a, const auto* b) { return a->Name() < b->Name(); });
  for (const absl::CommandLineFlag* flag : flags) {
    absl::PrintF("  --%s (default: %s)\n      %s\n", flag->Name(),
                 flag->DefaultValue().empty() ? "\"\"" : flag->DefaultValue(),
                 flag->Help());
  }
  std::exit(kExitDone);
}

// The flag of "name" or of "noname" (then `value` becomes "false").
absl::CommandLineFlag* FindFlag(absl::string_view name,
                                std::optional<std::string>& value) {
  if (absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name)) {
    if (!value && flag->IsOfType<bool>()) value = "true";
    return flag;
  }
  if (!value && absl::StartsWith(name, "no")) {
    absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name.substr(2));
    if (flag != nullptr && flag->IsOfType<bool>()) {
      value = "false";
      return flag;
    }
  }
  return nullptr;
}

// Sets the flag of argv[i]; moves `i` on when its value is the next argument.
void SetFlag(int argc, char** argv, int& i) {
  const absl::string_view argument = absl::string_view(argv[i]).substr(2);
  const size_t equals = argument.find('=');
  const absl::string_view name = argument.substr(0, equals);
  std::optional<std::string> value;
  if (equals != absl::string_view::npos) {
    value = std::string(argument.substr(equals + 1));
  }
  absl::CommandLineFlag* flag = FindFlag(name, value);
  if (flag == nullptr) {
    std::exit(UsageError(absl::StrCat("unknown flag --", name)));
  }
  if (!value && i + 1 < argc) value = argv[++i];
  if (!value) {
    std::exit(UsageError(absl::StrCat("flag --", name, " needs a value")));
  }
  if (std::string error; !flag->ParseFrom(*value, &error)) {
    std::exit(UsageError(absl::StrCat("flag --", name, " cannot be \"", *value,
                                      "\"", error.empty() ? "" : ": ", error)));
  }
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv, absl::string_view usage) {
  std::vector<std::string> positional;
  bool flags_ended = false;
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    if (flags_ended || !absl::StartsWith(argument, "-") || argument == "-") {
      positional.emplace_back(argument);
    } else if (argument == "--") {
      flags_ended = true;
    } else if (argument == "--help" || argument == "-h") {
      PrintHelp(usage);
    } else if (absl::StartsWith(argument, "--")) {
      SetFlag(argc, argv, i);
    } else {
      std::exit(UsageError(absl::StrCat("unknown flag ", argument)));
    }
  }
  CommandLine line;
  if (!positional.empty()) {
    line.subcommand = positional.front();
    line.args.assign(positional.begin() + 1, positional.end());
  }
  return line;
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitDone;
  if (absl::IsCancelled(status)) {
    absl::FPrintF(stderr, "%s; run the same command again to go on\n",
                  status.message());
    return kExitStopped;
  }
  absl::FPrintF(stderr, "error: %s\n", status.message());
  return kExitFailed;
}

int UsageError(absl::string_view message) {
  absl::FPrintF(stderr, "error: %s; see --help\n", message);
  return kExitUsage;
}

}  // namespace verso
