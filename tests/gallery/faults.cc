#include "tests/gallery/faults.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

absl::Status WrongFault(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "fault \"", text, "\" ", why,
      "; expected PATH_PREFIX=KIND[:COUNT] such as /lexica/api=429:3, KIND one "
      "of 404, 429, 500, html, half"));
}

absl::StatusOr<Fault> ParseFault(absl::string_view text) {
  static const auto* const kinds = new std::map<absl::string_view, FaultKind>{
      {"404", FaultKind::kNotFound},    {"429", FaultKind::kTooManyRequests},
      {"500", FaultKind::kServerError}, {"html", FaultKind::kHtml},
      {"half", FaultKind::kHalf},
  };
  const size_t equals = text.rfind('=');
  if (equals == absl::string_view::npos || !absl::StartsWith(text, "/")) {
    return WrongFault(text, "has no path or no kind");
  }
  Fault fault;
  fault.path_prefix = std::string(text.substr(0, equals));
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text.substr(equals + 1), absl::MaxSplits(':', 1));
  const auto kind = kinds->find(parts[0]);
  if (kind == kinds->end()) return WrongFault(text, "has an unknown kind");
  fault.kind = kind->second;
  if (parts.size() > 1 &&
      (!absl::SimpleAtoi(parts[1], &fault.count) || fault.count < 1)) {
    return WrongFault(text, "has a count that is not a positive number");
  }
  return fault;
}

}  // namespace

absl::StatusOr<std::vector<Fault>> ParseFaults(absl::string_view text) {
  std::vector<Fault> faults;
  for (const absl::string_view part :
       absl::StrSplit(text, ',', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(Fault fault, ParseFault(part));
    faults.push_back(std::move(fault));
  }
  return faults;
}

FaultInjector::FaultInjector(std::vector<Fault> faults)
    : faults_(std::move(faults)) {}

std::optional<FaultKind> FaultInjector::Take(absl::string_view path) {
  absl::MutexLock lock(&mu_);
  for (Fault& fault : faults_) {
    if (fault.count > 0 && absl::StartsWith(path, fault.path_prefix)) {
      --fault.count;
      return fault.kind;
    }
  }
  return std::nullopt;
}

}  // namespace verso
