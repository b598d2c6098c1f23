#ifndef VERSO_TESTS_EVALUATOR_FAKES_H_
#define VERSO_TESTS_EVALUATOR_FAKES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shardstore/shard_store.h"
#include "trainer/classifier.h"

namespace verso::testing {

// Rows of one source: `works` works with `per_work` samples each.
struct RowsSpec {
  std::string source;
  Label label = LABEL_HUMAN;
  Split split = SPLIT_TEST;
  int works = 6;
  int per_work = 2;
  std::string family = "";
  std::string stand_in = "";
};

void AddRows(const RowsSpec& spec, std::vector<SampleRow>& table);

// The test's own small d4: wga, artbench and lofi trained on; lexica shares
// lofi's family; dalle is held out.
std::vector<SampleRow> SmallTable();

// A store that has one snapshot and streams its test split. A sample's image
// is its id.
class FakeStore : public ShardStore {
 public:
  explicit FakeStore(std::vector<SampleRow> table) : table(std::move(table)) {}

  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record>) override;
  absl::Status Judge(absl::Span<const Judgement>) override;
  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery&) override;
  absl::StatusOr<SnapshotInfo> CreateSnapshot(const DatasetRecipe&) override;
  absl::StatusOr<SnapshotInfo> GetSnapshot(absl::string_view id) override;
  absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots() override;
  absl::StatusOr<std::vector<SampleRow>> ReadSampleTable(
      absl::string_view snapshot_id) override;
  absl::StatusOr<std::unique_ptr<SampleStream>> StreamSamples(
      const SampleStreamOptions& options) override;
  absl::Status AddLinks(absl::Span<const WorkLink>) override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override {
    return absl::UnimplementedError("fake");
  }

  std::vector<SampleRow> table;
  SampleStreamOptions asked;           // The last stream's options.
  std::function<void(Sample&)> spoil;  // Applied to each streamed sample.
};

// Scores a picture by a function of its input; nullopt: it cannot be decoded.
class FakeClassifier : public Classifier {
 public:
  using Score = std::function<std::optional<float>(const ClassifierInput&)>;
  explicit FakeClassifier(Score score);

  const CheckpointManifest& manifest() const override { return manifest_; }
  absl::Status Predict(ImageSource& source, PredictionSink& sink) override;

  CheckpointManifest manifest_;
  int draws = 1;
  bool leave_out_first = false;

 private:
  Score score_;
};

// A number in [0, 1) that depends on the id alone.
double UnitOf(absl::string_view id);

}  // namespace verso::testing

#endif  // VERSO_TESTS_EVALUATOR_FAKES_H_
