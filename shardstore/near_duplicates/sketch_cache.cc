#include "shardstore/near_duplicates/sketch_cache.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "common/base/on_all_cores.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/image/decode.h"

namespace verso {
namespace {

constexpr size_t kMaxSketches = 2048;
// Bounds of what is held in memory at once.
constexpr size_t kMaxReadRecords = 64;
constexpr int64_t kMaxReadBytes = int64_t{64} << 20;

// The requests from `begin` that fit in memory together; at least one.
absl::Span<const SketchRequest> PartAt(
    const std::vector<SketchRequest>& requests, size_t begin) {
  size_t end = begin;
  int64_t bytes = 0;
  while (end < requests.size() && end - begin < kMaxReadRecords &&
         (end == begin || bytes + requests[end].size_bytes <= kMaxReadBytes)) {
    bytes += requests[end++].size_bytes;
  }
  return absl::MakeConstSpan(requests).subspan(begin, end - begin);
}

absl::StatusOr<PictureSketch> SketchOf(const Record& record) {
  ASSIGN_OR_RETURN(const Image image, DecodeImage(record.image()));
  return MakeSketch(image);
}

}  // namespace

absl::Status SketchCache::Load(absl::Span<const SketchRequest> requests) {
  MakeRoom(requests);
  std::vector<SketchRequest> missing;
  for (const SketchRequest& request : requests) {
    if (!sketches_.contains(request.record)) missing.push_back(request);
  }
  for (size_t done = 0; done < missing.size();) {
    RETURN_IF_ERROR(CheckNotStopped());
    const auto part = PartAt(missing, done);
    RETURN_IF_ERROR(Read(part));
    done += part.size();
  }
  return absl::OkStatus();
}

void SketchCache::MakeRoom(absl::Span<const SketchRequest> requests) {
  if (sketches_.size() <= kMaxSketches) return;
  absl::flat_hash_set<uint32_t> wanted;
  for (const SketchRequest& request : requests) wanted.insert(request.record);
  absl::erase_if(sketches_, [&](const auto& entry) {
    return !wanted.contains(entry.first);
  });
}

absl::Status SketchCache::Read(absl::Span<const SketchRequest> requests) {
  RecordQuery query;
  query.set_include_bytes(true);
  absl::flat_hash_map<std::string, uint32_t> numbers;
  for (const SketchRequest& request : requests) {
    query.add_record_id(request.id);
    numbers[request.id] = request.record;
    sketches_[request.record] = Entry();
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   store_.Query(query));
  std::vector<Record> records;
  while (true) {
    absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) continue;
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) break;
    records.push_back(**std::move(record));
  }
  std::vector<Entry> entries(records.size());
  OnAllCores(records.size(), [&](size_t i) {
    absl::StatusOr<PictureSketch> sketch = SketchOf(records[i]);
    entries[i].state = sketch.ok() ? State::kReady : State::kNoPicture;
    if (sketch.ok()) entries[i].sketch = *std::move(sketch);
  });
  for (size_t i = 0; i < records.size(); ++i) {
    const auto it = numbers.find(RecordIdOf(records[i].provenance().sha256()));
    if (it != numbers.end()) sketches_[it->second] = std::move(entries[i]);
  }
  return absl::OkStatus();
}

}  // namespace verso
