#ifndef VERSO_INGEST_ROBOTS_GATE_H_
#define VERSO_INGEST_ROBOTS_GATE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "common/http/robots_txt.h"
#include "common/http/url.h"
#include "ingest/frontier.h"

namespace verso {

// What the robots.txt of each host says (RFC 9309). A host is asked once a day,
// also over several runs: the frontier keeps the files. Thread-safe.
class RobotsGate {
 public:
  // Both are borrowed.
  RobotsGate(Frontier* frontier, HttpFetcher* fetcher)
      : frontier_(frontier), fetcher_(fetcher) {}

  // True when RulesOf() needs no request.
  absl::StatusOr<bool> IsKnown(const Url& url) ABSL_LOCKS_EXCLUDED(mu_);

  // The rules of the host of `url`; there are none where it has no robots.txt
  // (HTTP 4xx). kUnavailable: it answers HTTP 429 or 5xx, and then nothing may
  // be fetched from the host (section 2.3.1.4). Else errors of the fetcher and
  // of the frontier.
  absl::StatusOr<std::shared_ptr<const RobotsTxt>> RulesOf(const Url& url)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    absl::Time fetched_at;
    std::shared_ptr<const RobotsTxt> rules;
  };
  absl::StatusOr<bool> LoadKnown(const std::string& authority)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<RobotsFile> Fetch(const Url& url);
  void Keep(const std::string& authority, const RobotsFile& file)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Frontier* const frontier_;
  HttpFetcher* const fetcher_;
  absl::Mutex mu_;  // Held while a file is fetched: others need it too.
  std::map<std::string, Entry> known_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_INGEST_ROBOTS_GATE_H_
