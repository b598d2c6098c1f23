#ifndef VERSO_TRAINER_PICTURE_DECODER_H_
#define VERSO_TRAINER_PICTURE_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bounded_queue.h"
#include "trainer/classifier.h"

namespace verso {

// A picture on its way to the network.
struct DecodedPicture {
  uint64_t index = 0;
  std::string sample_id;
  absl::StatusOr<at::Tensor> pixels;  // uint8, [3, s, s].
};

// Pulls and decodes in a thread of its own, while the caller computes.
// Not thread-safe.
class PictureDecoder {
 public:
  // Both must outlive the decoder. Up to `capacity` pictures wait decoded.
  PictureDecoder(ImageSource& source, const TransformOptions& transforms,
                 size_t capacity);
  ~PictureDecoder() { Join(); }

  // The next pictures, `size` of them but for the last batch; empty after it.
  std::vector<DecodedPicture> NextBatch(size_t size);

  // Ends the thread; OK unless the source failed.
  absl::Status Stop();

 private:
  void Join();
  absl::Status Run(ImageSource& source, const TransformOptions& transforms);

  BoundedQueue<DecodedPicture> queue_;
  absl::Status status_;  // Written by the thread, read after it was joined.
  std::thread thread_;
};

}  // namespace verso

#endif  // VERSO_TRAINER_PICTURE_DECODER_H_
