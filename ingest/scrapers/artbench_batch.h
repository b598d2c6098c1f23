#ifndef VERSO_INGEST_SCRAPERS_ARTBENCH_BATCH_H_
#define VERSO_INGEST_SCRAPERS_ARTBENCH_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// ArtBench's binary batches have the layout of CIFAR-10's: per picture one byte
// that is its label, then 32x32 bytes each of red, green and blue, by rows.
inline constexpr int64_t kBatchPictureBytes = 1 + 3 * 32 * 32;
inline constexpr int64_t kBatchPictures = 10'000;  // In a file, at most.

// What the name of a batch file says of its pictures.
struct BatchPlace {
  std::string split;  // "train" or "test".
  int64_t first = 0;  // The first picture's cifar_index.
};

// Of "data_batch_1.bin" to "data_batch_5.bin" and "test_batch.bin", in any
// folder; nullopt for other files.
std::optional<BatchPlace> PlaceOfBatch(absl::string_view path);

// A PNG with the pixels of `picture`: the batches hold no encoded pictures, so
// this one is ours, and its text "Comment" says so. `picture`: as above, label
// included. REQUIRES: picture.size() == kBatchPictureBytes.
absl::StatusOr<std::string> PngOfBatchPicture(absl::string_view picture);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_ARTBENCH_BATCH_H_
