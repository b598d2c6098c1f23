#include "shardstore/dataset_builder.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/dataset_plan.h"
#include "shardstore/preparation.h"
#include "shardstore/provenance_json.h"
#include "shardstore/snapshot_catalog.h"
#include "shardstore/snapshot_summary.h"
#include "shardstore/snapshot_writer.h"

namespace verso {
namespace {

// Bounds of what is held in memory at once.
constexpr size_t kMaxChunkRecords = 64;
constexpr int64_t kMaxChunkBytes = int64_t{64} << 20;

// A planned sample on its way to a shard.
struct Job {
  const PlannedSample* planned = nullptr;
  std::optional<Record> record;  // None: damaged, or gone.
  absl::StatusOr<PreparedImage> prepared =
      absl::UnknownError("not prepared yet");
};

SampleRow RowOf(const PlannedSample& planned, const Provenance& provenance,
                const SourceSelection& source, double scale) {
  SampleRow row;
  row.sample_id = planned.id;
  row.source = provenance.source();
  row.collection = provenance.collection();
  row.label = provenance.label();
  row.split = planned.split;
  row.held_out = source.held_out();
  row.work = planned.work;
  row.family = provenance.generator().family();
  row.generator = provenance.generator().name();
  row.style = provenance.work().style();
  row.title = provenance.work().title();
  row.artist = provenance.work().artist();
  row.page_url = provenance.page_url();
  row.image_url = provenance.image_url();
  row.sha256 = provenance.sha256();
  row.format = provenance.format();
  row.size_bytes = provenance.size_bytes();
  row.width = provenance.width();
  row.height = provenance.height();
  row.jpeg_quality = provenance.encoder().estimated_quality();
  row.chroma_subsampling = provenance.encoder().chroma_subsampling();
  row.scale = scale;
  row.stand_in = provenance.stand_in();
  return row;
}

// The samples after `begin` that fit in memory together; at least one.
absl::Span<const PlannedSample> ChunkAt(
    const std::vector<PlannedSample>& samples, size_t begin) {
  size_t end = begin;
  int64_t bytes = 0;
  while (end < samples.size() && end - begin < kMaxChunkRecords &&
         (end == begin || bytes + samples[end].size_bytes <= kMaxChunkBytes)) {
    bytes += samples[end++].size_bytes;
  }
  return absl::MakeConstSpan(samples).subspan(begin, end - begin);
}

absl::StatusOr<std::vector<Job>> ReadRecords(
    RecordStorage& records, absl::Span<const PlannedSample> chunk) {
  RecordQuery query;
  query.set_include_bytes(true);
  std::vector<Job> jobs(chunk.size());
  absl::flat_hash_map<std::string, Job*> job_of;
  for (size_t i = 0; i < chunk.size(); ++i) {
    jobs[i].planned = &chunk[i];
    job_of[chunk[i].id] = &jobs[i];
    query.add_record_id(chunk[i].id);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   records.Query(query));
  while (true) {
    absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) continue;
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) return jobs;
    const auto it = job_of.find((*record)->provenance().sha256().substr(0, 32));
    if (it != job_of.end()) it->second->record = **std::move(record);
  }
}

void PrepareOnAllCores(const DatasetRecipe& recipe, std::vector<Job>& jobs) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      Job& job = jobs[i];
      if (!job.record.has_value()) continue;
      job.prepared =
          PrepareImage(job.record->image(),
                       recipe.source(job.planned->source).preparation());
    }
  };
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(cores, jobs.size()); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

absl::Status WriteJob(const DatasetRecipe& recipe, const Job& job,
                      SnapshotWriter& writer, SnapshotSummary& summary) {
  if (!job.prepared.ok()) {
    summary.LeaveOut(*job.planned);
    return absl::OkStatus();
  }
  const Provenance& provenance = job.record->provenance();
  ASSIGN_OR_RETURN(const std::string json, ProvenanceToJson(provenance));
  summary.Add(*job.planned, provenance.stand_in());
  return writer.Add(
      RowOf(*job.planned, provenance, recipe.source(job.planned->source),
            job.prepared->scale),
      job.planned->source, json, job.prepared->jpeg);
}

absl::Status WriteSamples(RecordStorage& records, const DatasetPlan& plan,
                          SnapshotWriter& writer, SnapshotSummary& summary) {
  ProgressLine progress;
  const absl::Time start = absl::Now();
  const double total = static_cast<double>(plan.samples.size());
  for (size_t done = 0; done < plan.samples.size();) {
    RETURN_IF_ERROR(CheckNotStopped());
    const auto chunk = ChunkAt(plan.samples, done);
    ASSIGN_OR_RETURN(std::vector<Job> jobs, ReadRecords(records, chunk));
    PrepareOnAllCores(plan.recipe, jobs);
    for (const Job& job : jobs) {
      RETURN_IF_ERROR(WriteJob(plan.recipe, job, writer, summary));
    }
    done += chunk.size();
    progress.Update(absl::StrCat(
        "preparing ", plan.recipe.name(), ": ", done, " of ",
        plan.samples.size(), " pictures, ",
        FormatTimeLeft(static_cast<double>(done), total, start), " left"));
  }
  progress.Finish(absl::StrCat("prepared ", plan.recipe.name(), ": ",
                               plan.samples.size(), " pictures in ",
                               HumanDuration(absl::Now() - start)));
  return absl::OkStatus();
}

absl::Status NoteInLedger(RecordStorage& records, const SnapshotInfo& info) {
  LedgerEntry entry;
  SnapshotCreated& created = *entry.mutable_snapshot_created();
  created.set_snapshot_id(info.id());
  created.set_name(info.recipe().name());
  created.set_samples(info.train_samples() + info.validation_samples() +
                      info.test_samples());
  return records.AddLedgerEntry(entry);
}

}  // namespace

absl::StatusOr<SnapshotInfo> BuildDataset(
    RecordStorage& records, const std::filesystem::path& snapshots_dir,
    const DatasetRecipe& recipe) {
  ASSIGN_OR_RETURN(const DatasetPlan plan, PlanDataset(records, recipe));
  absl::StatusOr<SnapshotInfo> there =
      FindSnapshot(snapshots_dir, plan.snapshot_id);
  if (!absl::IsNotFound(there.status())) return there;
  ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotWriter> writer,
                   SnapshotWriter::Create(snapshots_dir, plan.snapshot_id));
  SnapshotSummary summary(plan);
  RETURN_IF_ERROR(WriteSamples(records, plan, *writer, summary));
  RETURN_IF_ERROR(summary.Check());
  ASSIGN_OR_RETURN(const SnapshotInfo info, writer->Commit(summary.ToInfo()));
  RETURN_IF_ERROR(NoteInLedger(records, info));
  return info;
}

}  // namespace verso
