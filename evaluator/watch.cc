#include "evaluator/watch.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "evaluator/checkpoint_watcher.h"
#include "evaluator/evaluator.h"
#include "evaluator/report_writer.h"
#include "evaluator/run_folder.h"
#include "shardstore/shard_store.h"

namespace verso {
namespace {

std::string ProgressText(const std::string& name, int64_t done, int64_t total,
                         absl::Time start) {
  const double seconds =
      std::max(1e-3, absl::ToDoubleSeconds(absl::Now() - start));
  return absl::StrFormat("%s: %d of %d pictures scored, %.1f images/s, %s left",
                         name, done, total, static_cast<double>(done) / seconds,
                         FormatTimeLeft(static_cast<double>(done),
                                        static_cast<double>(total), start));
}

// Evaluates one checkpoint with a progress line and writes its report.
absl::Status Report(const PendingCheckpoint& pending, ShardStore& store,
                    const WatchOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Classifier> classifier,
                   LoadClassifier(pending.dir, options.classifier));
  ProgressLine progress;
  const absl::Time start = absl::Now();
  int64_t pictures = 0;
  ASSIGN_OR_RETURN(
      const EvaluationReport report,
      Evaluate(
          *classifier, store,
          {.checkpoint = pending.name,
           .manifest_sha256 = pending.manifest_sha256,
           .progress = [&](int64_t done, int64_t total) {
             pictures = total;
             // A batch's predictions come together: in its
             // middle the rate would be wrong.
             if (done % options.classifier.batch_size != 0 && done != total) {
               return;
             }
             progress.Update(ProgressText(pending.name, done, total, start));
           }}));
  RETURN_IF_ERROR(WriteReport(ReportsDir(options.run_dir), report));
  progress.Finish(
      absl::StrFormat("%s: %d pictures scored in %s; see %s", pending.name,
                      pictures, HumanDuration(absl::Now() - start),
                      (ReportsDir(options.run_dir) / pending.name).string()));
  return absl::OkStatus();
}

absl::Status Named(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("checkpoint ", name,
                                   " cannot be scored: ", status.message()));
}

// The loop of Watch(), one step at a time. Not thread-safe.
class Watching {
 public:
  Watching(const WatchOptions& options, ReportCatalog& catalog)
      : options_(options), catalog_(catalog), watcher_(options.run_dir) {}

  absl::Status Run() {
    while (true) {
      RETURN_IF_ERROR(CheckNotStopped());
      auto pending = watcher_.Next();
      if (!pending.ok()) {
        if (options_.once && pending.status() == last_failure_) break;
        Note(pending.status());
        if (!options_.once) WaitForStop(options_.poll_interval);
      } else if (pending->has_value()) {
        RETURN_IF_ERROR(Score(**pending));
      } else if (options_.once) {
        break;
      } else {
        WaitForStop(options_.poll_interval);
        Note(catalog_.Refresh());
      }
    }
    return first_failure_;
  }

 private:
  absl::Status Score(const PendingCheckpoint& pending) {
    absl::Status status = TryScore(pending);
    if (absl::IsCancelled(status)) return status;
    if (absl::IsUnavailable(status) && !options_.once) {
      Note(Named(pending.name, status));
      store_ = nullptr;  // Connect anew.
      watcher_.Retry(pending);
      WaitForStop(options_.poll_interval);
      return absl::OkStatus();
    }
    if (!status.ok()) Note(Named(pending.name, status));
    return absl::OkStatus();
  }

  absl::Status TryScore(const PendingCheckpoint& pending) {
    if (store_ == nullptr) {
      ASSIGN_OR_RETURN(store_,
                       OpenShardStore(options_.store, StoreAccess::kRead));
    }
    RETURN_IF_ERROR(Report(pending, *store_, options_));
    return catalog_.Refresh();
  }

  // Says a failure, unless it is the one said last.
  void Note(const absl::Status& status) {
    if (status.ok() || status == last_failure_) return;
    last_failure_ = status;
    first_failure_.Update(status);
    if (!options_.once) {
      absl::FPrintF(stderr, "error: %s\n", status.message());
    }
  }

  const WatchOptions& options_;
  ReportCatalog& catalog_;
  CheckpointWatcher watcher_;
  std::unique_ptr<ShardStore> store_;
  absl::Status first_failure_;
  absl::Status last_failure_;
};

}  // namespace

absl::Status Watch(const WatchOptions& options, ReportCatalog& catalog) {
  ASSIGN_OR_RETURN(const RunLock lock, RunLock::Acquire(options.run_dir));
  RemoveUnfinishedReports(ReportsDir(options.run_dir));
  const absl::Status refreshed = catalog.Refresh();
  if (!refreshed.ok()) {
    absl::FPrintF(stderr, "%s; it is made again if its checkpoint is there\n",
                  refreshed.message());
  }
  RETURN_IF_ERROR(Watching(options, catalog).Run());
  if (catalog.Get()->reports.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "run ", options.run_dir.string(),
        " has no scored checkpoint yet; let `bazel run //trainer` go on until "
        "it has validated one"));
  }
  return absl::OkStatus();
}

}  // namespace verso
