#ifndef VERSO_EVALUATOR_WATCH_H_
#define VERSO_EVALUATOR_WATCH_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "evaluator/report_catalog.h"
#include "trainer/classifier.h"

namespace verso {

struct WatchOptions {
  std::filesystem::path run_dir;
  std::string store;  // A location as OpenShardStore() takes it.
  ClassifierOptions classifier;
  bool once = false;  // Return when every checkpoint that is there is scored.
  absl::Duration poll_interval = absl::Seconds(2);
};

// Scores each `scored` checkpoint of the run exactly once and writes its
// report; `catalog` is refreshed after each. Says on stderr what it does. Holds
// the run's lock. Until the process is asked to stop, it waits for more, tries
// again while the store cannot be reached, and leaves out (and names) a
// checkpoint that cannot be scored.
// With `once`, instead: the first failure is returned, after the others were
// scored; kNotFound when there is no scored checkpoint at all.
// kFailedPrecondition: another process evaluates this run. kCancelled: stopped
// on request, everything written is whole.
absl::Status Watch(const WatchOptions& options, ReportCatalog& catalog);

}  // namespace verso

#endif  // VERSO_EVALUATOR_WATCH_H_
