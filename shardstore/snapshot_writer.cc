#include "shardstore/snapshot_writer.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"
#include "shardstore/snapshot_format.h"

namespace verso {
namespace {

absl::Status RemoveLeftovers(const std::filesystem::path& snapshots_dir) {
  std::error_code error;
  std::filesystem::directory_iterator it(snapshots_dir, error);
  while (!error && it != std::filesystem::directory_iterator()) {
    const std::filesystem::path path = it->path();
    if (path.filename().string().starts_with('.')) {
      std::filesystem::remove_all(path, error);
    }
    if (!error) it.increment(error);
  }
  if (!error) return absl::OkStatus();
  return ErrnoStatus("clean up", snapshots_dir, error.value());
}

}  // namespace

SnapshotWriter::SnapshotWriter(const std::filesystem::path& snapshots_dir,
                               absl::string_view id, int64_t max_shard_bytes)
    : dir_(snapshots_dir / std::string(id)),
      tmp_dir_(snapshots_dir / absl::StrCat(".", id)),
      max_shard_bytes_(max_shard_bytes) {}

SnapshotWriter::~SnapshotWriter() {
  if (committed_) return;
  std::error_code ignored;  // The next Create() removes what stays.
  std::filesystem::remove_all(tmp_dir_, ignored);
}

absl::StatusOr<std::unique_ptr<SnapshotWriter>> SnapshotWriter::Create(
    const std::filesystem::path& snapshots_dir, absl::string_view id,
    int64_t max_shard_bytes) {
  RETURN_IF_ERROR(MakeDirs(snapshots_dir));
  RETURN_IF_ERROR(RemoveLeftovers(snapshots_dir));
  std::unique_ptr<SnapshotWriter> writer(
      new SnapshotWriter(snapshots_dir, id, max_shard_bytes));
  RETURN_IF_ERROR(MakeDirs(writer->tmp_dir_));
  return writer;
}

absl::Status SnapshotWriter::Add(SampleRow row, int source,
                                 absl::string_view json,
                                 absl::string_view jpeg) {
  if (shard_ != nullptr && shard_->size_bytes() >= max_shard_bytes_) {
    RETURN_IF_ERROR(SealShard());
  }
  if (shard_ == nullptr) {
    const std::string name = ShardName(static_cast<int>(sealed_.size()));
    ASSIGN_OR_RETURN(shard_, ShardWriter::Create(tmp_dir_ / name));
  }
  ASSIGN_OR_RETURN(const SampleExtent extent,
                   shard_->Append({.key = row.sample_id,
                                   .json = json,
                                   .extension = "jpg",
                                   .image = jpeg}));
  AppendIndexEntry({.shard = static_cast<uint32_t>(sealed_.size()),
                    .source = static_cast<uint32_t>(source),
                    .seq = extent.seq,
                    .offset = extent.offset,
                    .size_bytes = static_cast<uint32_t>(extent.size_bytes)},
                   index_);
  rows_.push_back(std::move(row));
  return absl::OkStatus();
}

absl::Status SnapshotWriter::SealShard() {
  if (shard_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ShardSealed sealed, shard_->Seal());
  shard_.reset();
  PreparedShard& prepared = sealed_.emplace_back();
  prepared.set_name(sealed.shard());
  prepared.set_samples(sealed.records());
  prepared.set_size_bytes(sealed.size_bytes());
  prepared.set_sha256(sealed.sha256());
  return absl::OkStatus();
}

absl::StatusOr<SnapshotInfo> SnapshotWriter::Commit(SnapshotInfo info) {
  VERSO_CHECK(!committed_);
  RETURN_IF_ERROR(SealShard());
  info.mutable_shard()->Assign(sealed_.begin(), sealed_.end());
  const std::string samples = SamplesToCsv(rows_);
  info.set_samples_sha256(Sha256Hex(samples));
  RETURN_IF_ERROR(WriteFileAtomically(tmp_dir_ / kSamplesFile, samples));
  RETURN_IF_ERROR(WriteFileAtomically(tmp_dir_ / kIndexFile, index_));
  RETURN_IF_ERROR(
      WriteFileAtomically(tmp_dir_ / kSnapshotInfoFile, ToTextProto(info)));
  if (std::rename(tmp_dir_.c_str(), dir_.c_str()) != 0) {
    const int error = errno == ENOTEMPTY ? EEXIST : errno;
    return ErrnoStatus("create snapshot", dir_, error);
  }
  committed_ = true;
  RETURN_IF_ERROR(SyncDir(dir_.parent_path()));
  return info;
}

}  // namespace verso
