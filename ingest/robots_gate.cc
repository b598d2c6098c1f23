#include "ingest/robots_gate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/http/retry_policy.h"

namespace verso {
namespace {

// RFC 9309, 2.4: no longer than a day.
constexpr absl::Duration kFreshFor = absl::Hours(24);

// As much of the body as counts.
absl::StatusOr<std::string> ReadStart(HttpStream& stream) {
  std::string text;
  while (text.size() < RobotsTxt::kMaxBytes) {
    ASSIGN_OR_RETURN(const absl::string_view part, stream.Next());
    if (part.empty()) break;
    absl::StrAppend(&text, part);
  }
  text.resize(std::min(text.size(), RobotsTxt::kMaxBytes));
  return text;
}

std::string RobotsUrl(const Url& url) {
  const bool is_ipv6 = absl::StrContains(url.host, ":");
  return absl::StrCat(url.scheme, "://", is_ipv6 ? "[" : "", url.host,
                      is_ipv6 ? "]" : "", ":", url.port, "/robots.txt");
}

}  // namespace

absl::StatusOr<bool> RobotsGate::IsKnown(const Url& url) {
  absl::MutexLock lock(&mu_);
  return LoadKnown(url.Authority());
}

absl::StatusOr<std::shared_ptr<const RobotsTxt>> RobotsGate::RulesOf(
    const Url& url) {
  const std::string authority = url.Authority();
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const bool is_known, LoadKnown(authority));
  if (!is_known) {
    ASSIGN_OR_RETURN(const RobotsFile file, Fetch(url));
    RETURN_IF_ERROR(frontier_->PutRobots(authority, file));
    Keep(authority, file);
  }
  return known_[authority].rules;
}

absl::StatusOr<bool> RobotsGate::LoadKnown(const std::string& authority) {
  const absl::Time oldest = absl::Now() - kFreshFor;
  const auto it = known_.find(authority);
  if (it != known_.end()) return it->second.fetched_at > oldest;
  ASSIGN_OR_RETURN(const std::optional<RobotsFile> file,
                   frontier_->FindRobots(authority));
  if (!file) return false;
  Keep(authority, *file);
  return known_[authority].fetched_at > oldest;
}

absl::StatusOr<RobotsFile> RobotsGate::Fetch(const Url& url) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpStream> answer,
                   fetcher_->Open({.url = RobotsUrl(url)}));
  const int status = answer->head().status;
  if (IsRetryableHttpStatus(status)) {
    return absl::UnavailableError(
        absl::StrCat(RobotsUrl(url), " answers HTTP ", status,
                     ", so nothing may be fetched from there now"));
  }
  RobotsFile file;
  file.set_fetched_at_unix_micros(absl::ToUnixMicros(absl::Now()));
  file.set_http_status(status);
  if (status / 100 == 2) {
    ASSIGN_OR_RETURN(*file.mutable_text(), ReadStart(*answer));
  }
  return file;
}

void RobotsGate::Keep(const std::string& authority, const RobotsFile& file) {
  known_[authority] = {absl::FromUnixMicros(file.fetched_at_unix_micros()),
                       std::make_shared<const RobotsTxt>(
                           RobotsTxt::Parse(file.text(), kProductToken))};
}

}  // namespace verso
