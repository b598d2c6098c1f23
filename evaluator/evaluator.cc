#include "evaluator/evaluator.h"

#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "evaluator/exposure.h"
#include "evaluator/figures.h"

namespace verso {
namespace {

absl::Status Disagree(const Sample& sample, absl::string_view cause) {
  return absl::DataLossError(absl::StrCat(
      "sample ", sample.index, " (", sample.sample_id,
      ") of the snapshot's test split ", cause, "; run fsck on the store"));
}

// The test split as pictures for the classifier, checked against the table.
class TestSplitSource : public ImageSource {
 public:
  TestSplitSource(SampleStream& stream, const std::vector<SampleRow>& table)
      : stream_(stream), table_(table) {}

  absl::StatusOr<std::optional<ClassifierInput>> Next() override {
    RETURN_IF_ERROR(CheckNotStopped());
    while (waiting_.empty()) {
      ASSIGN_OR_RETURN(std::optional<SampleBatch> batch, stream_.Next());
      if (!batch.has_value()) return std::nullopt;
      for (Sample& sample : batch->samples) {
        waiting_.push_back(std::move(sample));
      }
    }
    Sample sample = std::move(waiting_.front());
    waiting_.pop_front();
    if (sample.index >= table_.size() ||
        table_[sample.index].sample_id != sample.sample_id ||
        table_[sample.index].split != SPLIT_TEST) {
      return Disagree(sample, "is another one in samples.csv");
    }
    return ClassifierInput{.index = sample.index,
                           .sample_id = std::move(sample.sample_id),
                           .image = std::move(sample.image)};
  }

 private:
  SampleStream& stream_;
  const std::vector<SampleRow>& table_;
  std::deque<Sample> waiting_;
};

// Predictions joined with the sample table.
class ScoreSink : public PredictionSink {
 public:
  ScoreSink(const std::vector<SampleRow>& table, int64_t total,
            const EvaluationOptions& options)
      : table_(table),
        trained_on_(table),
        total_(total),
        options_(options),
        draws_(table.size()) {}

  absl::Status Add(const Prediction& prediction) override {
    if (prediction.index >= table_.size()) {
      return absl::InternalError(absl::StrCat(
          "the classifier answered for a picture it was not given: ",
          prediction.index));
    }
    ScoreRow row = ScoreRowOf(table_[prediction.index], trained_on_);
    row.draw = prediction.draw;
    if (prediction.status.ok()) row.logit = prediction.logit;
    if (row.logit.has_value() && std::isnan(*row.logit)) {
      return absl::DataLossError(absl::StrCat(
          "the checkpoint scores sample ", row.sample_id,
          " as NaN: its training has diverged; use an earlier checkpoint"));
    }
    if (draws_[prediction.index]++ == 0) ++done_;
    // A picture that cannot be decoded has no draws: one row stands for all.
    if (!row.logit.has_value()) undecoded_.insert(prediction.index);
    rows_.push_back(std::move(row));
    if (options_.progress) options_.progress(done_, total_);
    return absl::OkStatus();
  }

  // Every sample of the test split was either not decoded or has the same
  // number of draws, at least one, as the others.
  absl::Status CheckComplete() const {
    int draws = 0;
    for (size_t i = 0; i < table_.size(); ++i) {
      if (table_[i].split != SPLIT_TEST || undecoded_.contains(i)) continue;
      if (draws == 0) draws = draws_[i];
      if (draws_[i] == 0 || draws_[i] != draws) {
        return absl::DataLossError(absl::StrCat(
            "sample ", i, " (", table_[i].sample_id, ") was scored ", draws_[i],
            " times instead of ", draws, "; nothing was reported"));
      }
    }
    return absl::OkStatus();
  }

  std::vector<ScoreRow> TakeRows() { return std::move(rows_); }

 private:
  const std::vector<SampleRow>& table_;
  const TrainedOn trained_on_;
  const int64_t total_;
  const EvaluationOptions& options_;
  std::vector<int> draws_;  // By row of the table.
  std::set<size_t> undecoded_;
  int64_t done_ = 0;
  std::vector<ScoreRow> rows_;
};

int64_t CountTestRows(const std::vector<SampleRow>& table) {
  int64_t count = 0;
  for (const SampleRow& row : table) count += row.split == SPLIT_TEST;
  return count;
}

// A diverged run's figures are NaN in its manifest.
std::optional<double> Known(double value) {
  if (std::isnan(value)) return std::nullopt;
  return value;
}

ReportSubject SubjectOf(const CheckpointManifest& manifest,
                        const SnapshotInfo& snapshot,
                        const EvaluationOptions& options) {
  return {.run = manifest.run,
          .checkpoint = options.checkpoint,
          .model = manifest.model,
          .step = manifest.step,
          .manifest_sha256 = options.manifest_sha256,
          .snapshot = snapshot.id(),
          .snapshot_name = snapshot.recipe().name(),
          .threshold = manifest.threshold,
          .threshold_origin =
              absl::StrCat("frozen on validation, alpha ", manifest.alpha),
          .validation_loss = Known(manifest.validation_loss),
          .validation_accuracy = Known(manifest.validation_accuracy)};
}

absl::StatusOr<std::vector<ScoreRow>> Score(Classifier& classifier,
                                            ShardStore& store,
                                            const std::string& snapshot,
                                            const std::vector<SampleRow>& table,
                                            const EvaluationOptions& options) {
  const int64_t total = CountTestRows(table);
  if (total == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "snapshot ", snapshot,
        " has no test samples; make one with a larger --fraction"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<SampleStream> stream,
                   store.StreamSamples({.snapshot = snapshot,
                                        .split = SPLIT_TEST,
                                        .epochs = 1,
                                        .rank = 0,
                                        .world_size = 1,
                                        .global_batch = options.batch_size,
                                        .shuffle = false}));
  TestSplitSource source(*stream, table);
  ScoreSink sink(table, total, options);
  RETURN_IF_ERROR(classifier.Predict(source, sink));
  RETURN_IF_ERROR(sink.CheckComplete());
  return sink.TakeRows();
}

}  // namespace

absl::StatusOr<EvaluationReport> Evaluate(Classifier& classifier,
                                          ShardStore& store,
                                          const EvaluationOptions& options) {
  const CheckpointManifest& manifest = classifier.manifest();
  ASSIGN_OR_RETURN(const SnapshotInfo snapshot,
                   store.GetSnapshot(manifest.snapshot));
  ASSIGN_OR_RETURN(const std::vector<SampleRow> table,
                   store.ReadSampleTable(snapshot.id()));
  EvaluationReport report;
  report.subject = SubjectOf(manifest, snapshot, options);
  ASSIGN_OR_RETURN(report.scores,
                   Score(classifier, store, snapshot.id(), table, options));
  report.figures =
      ComputeFigures(report.scores, manifest.threshold, StandInsOf(table));
  return report;
}

}  // namespace verso
