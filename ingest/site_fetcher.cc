#include "ingest/site_fetcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/http/consent_signals.h"
#include "common/http/robots_txt.h"
#include "ingest/scraper.h"

namespace verso {
namespace {

// So many turns of a slow host are waited for, whatever the longest wait is:
// others have taken the ones before.
constexpr int64_t kTurnsAhead = 64;
constexpr absl::Duration kPoll = absl::Milliseconds(200);

SiteAnswer Refused(absl::Status why) {
  SiteAnswer answer;
  answer.status = std::move(why);
  return answer;
}

}  // namespace

absl::StatusOr<SiteAnswer> SiteFetcher::Open(HttpRequest request,
                                             bool is_crawled) {
  const absl::StatusOr<Url> url = ParseUrl(request.url);
  if (!url.ok()) return Refused(Malformed("bad URL", url.status().message()));
  absl::Status ours;  // What ends the run, from within a redirect.
  const auto may_ask = [&](const Url& next) -> absl::Status {
    absl::StatusOr<absl::Status> allowed = absl::OkStatus();
    if (is_crawled) allowed = CheckRules(next);
    ours = allowed.status();
    if (ours.ok() && !allowed->ok()) return *allowed;
    if (ours.ok()) ours = AwaitTurn(next.Authority());
    return ours;
  };
  const absl::Status first = may_ask(*url);
  RETURN_IF_ERROR(ours);
  if (!first.ok()) return Refused(first);
  request.may_follow = may_ask;
  absl::StatusOr<std::unique_ptr<HttpStream>> stream = fetcher_->Open(request);
  RETURN_IF_ERROR(ours);
  if (!stream.ok()) return Refused(stream.status());
  const HttpHead& head = (*stream)->head();
  const ConsentSignals consent = ReadConsentSignals(head, kProductToken);
  if (!consent.refusal.empty() && head.status / 100 == 2) {
    return Refused(
        Malformed(consent.refusal,
                  absl::StrCat(head.url, " must not be used for training (",
                               absl::StrJoin(consent.seen, "; "), ")")));
  }
  SiteAnswer answer;
  if (is_crawled) answer.consent_signals.push_back("robots.txt: allowed");
  answer.consent_signals.insert(answer.consent_signals.end(),
                                consent.seen.begin(), consent.seen.end());
  answer.stream = *std::move(stream);
  return answer;
}

absl::StatusOr<absl::Status> SiteFetcher::CheckRules(const Url& url) {
  absl::MutexLock lock(&rules_mu_);
  ASSIGN_OR_RETURN(std::shared_ptr<const HostRules> rules, rules_.Find(url));
  if (rules == nullptr) {
    absl::Status site;
    ASSIGN_OR_RETURN(rules, FetchRules(url, site));
    if (!site.ok()) return site;
  }
  return rules->Check(url);
}

// `site`: why the host's rules cannot be had now.
absl::StatusOr<std::shared_ptr<const HostRules>> SiteFetcher::FetchRules(
    const Url& url, absl::Status& site) {
  RETURN_IF_ERROR(AwaitTurn(url.Authority()));
  absl::StatusOr<std::string> robots = rules_.FetchRobots(url);
  site = robots.status();
  if (!site.ok()) return nullptr;
  const auto delay = RobotsTxt::Parse(*robots, kProductToken).crawl_delay();
  if (delay) {
    RETURN_IF_ERROR(frontier_->SetCrawlDelay(url.Authority(), *delay));
  }
  RETURN_IF_ERROR(AwaitTurn(url.Authority()));
  absl::StatusOr<std::string> tdm = rules_.FetchTdm(url);
  site = tdm.status();
  if (!site.ok()) return nullptr;
  return rules_.Keep(url, *std::move(robots), *std::move(tdm));
}

// A turn that this process is too late for (it was busy, or stopped) is lost.
absl::Status SiteFetcher::AwaitTurn(const std::string& authority) {
  while (true) {
    ASSIGN_OR_RETURN(const ReserveStartResponse turn,
                     frontier_->ReserveStart(authority, limits_.host_interval));
    const absl::Duration wait = absl::Microseconds(turn.wait_micros());
    const absl::Duration interval = absl::Microseconds(turn.interval_micros());
    const absl::Time start = absl::Now() + wait;
    if (wait > std::max(limits_.longest_wait, kTurnsAhead * interval)) {
      return absl::UnavailableError(absl::StrCat(
          authority, " asks not to be asked before ",
          absl::FormatTime("%H:%M:%S UTC", start, absl::UTCTimeZone()),
          "; run again then, what is left is kept"));
    }
    while (absl::Now() < start) {
      if (WaitForStop(std::min(start - absl::Now(), kPoll))) {
        return CheckNotStopped();
      }
      RETURN_IF_ERROR(go_on_());
    }
    const bool is_late =
        absl::Now() > start + absl::Microseconds(turn.good_for_micros());
    if (interval == absl::ZeroDuration() || !is_late) return absl::OkStatus();
  }
}

absl::Status SiteFetcher::CloseHost(const Url& url, absl::Duration time) {
  return frontier_->CloseHost(url.Authority(), time);
}

}  // namespace verso
