#include "shardstore/message_parts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// What the other fields of a sample are reckoned to take.
constexpr size_t kFieldsBytes = 256;

SampleBatchPart PartOf(const SampleBatch& batch) {
  SampleBatchPart part;
  part.set_step(batch.step);
  part.set_epoch(batch.epoch);
  part.set_global_batch(batch.global_batch);
  part.set_next_cursor(batch.next_cursor);
  return part;
}

SampleMessage HeadOf(const Sample& sample) {
  SampleMessage message;
  message.set_index(sample.index);
  message.set_sample_id(sample.sample_id);
  message.set_source(sample.source);
  message.set_label(sample.label);
  message.set_position(sample.position);
  message.set_crc32c(Crc32c(sample.image));
  return message;
}

Sample SampleOf(SampleMessage message) {
  Sample sample;
  sample.index = message.index();
  sample.sample_id = std::move(*message.mutable_sample_id());
  sample.source = std::move(*message.mutable_source());
  sample.label = message.label();
  sample.position = message.position();
  sample.image = std::move(*message.mutable_image());
  return sample;
}

// Fills parts with samples and hands each on when it is full.
class BatchSender {
 public:
  BatchSender(const SampleBatch& batch,
              const std::function<bool(const SampleBatchPart&)>& write)
      : batch_(batch), write_(write), part_(PartOf(batch)) {}

  bool Add(const Sample& sample) {
    size_t sent = 0;
    SampleMessage message = HeadOf(sample);
    while (true) {
      if (used_ >= kPartBytes && !Flush()) return false;
      const size_t size =
          std::min(sample.image.size() - sent, kPartBytes - used_);
      message.set_image(sample.image.data() + sent, size);
      sent += size;
      used_ += size + kFieldsBytes;
      message.set_image_continues(sent < sample.image.size());
      *part_.add_sample() = std::move(message);
      if (sent == sample.image.size()) return true;
      message = SampleMessage();
    }
  }

  bool Finish() {
    part_.set_end_of_step(true);
    return write_(part_);
  }

 private:
  bool Flush() {
    const bool written = write_(part_);
    part_ = PartOf(batch_);
    used_ = 0;
    return written;
  }

  const SampleBatch& batch_;
  const std::function<bool(const SampleBatchPart&)>& write_;
  SampleBatchPart part_;
  size_t used_ = 0;  // Bytes in part_.
};

}  // namespace

bool SendRecord(const Record& record,
                const std::function<bool(const RecordPart&)>& write) {
  RecordPart part;
  *part.mutable_provenance() = record.provenance();
  const std::string& image = record.image();
  for (size_t sent = 0; !part.last_part();) {
    const size_t size = std::min(kPartBytes, image.size() - sent);
    part.set_bytes(image.data() + sent, size);
    sent += size;
    part.set_last_part(sent == image.size());
    if (!write(part)) return false;
    part.clear_provenance();
  }
  return true;
}

absl::StatusOr<std::optional<Record>> RecordAssembler::Add(RecordPart part) {
  if (part.has_provenance() == record_.has_value()) {
    return absl::InvalidArgumentError(
        "the first part of a record, and no other, carries its provenance");
  }
  if (!record_.has_value()) {
    *record_.emplace().mutable_provenance() =
        std::move(*part.mutable_provenance());
  }
  if (record_->image().size() + part.bytes().size() > kMaxImageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("record ", record_->provenance().source(), "/",
                     record_->provenance().source_item_id(), " is larger than ",
                     kMaxImageBytes >> 20, " MiB"));
  }
  record_->mutable_image()->append(part.bytes());
  if (!part.last_part()) return std::nullopt;
  return std::exchange(record_, std::nullopt);
}

bool SendBatch(const SampleBatch& batch,
               const std::function<bool(const SampleBatchPart&)>& write) {
  BatchSender sender(batch, write);
  for (const Sample& sample : batch.samples) {
    if (!sender.Add(sample)) return false;
  }
  return sender.Finish();
}

absl::StatusOr<std::optional<SampleBatch>> BatchAssembler::Add(
    SampleBatchPart part) {
  if (!batch_.has_value()) {
    batch_.emplace();
    batch_->step = part.step();
    batch_->epoch = part.epoch();
    batch_->global_batch = part.global_batch();
    batch_->next_cursor = part.next_cursor();
  } else if (batch_->step != part.step()) {
    return absl::DataLossError(
        absl::StrCat("the server sent step ", part.step(),
                     " before the end of step ", batch_->step));
  }
  for (SampleMessage& message : *part.mutable_sample()) {
    RETURN_IF_ERROR(AddSample(std::move(message)));
  }
  if (!part.end_of_step()) return std::nullopt;
  if (continues_) {
    return absl::DataLossError(
        absl::StrCat("the last image of step ", batch_->step, " is cut short"));
  }
  return std::exchange(batch_, std::nullopt);
}

absl::Status BatchAssembler::AddSample(SampleMessage message) {
  const bool more = message.image_continues();
  if (continues_) {
    batch_->samples.back().image.append(message.image());
  } else {
    crc32c_ = message.crc32c();
    batch_->samples.push_back(SampleOf(std::move(message)));
  }
  continues_ = more;
  const Sample& sample = batch_->samples.back();
  if (continues_ || Crc32c(sample.image) == crc32c_) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("sample ", sample.sample_id, " of step ", batch_->step,
                   " was damaged on its way: its CRC does not match"));
}

}  // namespace verso
