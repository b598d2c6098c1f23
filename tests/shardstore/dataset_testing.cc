#include "tests/shardstore/dataset_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "shardstore/keyed_hash.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

constexpr absl::string_view kStyles[] = {"baroque", "realism", "ukiyo_e"};

bool IsHuman(absl::string_view source) {
  return source == "wga" || source == "artbench";
}

std::string IdOfRecord(const Record& record) {
  return RecordIdOf(Sha256Hex(record.image()));
}

}  // namespace

std::string DrawnJpeg(int width, int height, uint64_t seed) {
  std::mt19937_64 random(seed);
  Image image{width, height, {}};
  image.rgb.resize(size_t{3} * width * height);
  const uint64_t fields[4] = {random(), random(), random(), random()};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const uint64_t field = fields[2 * (y * 2 / height) + x * 2 / width];
      for (int c = 0; c < 3; ++c) {
        const int base = static_cast<int>(field >> (8 * c)) & 0x7f;
        const int line = (x * (1 + field % 7) + y) % 32 < 3 ? 60 : 0;
        image.rgb[3 * (size_t{1} * y * width + x) + c] =
            static_cast<uint8_t>(base + line + x * 60 / width);
      }
    }
  }
  return EncodeJpeg(image, 90).value();
}

Record DrawnRecord(absl::string_view source, int item, int width, int height) {
  Record record;
  const uint64_t seed = KeyedHash(item, source);
  record.set_image(DrawnJpeg(width, height, seed));
  Provenance& p = *record.mutable_provenance();
  p.set_source(std::string(source));
  p.set_collection(absl::StrCat(source, "-main"));
  p.set_label(IsHuman(source) ? LABEL_HUMAN : LABEL_GENERATED);
  p.set_source_item_id(absl::StrCat(item));
  p.set_page_url(absl::StrCat("http://", source, ".test/", item));
  p.set_image_url(absl::StrCat("http://", source, ".test/", item, ".jpg"));
  p.set_width(width);
  p.set_height(height);
  p.set_format("jpeg");
  p.mutable_encoder()->set_estimated_quality(90);
  p.mutable_work()->set_title(absl::StrCat("No. ", item, ", untitled"));
  p.set_stand_in("simulated");
  if (!IsHuman(source)) {
    p.mutable_generator()->set_family("stable-diffusion");
    p.mutable_generator()->set_name(absl::StrCat(source, "-net"));
  }
  return record;
}

std::vector<Record> DrawnCollection(int per_source) {
  std::vector<Record> records;
  for (int i = 0; i < per_source; ++i) {
    Record artbench = DrawnRecord("artbench", i);
    artbench.mutable_provenance()->mutable_work()->set_style(
        std::string(kStyles[i % 3]));
    Record lofi = DrawnRecord("lofi", i);
    lofi.mutable_provenance()->set_parent(IdOfRecord(artbench));
    Record wga = DrawnRecord("wga", i);
    wga.mutable_provenance()->mutable_work()->set_work_key(
        absl::StrCat("wga:", i / 2));
    records.push_back(std::move(artbench));
    records.push_back(std::move(lofi));
    records.push_back(std::move(wga));
    records.push_back(DrawnRecord("lexica", i));
    records.push_back(DrawnRecord("dalle", i));
  }
  return records;
}

void StoreAll(ShardStore& store, absl::Span<const Record> records) {
  ASSERT_OK_AND_ASSIGN(const auto outcomes, store.Append(records));
  for (const AppendedRecord& outcome : outcomes) {
    ASSERT_EQ(outcome.outcome(), APPEND_OUTCOME_STORED) << outcome.reason();
  }
}

std::unique_ptr<LocalShardStore> MakeDrawnStore(
    const std::filesystem::path& dir, int per_source) {
  auto store = LocalShardStore::Open(dir, StoreAccess::kWrite);
  EXPECT_OK(store);
  StoreAll(**store, DrawnCollection(per_source));
  return *std::move(store);
}

std::vector<SampleBatch> ReadAllBatches(SampleStream& stream) {
  std::vector<SampleBatch> batches;
  while (true) {
    absl::StatusOr<std::optional<SampleBatch>> batch = stream.Next();
    EXPECT_OK(batch);
    if (!batch.ok() || !batch->has_value()) return batches;
    batches.push_back(**std::move(batch));
  }
}

std::string TextOf(const std::vector<SampleBatch>& batches) {
  std::string text;
  for (const SampleBatch& batch : batches) {
    absl::StrAppend(&text, "step ", batch.step, " epoch ", batch.epoch, " of ",
                    batch.global_batch, " next ", batch.next_cursor, "\n");
    for (const Sample& sample : batch.samples) {
      absl::StrAppend(&text, " ", sample.index, " ", sample.sample_id, " ",
                      sample.source, " ", sample.label, " ", sample.position,
                      " ", Sha256Hex(sample.image), "\n");
    }
  }
  return text;
}

void FlipByte(const std::filesystem::path& path, int64_t offset) {
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path));
  ASSERT_LT(offset, static_cast<int64_t>(bytes.size()));
  bytes[offset] ^= 0x10;
  ASSERT_OK(WriteFileAtomically(path, bytes));
}

}  // namespace verso::testing
