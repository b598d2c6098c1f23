#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_SKETCH_CACHE_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_SKETCH_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "shardstore/near_duplicates/picture_sketch.h"
#include "shardstore/shard_store.h"

namespace verso {

// A record by its number in a list of the caller's.
struct SketchRequest {
  uint32_t record = 0;
  std::string id;
  int64_t size_bytes = 0;  // Of its picture.
};

// Sketches of a store's records, at most 2,048 and those of the last request
// (36 KiB each), read and decoded on all cores. Not thread-safe.
class SketchCache {
 public:
  enum class State {
    kReady,
    kNoPicture,   // Its bytes cannot be decoded, and never will.
    kUnreadable,  // Damaged, or gone from the store.
  };

  // `store` must outlive the cache.
  explicit SketchCache(ShardStore& store) : store_(store) {}

  // Brings in what is missing of these; others may go. Errors are the store's,
  // but for damaged records. kCancelled: stop_signal.h.
  absl::Status Load(absl::Span<const SketchRequest> requests);

  // REQUIRES: `record` was in the last Load().
  State StateOf(uint32_t record) const { return sketches_.at(record).state; }
  // REQUIRES: kReady.
  const PictureSketch& Get(uint32_t record) const {
    return sketches_.at(record).sketch;
  }

 private:
  struct Entry {
    State state = State::kUnreadable;
    PictureSketch sketch;
  };

  void MakeRoom(absl::Span<const SketchRequest> requests);
  absl::Status Read(absl::Span<const SketchRequest> requests);

  ShardStore& store_;
  absl::flat_hash_map<uint32_t, Entry> sketches_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_SKETCH_CACHE_H_
