#ifndef VERSO_INGEST_ROBOTS_GATE_H_
#define VERSO_INGEST_ROBOTS_GATE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "common/http/robots_txt.h"
#include "common/http/url.h"
#include "ingest/frontier/frontier_session.h"

namespace verso {

// What the robots.txt of each host says (RFC 9309). A host is asked once a day,
// also over several runs and workers: the frontier keeps the files. Not
// thread-safe.
class RobotsGate {
 public:
  // Both are borrowed.
  RobotsGate(FrontierSession* frontier, HttpFetcher* fetcher)
      : frontier_(frontier), fetcher_(fetcher) {}

  // The rules of the host of `url`, if they are known and fresh; else nullptr.
  // Errors of the frontier.
  absl::StatusOr<std::shared_ptr<const RobotsTxt>> Find(const Url& url);

  // Asks the host for its rules; there are none where it has no robots.txt
  // (HTTP 4xx). kUnavailable: it answers HTTP 429 or 5xx, and then nothing may
  // be fetched from the host (section 2.3.1.4). Else errors of the fetcher and
  // of the frontier.
  absl::StatusOr<std::shared_ptr<const RobotsTxt>> Fetch(const Url& url);

 private:
  struct Entry {
    absl::Time fetched_at;
    std::shared_ptr<const RobotsTxt> rules;
  };
  void Keep(const std::string& authority, const RobotsFile& file);

  FrontierSession* const frontier_;
  HttpFetcher* const fetcher_;
  std::map<std::string, Entry> known_;
};

}  // namespace verso

#endif  // VERSO_INGEST_ROBOTS_GATE_H_
