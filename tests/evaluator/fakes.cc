#include "tests/evaluator/fakes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"

namespace verso::testing {
namespace {

class FakeStream : public SampleStream {
 public:
  FakeStream(std::vector<Sample> samples, int64_t batch)
      : samples_(std::move(samples)), batch_(batch) {}

  absl::StatusOr<std::optional<SampleBatch>> Next() override {
    if (next_ >= samples_.size()) return std::nullopt;
    SampleBatch batch;
    const size_t end =
        std::min(samples_.size(), next_ + static_cast<size_t>(batch_));
    batch.samples.assign(samples_.begin() + next_, samples_.begin() + end);
    next_ = end;
    return batch;
  }
  void Cancel() override {}

 private:
  std::vector<Sample> samples_;
  size_t next_ = 0;
  int64_t batch_;
};

absl::Status NotHere() { return absl::UnimplementedError("not in this fake"); }

}  // namespace

void AddRows(const RowsSpec& spec, std::vector<SampleRow>& table) {
  for (int work = 0; work < spec.works; ++work) {
    for (int i = 0; i < spec.per_work; ++i) {
      SampleRow row;
      row.source = spec.source;
      row.collection = absl::StrCat(spec.source, "-collection");
      row.label = spec.label;
      row.split = spec.split;
      row.work = absl::StrFormat("%s-%d-%03d", spec.source, spec.split, work);
      row.family = spec.family;
      if (!spec.family.empty()) row.generator = spec.family + "-1";
      row.stand_in = spec.stand_in;
      row.sample_id = RecordIdOf(Sha256Hex(absl::StrCat(row.work, "/", i)));
      table.push_back(row);
    }
  }
}

std::vector<SampleRow> SmallTable() {
  std::vector<SampleRow> table;
  for (const Split split : {SPLIT_TRAIN, SPLIT_VALIDATION, SPLIT_TEST}) {
    for (const char* human : {"wga", "artbench"}) {
      AddRows({.source = human, .split = split, .stand_in = "simulated"},
              table);
    }
    AddRows({.source = "lofi",
             .label = LABEL_GENERATED,
             .split = split,
             .family = "stable-diffusion",
             .stand_in = "simulated"},
            table);
  }
  AddRows({.source = "lexica",
           .label = LABEL_GENERATED,
           .family = "stable-diffusion"},
          table);
  AddRows({.source = "dalle",
           .label = LABEL_GENERATED,
           .works = 4,
           .family = "dall-e"},
          table);
  return table;
}

absl::StatusOr<std::vector<AppendedRecord>> FakeStore::Append(
    absl::Span<const Record>) {
  return NotHere();
}
absl::Status FakeStore::Judge(absl::Span<const Judgement>) { return NotHere(); }
absl::StatusOr<std::unique_ptr<RecordReader>> FakeStore::Query(
    const RecordQuery&) {
  return NotHere();
}
absl::StatusOr<SnapshotInfo> FakeStore::CreateSnapshot(const DatasetRecipe&) {
  return NotHere();
}
absl::StatusOr<std::vector<SnapshotInfo>> FakeStore::ListSnapshots() {
  return NotHere();
}

absl::StatusOr<SnapshotInfo> FakeStore::GetSnapshot(absl::string_view id) {
  if (id != "0123456789abcdef") return absl::NotFoundError("no such snapshot");
  SnapshotInfo info;
  info.set_id("0123456789abcdef");
  info.mutable_recipe()->set_name("d4_fair");
  return info;
}

absl::StatusOr<std::vector<SampleRow>> FakeStore::ReadSampleTable(
    absl::string_view) {
  return table;
}

absl::StatusOr<std::unique_ptr<SampleStream>> FakeStore::StreamSamples(
    const SampleStreamOptions& options) {
  asked = options;
  std::vector<Sample> samples;
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i].split != options.split) continue;
    Sample sample;
    sample.index = i;
    sample.sample_id = table[i].sample_id;
    sample.image = table[i].sample_id;
    if (spoil) spoil(sample);
    samples.push_back(sample);
  }
  return std::make_unique<FakeStream>(std::move(samples), options.global_batch);
}

FakeClassifier::FakeClassifier(Score score) : score_(std::move(score)) {
  manifest_.kind = CheckpointKind::kScored;
  manifest_.run = "quickstart";
  manifest_.model = "efficientnet_lite0";
  manifest_.step = 120;
  manifest_.snapshot = "0123456789abcdef";
  manifest_.validation_loss = 0.25;
  manifest_.validation_accuracy = 0.9;
  manifest_.threshold = 0.625;
}

absl::Status FakeClassifier::Predict(ImageSource& source,
                                     PredictionSink& sink) {
  bool first = true;
  while (true) {
    ASSIGN_OR_RETURN(const auto input, source.Next());
    if (!input.has_value()) return absl::OkStatus();
    const bool left_out = leave_out_first && first;
    first = false;
    if (left_out) continue;
    for (int draw = 0; draw < draws; ++draw) {
      Prediction prediction;
      prediction.index = input->index;
      prediction.draw = draw;
      const std::optional<float> logit = score_(*input);
      prediction.logit = logit.value_or(0) + static_cast<float>(draw);
      if (!logit.has_value()) {
        prediction.status = absl::DataLossError("not a picture");
      }
      RETURN_IF_ERROR(sink.Add(prediction));
      if (!logit.has_value()) break;  // As the real one: no draws.
    }
  }
}

double UnitOf(absl::string_view id) {
  uint64_t hash = 1469598103934665603u;
  for (const char c : id) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace verso::testing
