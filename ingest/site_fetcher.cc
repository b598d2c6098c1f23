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

std::string PathOf(const Url& url) {
  return absl::StrCat(url.path, url.query.empty() ? "" : "?", url.query);
}

}  // namespace

absl::StatusOr<SiteAnswer> SiteFetcher::Open(const HttpRequest& request,
                                             bool is_crawled) {
  const absl::StatusOr<Url> url = ParseUrl(request.url);
  if (!url.ok()) return Refused(Malformed("bad URL", url.status().message()));
  SiteAnswer answer;
  if (is_crawled) {
    ASSIGN_OR_RETURN(const absl::Status allowed, CheckRobots(*url));
    if (!allowed.ok()) return Refused(allowed);
    answer.consent_signals.push_back("robots.txt: allowed");
  }
  RETURN_IF_ERROR(AwaitTurn(url->Authority()));
  absl::StatusOr<std::unique_ptr<HttpStream>> stream = fetcher_->Open(request);
  if (!stream.ok()) return Refused(stream.status());
  const HttpHead& head = (*stream)->head();
  const ConsentSignals consent = ReadConsentSignals(head, kProductToken);
  if (!consent.refusal.empty() && head.status / 100 == 2) {
    return Refused(
        Malformed(consent.refusal,
                  absl::StrCat(head.url, " must not be used for training (",
                               absl::StrJoin(consent.seen, "; "), ")")));
  }
  answer.consent_signals.insert(answer.consent_signals.end(),
                                consent.seen.begin(), consent.seen.end());
  answer.stream = *std::move(stream);
  return answer;
}

absl::StatusOr<absl::Status> SiteFetcher::CheckRobots(const Url& url) {
  absl::MutexLock lock(&robots_mu_);
  ASSIGN_OR_RETURN(std::shared_ptr<const RobotsTxt> rules, robots_.Find(url));
  if (rules == nullptr) {
    RETURN_IF_ERROR(AwaitTurn(url.Authority()));
    absl::StatusOr<std::shared_ptr<const RobotsTxt>> fetched =
        robots_.Fetch(url);
    if (!fetched.ok()) return fetched.status();
    rules = *std::move(fetched);
    if (const auto delay = rules->crawl_delay()) {
      RETURN_IF_ERROR(frontier_->SetCrawlDelay(url.Authority(), *delay));
    }
  }
  if (rules->Allows(PathOf(url))) return absl::OkStatus();
  return Malformed("robots.txt", absl::StrCat("the robots.txt of ", url.host,
                                              " forbids ", PathOf(url)));
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
