#include "ingest/site_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/http/retry_policy.h"
#include "ingest/scraper.h"

namespace verso {
namespace {

// RFC 9309, 2.4: no longer than a day.
constexpr absl::Duration kFreshFor = absl::Hours(24);

constexpr char kScope[] = "rules";  // Of the frontier's notes.

// As much of the body as counts.
absl::StatusOr<std::string> ReadStart(HttpStream& stream, size_t max_bytes) {
  std::string text;
  while (text.size() < max_bytes) {
    ASSIGN_OR_RETURN(const absl::string_view part, stream.Next());
    if (part.empty()) break;
    absl::StrAppend(&text, part);
  }
  text.resize(std::min(text.size(), max_bytes));
  return text;
}

std::string UrlAtHost(const Url& url, absl::string_view path) {
  const bool is_ipv6 = absl::StrContains(url.host, ":");
  return absl::StrCat(url.scheme, "://", is_ipv6 ? "[" : "", url.host,
                      is_ipv6 ? "]" : "", ":", url.port, path);
}

}  // namespace

absl::Status HostRules::Check(const Url& url) const {
  const std::string path =
      absl::StrCat(url.path, url.query.empty() ? "" : "?", url.query);
  if (!robots.Allows(path)) {
    return Malformed("robots.txt", absl::StrCat("the robots.txt of ", url.host,
                                                " forbids ", path));
  }
  if (tdm.Forbids(path)) {
    return Malformed("tdm-reservation",
                     absl::StrCat("the tdmrep.json of ", url.host,
                                  " reserves the rights to ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const HostRules>> SiteRules::Find(
    const Url& url) {
  const std::string authority = url.Authority();
  const absl::Time oldest = absl::Now() - kFreshFor;
  auto it = known_.find(authority);
  if (it == known_.end()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> note,
                     frontier_->FindNote(kScope, authority));
    HostRulesFile file;
    // One that cannot be read is asked for again.
    if (!note || !file.ParseFromString(*note)) return nullptr;
    Remember(authority, file);
    it = known_.find(authority);
  }
  return it->second.fetched_at > oldest ? it->second.rules : nullptr;
}

absl::StatusOr<std::string> SiteRules::FetchRobots(const Url& url) {
  return FetchFile(url, "/robots.txt", RobotsTxt::kMaxBytes);
}

absl::StatusOr<std::string> SiteRules::FetchTdm(const Url& url) {
  // One byte more than counts tells that it is too long.
  return FetchFile(url, TdmReservations::kPath, TdmReservations::kMaxBytes + 1);
}

absl::StatusOr<std::string> SiteRules::FetchFile(const Url& url,
                                                 absl::string_view path,
                                                 size_t max_bytes) {
  const std::string file_url = UrlAtHost(url, path);
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpStream> answer,
                   fetcher_->Open({.url = file_url}));
  const int status = answer->head().status;
  if (IsRetryableHttpStatus(status)) {
    return absl::UnavailableError(
        absl::StrCat(file_url, " answers HTTP ", status,
                     ", so nothing may be fetched from there now"));
  }
  if (status / 100 != 2) return "";
  return ReadStart(*answer, max_bytes);
}

absl::StatusOr<std::shared_ptr<const HostRules>> SiteRules::Keep(
    const Url& url, std::string robots, std::string tdm) {
  HostRulesFile file;
  file.set_fetched_at_unix_micros(absl::ToUnixMicros(absl::Now()));
  file.set_robots(std::move(robots));
  file.set_tdm(std::move(tdm));
  Note note;
  note.set_key(url.Authority());
  note.set_value(file.SerializeAsString());
  RETURN_IF_ERROR(frontier_->PutNotes(kScope, {note}));
  return Remember(url.Authority(), file);
}

std::shared_ptr<const HostRules> SiteRules::Remember(
    const std::string& authority, const HostRulesFile& file) {
  auto rules = std::make_shared<HostRules>();
  rules->robots = RobotsTxt::Parse(file.robots(), kProductToken);
  rules->tdm = TdmReservations::Parse(file.tdm());
  known_[authority] = {absl::FromUnixMicros(file.fetched_at_unix_micros()),
                       rules};
  return rules;
}

}  // namespace verso
