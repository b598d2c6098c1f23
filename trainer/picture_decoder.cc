#include "trainer/picture_decoder.h"

#include <utility>

#include "common/base/status_macros.h"
#include "trainer/transforms.h"

namespace verso {

PictureDecoder::PictureDecoder(ImageSource& source,
                               const TransformOptions& transforms,
                               size_t capacity)
    : queue_(capacity), thread_([this, &source, &transforms] {
        status_ = Run(source, transforms);
        queue_.Close();
      }) {}

std::vector<DecodedPicture> PictureDecoder::NextBatch(size_t size) {
  std::vector<DecodedPicture> batch;
  while (batch.size() < size) {
    std::optional<DecodedPicture> decoded = queue_.Pop();
    if (!decoded.has_value()) break;
    batch.push_back(*std::move(decoded));
  }
  return batch;
}

absl::Status PictureDecoder::Stop() {
  Join();
  return status_;
}

void PictureDecoder::Join() {
  queue_.Close();
  if (thread_.joinable()) thread_.join();
}

absl::Status PictureDecoder::Run(ImageSource& source,
                                 const TransformOptions& transforms) {
  while (true) {
    ASSIGN_OR_RETURN(std::optional<ClassifierInput> input, source.Next());
    if (!input.has_value()) return absl::OkStatus();
    DecodedPicture decoded{
        .index = input->index,
        .sample_id = std::move(input->sample_id),
        .pixels = DecodeForNetwork(input->image, transforms, std::nullopt)};
    if (!queue_.Push(std::move(decoded))) return absl::OkStatus();
  }
}

}  // namespace verso
