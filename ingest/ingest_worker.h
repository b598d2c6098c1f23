#ifndef VERSO_INGEST_INGEST_WORKER_H_
#define VERSO_INGEST_INGEST_WORKER_H_

#include <optional>
#include <random>
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
#include "ingest/group_appender.h"
#include "ingest/item_sink.h"
#include "ingest/record_completer.h"
#include "ingest/run_counts.h"
#include "ingest/scraper.h"
#include "ingest/site_fetcher.h"
#include "shardstore/shard_store.h"

namespace verso {

struct WorkerOptions {
  WorkerName name = {};
  std::vector<std::string> base_urls = {};  // Of the source (sources.h).
  // Requests at a time, over all workers of the frontier; each has as many
  // threads.
  int parallel = 4;
  int64_t limit = 0;  // Records over all runs, duplicates included; 0: none.
  absl::Duration host_interval = absl::Seconds(1);  // Between two requests.
  // What was fetched longer ago is asked for again, if it has changed.
  absl::Duration recrawl_after = absl::InfiniteDuration();
  absl::Duration retry_base = absl::Seconds(1);  // See BackoffDelay().
  int max_tries = 5;                             // Per item and run.
  // A retry later than this is left to the next run.
  absl::Duration longest_wait = absl::Minutes(2);
};

// What the worker works with; borrowed.
struct WorkerTools {
  FrontierSession* frontier;
  HttpFetcher* fetcher;
  ShardStore* store;
  GroupAppender* appender;
  ImageSandbox* images;
};

// Works one source off: leases items, fetches them within the site's limits,
// lets the scraper read the answers, appends the records. Thread-safe.
class IngestWorker {
 public:
  // `scraper` is borrowed.
  IngestWorker(const Scraper* scraper, const WorkerTools& tools,
               const WorkerOptions& options);

  // Returns when nothing is left to try or the limit is reached. Single
  // refusals are counted, not errors. Call once.
  // kUnavailable: the site fails again and again, or every picture was
  //   refused; what is left is kept for the next run.
  // kFailedPrecondition: records that the source starts from are missing, or
  //   the frontier remembers records that this store never got.
  // kCancelled: the process was asked to stop. Else errors of the store and
  // of the frontier.
  absl::Status Run();

  // Of this run so far.
  SourceCounts counts() const { return counts_.Get(); }
  // Pictures still to come, as far as is known now; 0 when the frontier cannot
  // say it.
  int64_t left() const;

 private:
  absl::Status CheckStore();
  absl::Status AddStart();
  absl::StatusOr<int64_t> AddDerived(const RecordQuery& query);
  void Work(int slot);
  std::optional<LeaseResponse> NextItem(int slot) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Attempt(const LeaseResponse& leased);
  absl::Status ParseAnswer(const LeaseResponse& leased, SiteAnswer answer);
  absl::Status OnUnchanged(const WorkItem& item) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status OnFailure(const LeaseResponse& leased,
                         const absl::Status& status);
  absl::Status OnHttpError(const LeaseResponse& leased, const HttpHead& head);
  absl::Status OnHttpRefusal(const WorkItem& item, const std::string& reason,
                             const std::string& detail);
  absl::Status TryAgain(const LeaseResponse& leased, const std::string& reason,
                        const std::string& detail, absl::Time not_before);
  absl::Status Refuse(const WorkItem& item, absl::string_view reason,
                      absl::string_view detail, const SourceCounts& delta);
  absl::Status GiveUp(const WorkItem& item, const std::string& reason,
                      const std::string& detail);
  absl::Status CountFailure(const std::string& detail) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status CheckGoesOn() const ABSL_LOCKS_EXCLUDED(mu_);
  void Stop(absl::Status why) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Result() ABSL_LOCKS_EXCLUDED(mu_);

  const Scraper* const scraper_;
  const std::string source_;
  const WorkerTools tools_;
  const WorkerOptions options_;
  SiteFetcher site_;
  RunCounts counts_;

  mutable absl::Mutex mu_;
  absl::CondVar changed_;  // An item was finished.
  int in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  int failures_in_a_row_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status stopped_ ABSL_GUARDED_BY(mu_);  // Why all threads should end.
  std::string last_refusal_ ABSL_GUARDED_BY(mu_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_INGEST_INGEST_WORKER_H_
