#include "tests/gallery/faults.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

using FaultTypes = std::map<std::string, FaultType>;

const FaultTypes& KnownFaults() {
  static const auto* const types = new FaultTypes{
      {"304", {FaultKind::kStatus, 304}},
      {"401", {FaultKind::kStatus, 401}},
      {"403", {FaultKind::kStatus, 403}},
      {"404", {FaultKind::kStatus, 404}},
      {"422", {FaultKind::kStatus, 422}},
      {"429-bare", {FaultKind::kStatus, 429}},
      {"500", {FaultKind::kStatus, 500}},
      {"503", {FaultKind::kStatus, 503}},
      {"504", {FaultKind::kStatus, 504}},
      {"429", {FaultKind::kRetrySeconds}},
      {"429-date", {FaultKind::kRetryDate}},
      {"html", {FaultKind::kHtml}},
      {"loop", {FaultKind::kLoop}},
      {"moved", {FaultKind::kMoved}},
      {"same", {FaultKind::kSame}},
      {"alpha", {FaultKind::kAlpha}},
      {"disallow", {FaultKind::kDisallow}},
      {"crawl-delay", {FaultKind::kCrawlDelay}},
      {"half", {FaultKind::kHalf}},
      {"cut", {FaultKind::kCut}},
      {"damaged", {FaultKind::kDamaged}},
      {"drip", {FaultKind::kDrip}},
      {"delay", {FaultKind::kDelay}},
      {"noai", {FaultKind::kNoai}},
      {"noai-verso", {FaultKind::kNoaiForUs}},
      {"noai-other", {FaultKind::kNoaiForOther}},
      {"as-png", {FaultKind::kAsPng}},
  };
  return *types;
}

absl::Status WrongFault(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "fault \"", text, "\" ", why,
      "; expected PATH_PREFIX=KIND[:COUNT] such as /lexica/api=429:3, KIND one "
      "of ",
      FaultKinds()));
}

absl::StatusOr<Fault> ParseFault(absl::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == absl::string_view::npos || !absl::StartsWith(text, "/")) {
    return WrongFault(text, "has no path or no kind");
  }
  Fault fault;
  fault.path_prefix = std::string(text.substr(0, equals));
  const std::vector<std::string> parts =
      absl::StrSplit(text.substr(equals + 1), absl::MaxSplits(':', 1));
  const auto type = KnownFaults().find(parts[0]);
  if (type == KnownFaults().end()) {
    return WrongFault(text, "has an unknown kind");
  }
  fault.type = type->second;
  if (parts.size() > 1 &&
      (!absl::SimpleAtoi(parts[1], &fault.count) || fault.count < 1)) {
    return WrongFault(text, "has a count that is not a positive number");
  }
  return fault;
}

}  // namespace

std::string FaultKinds() {
  return absl::StrJoin(
      KnownFaults(), ", ",
      [](std::string* out, const auto& known) { out->append(known.first); });
}

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

std::optional<FaultType> FaultInjector::Take(absl::string_view path) {
  absl::MutexLock lock(&mu_);
  for (Fault& fault : faults_) {
    if (fault.count > 0 && absl::StartsWith(path, fault.path_prefix)) {
      --fault.count;
      return fault.type;
    }
  }
  return std::nullopt;
}

}  // namespace verso
