#ifndef VERSO_SHARDSTORE_SAMPLE_STREAM_H_
#define VERSO_SHARDSTORE_SAMPLE_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/dataset.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// Which samples of a snapshot one rank gets, and in which order. The order is
// a pure function of (snapshot, split, seed, epoch): see sample_order.h. Step k
// of an epoch holds positions [k*B, min((k+1)*B, N)) of its N samples, B =
// `global_batch`; rank r of W gets positions [r*b/W, (r+1)*b/W) of a step's b.
// A last step smaller than W joins the one before (the one thing in which
// global batches depend on W). So every sample comes exactly once an epoch, and
// every rank does the same number of steps. See batch_plan.h.
struct SampleStreamOptions {
  std::string snapshot;  // Id.
  Split split = SPLIT_TRAIN;
  uint64_t seed = 0;
  int64_t epochs = 1;  // 0 = without end; no gap between epochs.
  int rank = 0;        // In [0, world_size).
  int world_size = 1;
  int64_t global_batch = 128;  // Samples per step over all ranks, > 0.
  uint64_t cursor = 0;         // Samples already consumed over all ranks: 0, or
                               // a `next_cursor` of this order for any W.
  bool shuffle = true;         // Must be false outside SPLIT_TRAIN.
};

struct Sample {
  uint64_t index = 0;  // Row of the snapshot's samples.csv, from 0.
  std::string sample_id;
  std::string source;
  Label label = LABEL_UNKNOWN;
  uint64_t position = 0;  // In the stream's order, from 0 over all epochs.
  std::string image;      // Prepared bytes (JPEG); its CRC has been checked.
};

// One rank's part of one step.
struct SampleBatch {
  uint64_t step = 0;         // From 0 over all epochs.
  uint64_t epoch = 0;        // From 0.
  int64_t global_batch = 0;  // Samples of this step over all ranks: the loss is
                             // the sum over them divided by this.
  uint64_t next_cursor = 0;  // The cursor after this step.
  // Empty only where a step has fewer samples than there are ranks.
  std::vector<Sample> samples;
};

// Not thread-safe, but Cancel().
class SampleStream {
 public:
  virtual ~SampleStream() = default;

  // The next step; nullopt after the last one.
  // kDataLoss: a sample's bytes do not match their CRC (it is named).
  // kUnavailable: the server is gone and has not come back within a minute,
  //   although it was asked again; open again at the last `next_cursor`.
  // kCancelled: Cancel() was called, or a wait for a server ended because the
  //   process was asked to stop (common/base/stop_signal.h).
  virtual absl::StatusOr<std::optional<SampleBatch>> Next() = 0;

  // Makes a pending and every later Next() return kCancelled. Thread-safe.
  virtual void Cancel() = 0;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SAMPLE_STREAM_H_
