#ifndef VERSO_INGEST_RUN_COUNTS_H_
#define VERSO_INGEST_RUN_COUNTS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "proto/frontier.pb.h"
#include "proto/record.pb.h"

namespace verso {

// What one run did for one source so far. Thread-safe.
class RunCounts {
 public:
  void AddFetched() ABSL_LOCKS_EXCLUDED(mu_);
  void AddStored() ABSL_LOCKS_EXCLUDED(mu_);
  void AddDuplicate() ABSL_LOCKS_EXCLUDED(mu_);
  void AddUnchanged() ABSL_LOCKS_EXCLUDED(mu_);
  void AddQuarantined() ABSL_LOCKS_EXCLUDED(mu_);
  void AddRefused(absl::string_view reason) ABSL_LOCKS_EXCLUDED(mu_);
  SourceCounts Get() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  SourceCounts counts_ ABSL_GUARDED_BY(mu_);
};

// These count for the run and in `pending`, what the frontier is still to be
// told.
void CountFetched(RunCounts& run, SourceCounts& pending);
void CountRefused(absl::string_view reason, RunCounts& run,
                  SourceCounts& pending);
// What the store made of a record; false: it refused it ("store: REASON").
bool CountOutcome(const AppendedRecord& outcome, RunCounts& run,
                  SourceCounts& pending);

// "fetched 120, stored 118, duplicate 1, refused 1 (1 truncated)"; where there
// are some, ", quarantined 2" before "refused".
std::string FormatCounts(const SourceCounts& counts);

// "1 truncated, 2 HTTP 404", most frequent first; empty when none.
std::string FormatRefused(const SourceCounts& counts);

// Sum of `refused` over all reasons.
int64_t TotalRefused(const SourceCounts& counts);

}  // namespace verso

#endif  // VERSO_INGEST_RUN_COUNTS_H_
