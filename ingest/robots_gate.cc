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

constexpr char kScope[] = "robots";  // Of the frontier's notes.

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

absl::StatusOr<std::shared_ptr<const RobotsTxt>> RobotsGate::Find(
    const Url& url) {
  const std::string authority = url.Authority();
  const absl::Time oldest = absl::Now() - kFreshFor;
  auto it = known_.find(authority);
  if (it == known_.end()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> note,
                     frontier_->FindNote(kScope, authority));
    RobotsFile file;
    // One that cannot be read is asked for again.
    if (!note || !file.ParseFromString(*note)) return nullptr;
    Keep(authority, file);
    it = known_.find(authority);
  }
  return it->second.fetched_at > oldest ? it->second.rules : nullptr;
}

absl::StatusOr<std::shared_ptr<const RobotsTxt>> RobotsGate::Fetch(
    const Url& url) {
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
  Note note;
  note.set_key(url.Authority());
  note.set_value(file.SerializeAsString());
  RETURN_IF_ERROR(frontier_->PutNotes(kScope, {note}));
  Keep(url.Authority(), file);
  return known_[url.Authority()].rules;
}

void RobotsGate::Keep(const std::string& authority, const RobotsFile& file) {
  known_[authority] = {absl::FromUnixMicros(file.fetched_at_unix_micros()),
                       std::make_shared<const RobotsTxt>(
                           RobotsTxt::Parse(file.text(), kProductToken))};
}

}  // namespace verso
