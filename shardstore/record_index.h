#ifndef VERSO_SHARDSTORE_RECORD_INDEX_H_
#define VERSO_SHARDSTORE_RECORD_INDEX_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/kv/kv.h"
#include "proto/record.pb.h"
#include "proto/record_index.pb.h"

namespace verso {

// Selected rows of an index, in the order stored, as they were when the cursor
// was made. Not thread-safe.
class IndexCursor {
 public:
  virtual ~IndexCursor() = default;
  // nullopt behind the last one. kDataLoss: the index is damaged.
  virtual absl::StatusOr<std::optional<IndexedRecord>> Next() = 0;
};

// Where records lie and what is known of them: a cache of the shards and of the
// ledger's judgements, which its rows follow, also those of records that come
// later. Not synced on purpose; State() says how far it has come. Keys:
//   state                                  -> IndexState
//   order/<shard>/<seq>                    -> IndexedRecord
//   id/<record id>                         -> <shard>/<seq>
//   judged/<record id>                     -> JudgedRecord
//   {item/<source>\0<item>,source/<source>,work/<key>,label/<n>}\0<shard>/<seq>
// Thread-safe.
class RecordIndex {
 public:
  // kDataLoss: damaged, or of another version: delete it and start anew.
  static absl::StatusOr<std::unique_ptr<RecordIndex>> Open(
      const std::filesystem::path& dir);

  // All zero in a new index.
  absl::StatusOr<IndexState> State() const;

  absl::StatusOr<bool> Contains(absl::string_view record_id) const;
  absl::StatusOr<std::optional<IndexedRecord>> Find(
      absl::string_view record_id) const;
  // Empty when the record, there or not, was never judged.
  absl::StatusOr<JudgedRecord> FindJudged(absl::string_view record_id) const;

  // Adds rows, their provenance as it was stored, and judgements, the earliest
  // first, of these and other records, and moves State() there, all or nothing.
  absl::Status Add(absl::Span<const IndexedRecord> records,
                   absl::Span<const Judgement> judgements,
                   const IndexState& state);

  // `query.limit` is not looked at. The index must outlive the cursor.
  absl::StatusOr<std::unique_ptr<IndexCursor>> Select(
      const RecordQuery& query) const;

 private:
  explicit RecordIndex(std::unique_ptr<KvStore> kv);
  absl::Status Overwrite(const std::string& record_id,
                         const JudgedRecord& judged, KvBatch& batch) const;
  absl::StatusOr<std::vector<std::string>> PlacesOf(
      const RecordQuery& query) const;

  const std::unique_ptr<KvStore> kv_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_INDEX_H_
