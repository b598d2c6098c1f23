#include "shardstore/snapshot_reader.h"

#include <fcntl.h>

#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"

namespace verso {
namespace {

// Files that a snapshot must have are damage when they are gone.
absl::Status AsDamage(const absl::Status& status,
                      const std::filesystem::path& dir) {
  if (!absl::IsNotFound(status)) return status;
  return absl::DataLossError(
      absl::StrCat("snapshot ", dir.string(), " is damaged: ", status.message(),
                   "; remove its folder and make it again"));
}

absl::Status CheckSize(const std::filesystem::path& path, uint64_t expected) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error) return ErrnoStatus("read", path, error.value());
  if (size == expected) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(path.string(), " has ", size, " bytes, not ", expected,
                   ": remove the snapshot's folder and make it again"));
}

uint64_t SampleCount(const SnapshotInfo& info) {
  return info.train_samples() + info.validation_samples() + info.test_samples();
}

}  // namespace

SnapshotReader::SnapshotReader(const std::filesystem::path& dir,
                               SnapshotInfo info)
    : dir_(dir), info_(std::move(info)) {}

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(
    const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(SnapshotInfo info, ReadSnapshotInfo(dir));
  std::unique_ptr<SnapshotReader> reader(
      new SnapshotReader(dir, std::move(info)));
  const absl::Status status = reader->OpenFiles();
  if (!status.ok()) return AsDamage(status, dir);
  return reader;
}

absl::Status SnapshotReader::OpenFiles() {
  const std::filesystem::path index = dir_ / kIndexFile;
  RETURN_IF_ERROR(CheckSize(index, SampleCount(info_) * kIndexEntryBytes));
  ASSIGN_OR_RETURN(index_, OpenFile(index, O_RDONLY));
  for (const PreparedShard& shard : info_.shard()) {
    const std::filesystem::path path = dir_ / shard.name();
    RETURN_IF_ERROR(CheckSize(path, shard.size_bytes()));
    ASSIGN_OR_RETURN(std::unique_ptr<ShardReader> reader,
                     ShardReader::Open(path));
    shards_.push_back(std::move(reader));
  }
  return absl::OkStatus();
}

RowRange SnapshotReader::RowsOf(Split split) const {
  const uint64_t train = info_.train_samples();
  const uint64_t validation = train + info_.validation_samples();
  switch (split) {
    case SPLIT_TRAIN:
      return {0, train};
    case SPLIT_VALIDATION:
      return {train, validation};
    case SPLIT_TEST:
      return {validation, validation + info_.test_samples()};
    default:
      return {};
  }
}

absl::StatusOr<IndexEntry> SnapshotReader::ReadEntry(uint64_t row) const {
  const std::filesystem::path path = dir_ / kIndexFile;
  ASSIGN_OR_RETURN(
      const std::string bytes,
      ReadAt(index_, row * kIndexEntryBytes, kIndexEntryBytes, path));
  absl::StatusOr<IndexEntry> entry = ParseIndexEntry(bytes);
  if (!entry.ok()) {
    return absl::DataLossError(absl::StrCat(path.string(), " row ", row, ": ",
                                            entry.status().message()));
  }
  if (entry->shard >= shards_.size() ||
      entry->source >= static_cast<uint32_t>(info_.recipe().source_size())) {
    return absl::DataLossError(absl::StrCat(
        path.string(), " row ", row, " does not fit ", kSnapshotInfoFile));
  }
  return entry;
}

absl::StatusOr<Sample> SnapshotReader::Read(uint64_t row) const {
  VERSO_CHECK(row < SampleCount(info_));
  ASSIGN_OR_RETURN(const IndexEntry entry, ReadEntry(row));
  const ShardReader& shard = *shards_[entry.shard];
  absl::StatusOr<ShardSample> stored =
      shard.Read({entry.seq, entry.offset, entry.size_bytes});
  if (!stored.ok()) {
    return absl::Status(
        stored.status().code(),
        absl::StrCat(shard.path().string(), " (row ", row, " of ", kSamplesFile,
                     "): ", stored.status().message()));
  }
  const SourceSelection& source = info_.recipe().source(entry.source);
  Sample sample;
  sample.index = row;
  sample.sample_id = std::move(stored->key);
  sample.source = source.source();
  sample.label = source.label();
  sample.image = std::move(stored->image);
  return sample;
}

absl::StatusOr<SnapshotInfo> ReadSnapshotInfo(
    const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / kSnapshotInfoFile;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  SnapshotInfo info;
  const absl::Status parsed = ParseTextProto(text, path.string(), info);
  if (!parsed.ok()) {
    return absl::DataLossError(absl::StrCat(
        "snapshot ", dir.string(), " is damaged: ", parsed.message(),
        "; remove its folder and make it again"));
  }
  return info;
}

absl::StatusOr<std::string> ReadSamplesCsv(const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(const SnapshotInfo info, ReadSnapshotInfo(dir));
  const std::filesystem::path path = dir / kSamplesFile;
  absl::StatusOr<std::string> csv = ReadFile(path);
  if (!csv.ok()) return AsDamage(csv.status(), dir);
  if (Sha256Hex(*csv) != info.samples_sha256()) {
    return absl::DataLossError(
        absl::StrCat(path.string(),
                     " is not the file that was written (sha256): remove the "
                     "snapshot's folder and make it again"));
  }
  return csv;
}

}  // namespace verso
