#ifndef VERSO_INGEST_SITE_FETCHER_H_
#define VERSO_INGEST_SITE_FETCHER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "common/http/url.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/site_rules.h"

namespace verso {

struct SiteLimits {
  absl::Duration host_interval;  // The site's own floor between two requests.
  // A host that asks for more patience than this is left alone.
  absl::Duration longest_wait;
};

// What a site answers, unless its rules forbid the request.
struct SiteAnswer {
  // Not OK: there is no answer. Malformed() under "robots.txt", "noai",
  // "tdm-reservation", "content-usage" or "bad URL" when it is forbidden or
  // cannot be asked; else as HttpFetcher::Open().
  absl::Status status;
  std::unique_ptr<HttpStream> stream;  // Of any HTTP status.
  std::vector<std::string> consent_signals;
};

// Asks one source's hosts as their robots.txt, Crawl-delay, Retry-After and our
// own floor allow, together with all other workers of the frontier.
// Thread-safe.
class SiteFetcher {
 public:
  // All are borrowed. `go_on` is asked while a turn is waited for; its error
  // ends the wait.
  SiteFetcher(FrontierSession* frontier, HttpFetcher* fetcher,
              const SiteLimits& limits, std::function<absl::Status()> go_on)
      : frontier_(frontier),
        fetcher_(fetcher),
        limits_(limits),
        go_on_(std::move(go_on)),
        rules_(frontier, fetcher) {}

  // Waits for the host's turn and asks; so for each redirect, too.
  // `is_crawled`: the host's rules hold (they do not for a generator that works
  // for us).
  // kUnavailable: the host asks not to be asked for longer than the longest
  // wait; else errors of `go_on` and of the frontier: the source's run ends.
  absl::StatusOr<SiteAnswer> Open(HttpRequest request, bool is_crawled);

  // The host of `url` is not asked for so long.
  absl::Status CloseHost(const Url& url, absl::Duration time);

 private:
  // An error ends the source's run; what the host's rules say is the value.
  absl::StatusOr<absl::Status> CheckRules(const Url& url)
      ABSL_LOCKS_EXCLUDED(rules_mu_);
  absl::StatusOr<std::shared_ptr<const HostRules>> FetchRules(
      const Url& url, absl::Status& site)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(rules_mu_);
  absl::Status AwaitTurn(const std::string& authority);

  FrontierSession* const frontier_;
  HttpFetcher* const fetcher_;
  const SiteLimits limits_;
  const std::function<absl::Status()> go_on_;
  // Held while rules are fetched: whoever needs them waits for them.
  absl::Mutex rules_mu_;
  SiteRules rules_ ABSL_GUARDED_BY(rules_mu_);
};

}  // namespace verso

#endif  // VERSO_INGEST_SITE_FETCHER_H_
