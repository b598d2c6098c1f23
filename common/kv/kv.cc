#include "common/kv/kv.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <cstdarg>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

rocksdb::Slice ToSlice(absl::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

absl::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

absl::Status ToStatus(const rocksdb::Status& status, const fs::path& dir) {
  if (status.ok()) return absl::OkStatus();
  const std::string message =
      absl::StrCat("key-value store ", dir.string(), ": ", status.ToString());
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (status.IsCorruption() || status.IsInvalidArgument()) {
    return absl::DataLossError(message);
  }
  // RocksDB reports a held lock as an I/O error with this text.
  if (status.IsIOError() && absl::StrContains(message, "lock")) {
    return absl::FailedPreconditionError(
        absl::StrCat(message, "; another process has it open"));
  }
  return absl::InternalError(message);
}

// RocksDB's own defaults drop rows silently after a damaged log record.
rocksdb::Options SafeOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.track_and_verify_wals_in_manifest = true;
  // A retry in the background would hide a full disk from the writer.
  options.max_bgerror_resume_count = 0;
  options.keep_log_file_num = 2;
  options.allow_fallocate = false;  // A small index takes little space.
  options.max_open_files = 256;
  options.write_buffer_size = 16 << 20;
  return options;
}

// A reader's own log would take the place of the writer's.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Whoever writes may move its log while it is read: what it shows then is
// what it was a moment ago.
rocksdb::Options ReadOnlyOptions() {
  rocksdb::Options options = SafeOptions();
  options.create_if_missing = false;
  options.track_and_verify_wals_in_manifest = false;
  options.info_log = std::make_shared<NoLog>();
  return options;
}

// Debian's RocksDB 7.8 ends the process when a log cannot be written.
absl::Status CheckSpace(const fs::path& dir) {
  ASSIGN_OR_RETURN(const int64_t free_bytes, FreeDiskBytes(dir));
  if (free_bytes >= kMinFreeDiskBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the disk of ", dir.string(), " has ", free_bytes >> 20,
                   " MiB left, less than the ", kMinFreeDiskBytes >> 20,
                   " MiB that it needs to write safely; free some space"));
}

class RocksCursor : public KvCursor {
 public:
  RocksCursor(std::shared_ptr<rocksdb::DB> db, absl::string_view prefix,
              const fs::path& dir)
      : db_(std::move(db)),
        iterator_(db_->NewIterator(rocksdb::ReadOptions())),
        prefix_(prefix),
        dir_(dir) {}

  bool Next() override {
    if (ended_) return false;
    if (started_) {
      iterator_->Next();
    } else {
      iterator_->Seek(prefix_);
      started_ = true;
    }
    ended_ = !iterator_->Valid() || !iterator_->key().starts_with(prefix_);
    return !ended_;
  }
  absl::string_view key() const override { return ToView(iterator_->key()); }
  absl::string_view value() const override {
    return ToView(iterator_->value());
  }
  absl::Status status() const override {
    return ToStatus(iterator_->status(), dir_);
  }

 private:
  const std::shared_ptr<rocksdb::DB> db_;
  const std::unique_ptr<rocksdb::Iterator> iterator_;
  const std::string prefix_;
  const fs::path dir_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

// RocksDB takes no more writes after a failed one, and its own way back may
// take long: the database is closed and opened again instead.
struct KvStore::Impl {
  Impl(const fs::path& path, bool to_read) : dir(path), read_only(to_read) {}

  // The open database; opens it when a write has failed since.
  absl::StatusOr<std::shared_ptr<rocksdb::DB>> Db() ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    if (db == nullptr) RETURN_IF_ERROR(Open());
    return db;
  }

  // Cursors hold on to the database that they were made from.
  absl::Status Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (!broken.expired()) {
      return absl::UnavailableError(
          absl::StrCat("key-value store ", dir.string(),
                       " recovers from a failed write once those who read in "
                       "it are done; try again"));
    }
    rocksdb::DB* opened = nullptr;
    if (read_only) {
      RETURN_IF_ERROR(ToStatus(rocksdb::DB::OpenForReadOnly(
                                   ReadOnlyOptions(), dir.string(), &opened),
                               dir));
    } else {
      RETURN_IF_ERROR(CheckSpace(dir));
      RETURN_IF_ERROR(ToStatus(
          rocksdb::DB::Open(SafeOptions(), dir.string(), &opened), dir));
    }
    db.reset(opened);
    return absl::OkStatus();
  }

  void Break() ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    broken = db;
    db.reset();
  }

  const fs::path dir;
  const bool read_only;
  absl::Mutex mu;
  std::shared_ptr<rocksdb::DB> db ABSL_GUARDED_BY(mu);
  std::weak_ptr<rocksdb::DB> broken ABSL_GUARDED_BY(mu);
};

KvStore::KvStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KvStore::~KvStore() = default;

absl::StatusOr<std::unique_ptr<KvStore>> KvStore::Open(const fs::path& dir) {
  RETURN_IF_ERROR(MakeDirs(dir));
  auto impl = std::make_unique<Impl>(dir, /*to_read=*/false);
  RETURN_IF_ERROR(impl->Db().status());
  return absl::WrapUnique(new KvStore(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<KvStore>> KvStore::OpenToRead(
    const fs::path& dir) {
  std::error_code ignored;
  if (!fs::exists(dir / "CURRENT", ignored)) {
    return absl::NotFoundError(
        absl::StrCat("there is no key-value store in ", dir.string()));
  }
  auto impl = std::make_unique<Impl>(dir, /*to_read=*/true);
  RETURN_IF_ERROR(impl->Db().status());
  return absl::WrapUnique(new KvStore(std::move(impl)));
}

absl::Status KvStore::Destroy(const fs::path& dir) {
  std::error_code error;
  fs::remove_all(dir, error);
  if (error) return ErrnoStatus("delete", dir, error.value());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> KvStore::Get(
    absl::string_view key) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<rocksdb::DB> db, impl_->Db());
  std::string value;
  const rocksdb::Status status =
      db->Get(rocksdb::ReadOptions(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  RETURN_IF_ERROR(ToStatus(status, impl_->dir));
  return value;
}

absl::Status KvStore::Write(const KvBatch& batch, KvSync sync) {
  if (impl_->read_only) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key-value store ", impl_->dir.string(), " was opened to read"));
  }
  rocksdb::WriteBatch rocks(/*reserved_bytes=*/0, /*max_bytes=*/0,
                            /*protection_bytes_per_key=*/8,
                            /*default_cf_ts_sz=*/0);
  for (const auto& [key, value] : batch.changes_) {
    const rocksdb::Status status =
        value.has_value() ? rocks.Put(key, *value) : rocks.Delete(key);
    RETURN_IF_ERROR(ToStatus(status, impl_->dir));
  }
  RETURN_IF_ERROR(CheckSpace(impl_->dir));
  rocksdb::Status status;
  {
    ASSIGN_OR_RETURN(const std::shared_ptr<rocksdb::DB> db, impl_->Db());
    rocksdb::WriteOptions options;
    options.sync = sync == KvSync::kYes;
    status = db->Write(options, &rocks);
  }
  if (!status.ok()) impl_->Break();
  return ToStatus(status, impl_->dir);
}

absl::StatusOr<std::unique_ptr<KvCursor>> KvStore::ScanPrefix(
    absl::string_view prefix) const {
  ASSIGN_OR_RETURN(std::shared_ptr<rocksdb::DB> db, impl_->Db());
  return std::make_unique<RocksCursor>(std::move(db), prefix, impl_->dir);
}

}  // namespace verso
