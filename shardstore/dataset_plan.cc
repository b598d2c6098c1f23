#include "shardstore/dataset_plan.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "shardstore/candidate.h"
#include "shardstore/preparation.h"
#include "shardstore/recipe.h"
#include "shardstore/record_selection.h"
#include "shardstore/sample_table.h"
#include "shardstore/split_assigner.h"

namespace verso {
namespace {

Candidate CandidateOf(const Provenance& provenance, int source) {
  Candidate candidate;
  candidate.id = RecordIdOf(provenance.sha256());
  candidate.source = source;
  candidate.work_key = provenance.work().work_key();
  candidate.parent = provenance.parent();
  candidate.perceptual_hash = provenance.perceptual_hash();
  candidate.style = provenance.work().style();
  candidate.short_side = std::min(provenance.width(), provenance.height());
  candidate.size_bytes = provenance.size_bytes();
  return candidate;
}

// What a source has.
struct Found {
  std::vector<Candidate> candidates;
  std::vector<Candidate> quarantined;
};

// Damaged and quarantined records are passed over, one warning each for all of
// a source.
absl::StatusOr<Found> FindCandidates(RecordStorage& records,
                                     const SourceSelection& source, int index,
                                     std::vector<std::string>& warnings) {
  RecordQuery query;
  query.add_source(source.source());
  query.add_label(source.label());
  query.set_include_quarantined(true);
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   records.Query(query));
  Found found;
  int64_t damaged = 0;
  while (true) {
    absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) {
      ++damaged;
      continue;
    }
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) break;
    const Provenance& provenance = (*record)->provenance();
    (provenance.quarantine().empty() ? found.candidates : found.quarantined)
        .push_back(CandidateOf(provenance, index));
  }
  if (!found.quarantined.empty()) {
    warnings.push_back(absl::StrCat(
        found.quarantined.size(), " quarantined records of ", source.source(),
        " are left out; `bazel run //shardstore -- query --source=",
        source.source(), " --include_quarantined` says why"));
  }
  if (damaged > 0) {
    warnings.push_back(absl::StrCat(damaged, " damaged records of ",
                                    source.source(),
                                    " are left out; run "
                                    "`bazel run //shardstore -- fsck`"));
  }
  return found;
}

absl::Status NothingToTrainOn(const SourceSelection& source, size_t found,
                              size_t quarantined) {
  const std::string what =
      absl::StrCat("source ", source.source(), " has ",
                   found == 0 ? "no " : absl::StrCat(found, " "),
                   LabelName(source.label()), " records");
  if (found == 0 && quarantined > 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, " that are not quarantined, but ", quarantined,
                     " that are; `bazel run //shardstore -- query --source=",
                     source.source(), " --include_quarantined` says why"));
  }
  if (found == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        what, " in this store; run `bazel run //ingest -- run --sources=",
        source.source(), " --contact=URL_OR_ADDRESS` first"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      what, ", all smaller than the recipe's crop of ",
      source.preparation().size(), " pixels; use a smaller preparation.size"));
}

// Drops what is known to be too small; the number dropped.
int64_t DropUnfit(const SourceSelection& source,
                  std::vector<Candidate>& candidates) {
  return std::erase_if(candidates, [&](const Candidate& candidate) {
    return !FitsPreparation(candidate.short_side, source.preparation());
  });
}

// What is gathered before the splits.
struct Choice {
  std::vector<Candidate> all;  // Of all sources, quarantined ones too: links
                               // may go through records that are not selected.
  std::vector<Candidate> selected;
};

absl::Status ChooseFromSource(RecordStorage& records, int index,
                              DatasetPlan& plan, Choice& choice,
                              absl::flat_hash_set<std::string>& chosen) {
  const SourceSelection& source = plan.recipe.source(index);
  ASSIGN_OR_RETURN(Found there,
                   FindCandidates(records, source, index, plan.warnings));
  std::vector<Candidate>& candidates = there.candidates;
  for (const auto* some : {&candidates, &there.quarantined}) {
    choice.all.insert(choice.all.end(), some->begin(), some->end());
  }
  const size_t found = candidates.size();
  plan.left_out[index] = DropUnfit(source, candidates);
  if (candidates.empty() && !source.held_out()) {
    return NothingToTrainOn(source, found, there.quarantined.size());
  }
  if (candidates.empty()) {
    plan.warnings.push_back(
        absl::StrCat("held-out source ", source.source(),
                     " has no usable records and is left out"));
  }
  const int64_t count = ScaledCount(source.count(), plan.recipe.fraction(),
                                    static_cast<int64_t>(candidates.size()));
  for (Candidate& candidate :
       SelectRecords(std::move(candidates), count, source.balance_by(),
                     plan.recipe.seed(), chosen)) {
    chosen.insert(candidate.id);
    choice.selected.push_back(std::move(candidate));
  }
  return absl::OkStatus();
}

