#ifndef VERSO_COMMON_KV_KV_H_
#define VERSO_COMMON_KV_KV_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// Changes that are made all or not at all, in order.
class KvBatch {
 public:
  void Put(absl::string_view key, absl::string_view value) {
    changes_.emplace_back(std::string(key), std::string(value));
  }
  void Delete(absl::string_view key) {
    changes_.emplace_back(std::string(key), std::nullopt);
  }
  bool empty() const { return changes_.empty(); }

 private:
  friend class KvStore;
  std::vector<std::pair<std::string, std::optional<std::string>>> changes_;
};

enum class KvSync {
  kNo,   // Survives a crash of the process, not one of the machine.
  kYes,  // Durable when Write() returns.
};

// Walks over the keys with one prefix in byte order, as they were when the
// cursor was made. Not thread-safe.
//   while (cursor->Next()) Use(cursor->key(), cursor->value());
//   RETURN_IF_ERROR(cursor->status());
class KvCursor {
 public:
  virtual ~KvCursor() = default;
  // Moves to the next key, first to the first one. False at the end and on an
  // error, which status() then tells.
  virtual bool Next() = 0;
  // Valid until Next().
  virtual absl::string_view key() const = 0;
  virtual absl::string_view value() const = 0;
  // kDataLoss: the store is damaged.
  virtual absl::Status status() const = 0;
};

inline constexpr int64_t kMinFreeDiskBytes = int64_t{32} << 20;

// An ordered map from bytes to bytes in one directory (RocksDB, which nothing
// else includes). Damage is an error, never a silent loss of rows in the
// middle; a log whose tail is cut off loses that tail silently, so that what it
// holds must be checked against another truth. Thread-safe.
class KvStore {
 public:
  // Makes the directory when it is absent. kDataLoss: it is damaged or not
  // such a store. kFailedPrecondition: another process has it open.
  // kResourceExhausted: less than kMinFreeDiskBytes are free.
  static absl::StatusOr<std::unique_ptr<KvStore>> Open(
      const std::filesystem::path& dir);
  // To look into it as it is now, whoever has it open. Write() is
  // kFailedPrecondition. kNotFound: there is none. kDataLoss as Open().
  static absl::StatusOr<std::unique_ptr<KvStore>> OpenToRead(
      const std::filesystem::path& dir);
  ~KvStore();

  // Deletes a store that nobody has open, or what is left of it.
  static absl::Status Destroy(const std::filesystem::path& dir);

  // nullopt: no such key. kDataLoss: the store is damaged.
  absl::StatusOr<std::optional<std::string>> Get(absl::string_view key) const;

  // kResourceExhausted: less than kMinFreeDiskBytes are free (RocksDB copes
  // badly with a disk that fills up under it, so it never comes to that), or
  // the disk is full; nothing of the batch was written.
  // After a failure the store is opened anew by the next call of any kind,
  // which is kUnavailable while a cursor from before still lives.
  absl::Status Write(const KvBatch& batch, KvSync sync);

  // The store must outlive the cursor.
  absl::StatusOr<std::unique_ptr<KvCursor>> ScanPrefix(
      absl::string_view prefix) const;

 private:
  struct Impl;
  explicit KvStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace verso

#endif  // VERSO_COMMON_KV_KV_H_
