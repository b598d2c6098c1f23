#include "shardstore/snapshot_check.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_writer.h"
#include "shardstore/snapshot_catalog.h"
#include "shardstore/snapshot_reader.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

absl::Status CheckShardFiles(const fs::path& dir, const SnapshotInfo& info) {
  for (const PreparedShard& shard : info.shard()) {
    RETURN_IF_ERROR(CheckNotStopped());
    ASSIGN_OR_RETURN(const std::string sha256,
                     Sha256OfFile(dir / shard.name()));
    if (sha256 == shard.sha256()) continue;
    return absl::DataLossError(
        absl::StrCat(shard.name(),
                     " is not the file that was written: its "
                     "sha256 is ",
                     sha256));
  }
  return absl::OkStatus();
}

absl::Status CheckSamples(const SnapshotReader& reader,
                          const std::vector<SampleRow>& rows,
                          SnapshotsReport& report) {
  for (size_t i = 0; i < rows.size(); ++i) {
    RETURN_IF_ERROR(CheckNotStopped());
    ASSIGN_OR_RETURN(const Sample sample, reader.Read(i));
    if (sample.sample_id != rows[i].sample_id ||
        sample.source != rows[i].source || sample.label != rows[i].label) {
      return absl::DataLossError(
          absl::StrCat("row ", i, " of samples.csv and its sample disagree"));
    }
    ++report.samples;
  }
  return absl::OkStatus();
}

absl::Status CheckOne(const fs::path& dir, SnapshotsReport& report) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotReader> reader,
                   SnapshotReader::Open(dir));
  RETURN_IF_ERROR(CheckShardFiles(dir, reader->info()));
  ASSIGN_OR_RETURN(const std::string csv, ReadSamplesCsv(dir));
  ASSIGN_OR_RETURN(const std::vector<SampleRow> rows, SamplesFromCsv(csv));
  const uint64_t expected = reader->RowsOf(SPLIT_TEST).end;
  if (rows.size() != expected) {
    return absl::DataLossError(absl::StrCat("samples.csv has ", rows.size(),
                                            " rows instead of ", expected));
  }
  return CheckSamples(*reader, rows, report);
}

}  // namespace

absl::StatusOr<SnapshotsReport> CheckSnapshots(const fs::path& snapshots_dir) {
  SnapshotsReport report;
  ASSIGN_OR_RETURN(const std::vector<fs::path> dirs,
                   SnapshotDirsIn(snapshots_dir));
  for (const fs::path& dir : dirs) {
    const absl::Status status = CheckOne(dir, report);
    if (absl::IsCancelled(status)) return status;
    ++report.snapshots;
    if (status.ok()) continue;
    report.problems.push_back(
        absl::StrCat("snapshot ", dir.filename().string(), ": ",
                     status.message(), "; delete ", dir.string(),
                     " and make it again by its recipe: it gets the same id"));
  }
  return report;
}

}  // namespace verso
