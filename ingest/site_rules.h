#ifndef VERSO_INGEST_SITE_RULES_H_
#define VERSO_INGEST_SITE_RULES_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "common/http/robots_txt.h"
#include "common/http/tdm_reservation.h"
#include "common/http/url.h"
#include "ingest/frontier/frontier_session.h"

namespace verso {

// What one host allows: its robots.txt (RFC 9309) and its
// /.well-known/tdmrep.json (W3C TDMRep).
struct HostRules {
  RobotsTxt robots;
  TdmReservations tdm;

  // Malformed() under "robots.txt" or "tdm-reservation": `url` is forbidden.
  absl::Status Check(const Url& url) const;
};

// The rules of all hosts. A host is asked once a day, also over several runs
// and workers: the frontier keeps what it said. Not thread-safe.
class SiteRules {
 public:
  // Both are borrowed.
  SiteRules(FrontierSession* frontier, HttpFetcher* fetcher)
      : frontier_(frontier), fetcher_(fetcher) {}

  // The rules of the host of `url`, if they are known and fresh; else nullptr.
  // Errors of the frontier.
  absl::StatusOr<std::shared_ptr<const HostRules>> Find(const Url& url);

  // The files that Keep() needs, one request each. One that the host does not
  // have (HTTP 4xx) is empty. kUnavailable: it answers HTTP 429 or 5xx, and
  // then nothing may be fetched from it (RFC 9309, 2.3.1.4). Else errors of the
  // fetcher.
  absl::StatusOr<std::string> FetchRobots(const Url& url);
  absl::StatusOr<std::string> FetchTdm(const Url& url);

  // Errors of the frontier.
  absl::StatusOr<std::shared_ptr<const HostRules>> Keep(const Url& url,
                                                        std::string robots,
                                                        std::string tdm);

 private:
  struct Entry {
    absl::Time fetched_at;
    std::shared_ptr<const HostRules> rules;
  };
  absl::StatusOr<std::string> FetchFile(const Url& url, absl::string_view path,
                                        size_t max_bytes);
  std::shared_ptr<const HostRules> Remember(const std::string& authority,
                                            const HostRulesFile& file);

  FrontierSession* const frontier_;
  HttpFetcher* const fetcher_;
  std::map<std::string, Entry> known_;
};

}  // namespace verso

#endif  // VERSO_INGEST_SITE_RULES_H_