absl::flat_hash_map<std::string, std::string> WorkOfRecord(
    const std::vector<Candidate>& all, absl::Span<const WorkLink> links) {
  const std::vector<std::string> works = FindWorks(all, links);
  absl::flat_hash_map<std::string, std::string> work_of;
  for (size_t i = 0; i < all.size(); ++i) work_of[all[i].id] = works[i];
  return work_of;
}

void PlanSplits(const Choice& choice, absl::Span<const WorkLink> links,
                DatasetPlan& plan) {
  const auto work_of = WorkOfRecord(choice.all, links);
  std::vector<SplitItem> items;
  items.reserve(choice.selected.size());
  for (const Candidate& candidate : choice.selected) {
    items.push_back(
        {.work = work_of.at(candidate.id),
         .source = candidate.source,
         .held_out = plan.recipe.source(candidate.source).held_out()});
  }
  const std::vector<Split> splits =
      AssignSplits(items, plan.recipe.split(), plan.recipe.seed());
  for (size_t i = 0; i < items.size(); ++i) {
    const Candidate& candidate = choice.selected[i];
    if (splits[i] == SPLIT_UNSPECIFIED) {
      ++plan.left_out[candidate.source];
      continue;
    }
    plan.samples.push_back({candidate.id, candidate.source, splits[i],
                            items[i].work, candidate.size_bytes});
  }
  std::sort(plan.samples.begin(), plan.samples.end(),
            [](const PlannedSample& a, const PlannedSample& b) {
              return std::tie(a.split, a.id) < std::tie(b.split, b.id);
            });
}

// A chain of links that glues much of a collection together makes the splits
// lopsided: say so.
void WarnOfLargeWork(DatasetPlan& plan) {
  constexpr size_t kWorthSaying = 20;  // Records.
  absl::flat_hash_map<std::string, size_t> sizes;
  size_t largest = 0;
  for (const PlannedSample& sample : plan.samples) {
    largest = std::max(largest, ++sizes[sample.work]);
  }
  if (largest < kWorthSaying || largest * 20 < plan.samples.size()) return;
  plan.warnings.push_back(absl::StrCat(
      "one work has ", largest, " of ", plan.samples.size(),
      " samples: its records are linked by work_key, parent, equal looks or "
      "compared pixels"));
}

void WarnOfCommonLooks(const Choice& choice, DatasetPlan& plan) {
  const int64_t common = CountCommonLooks(choice.all);
  if (common == 0) return;
  plan.warnings.push_back(absl::StrCat(
      common, " records have looks that more than ", kMaxRecordsOfOneLook,
      " share, which joins none of them; run `bazel run //shardstore -- link` "
      "to compare their pixels"));
}

// Names and words apart, what the data set is.
std::string CanonicalBytes(DatasetRecipe recipe) {
  recipe.clear_description();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    recipe.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string SnapshotIdOf(const DatasetPlan& plan) {
  constexpr int kIdDigits = 16;
  Sha256 hash;
  const std::string recipe = CanonicalBytes(plan.recipe);
  hash.Update(absl::StrCat("verso snapshot preparation=", kPreparationVersion,
                           " recipe=", recipe.size(), "\n"));
  hash.Update(recipe);
  for (const PlannedSample& sample : plan.samples) {
    hash.Update(absl::StrCat(sample.id, " ", sample.source, " ", sample.split,
                             " ", sample.work, "\n"));
  }
  return hash.FinishHex().substr(0, kIdDigits);
}

}  // namespace

absl::StatusOr<DatasetPlan> PlanDataset(RecordStorage& records,
                                        const DatasetRecipe& recipe) {
  RETURN_IF_ERROR(ValidateRecipe(recipe));
  DatasetPlan plan;
  plan.recipe = NormalizeRecipe(recipe);
  Choice choice;
  absl::flat_hash_set<std::string> chosen;
  for (int i = 0; i < plan.recipe.source_size(); ++i) {
    RETURN_IF_ERROR(ChooseFromSource(records, i, plan, choice, chosen));
  }
  ASSIGN_OR_RETURN(const std::vector<WorkLink> links, records.ReadLinks());
  PlanSplits(choice, links, plan);
  WarnOfLargeWork(plan);
  WarnOfCommonLooks(choice, plan);
  plan.snapshot_id = SnapshotIdOf(plan);
  return plan;
}

}  // namespace verso
