#include "shardstore/message_parts.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/message_limit.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

std::string RandomBytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

Record RecordOfSize(size_t size) {
  std::mt19937_64 random(size);
  Record record;
  record.mutable_provenance()->set_source("wga");
  record.mutable_provenance()->set_source_item_id("7");
  record.set_image(RandomBytes(random, size));
  return record;
}

SampleBatch BatchOfSizes(const std::vector<size_t>& sizes) {
  std::mt19937_64 random(1);
  SampleBatch batch;
  batch.step = 5;
  batch.epoch = 1;
  batch.global_batch = 64;
  batch.next_cursor = 384;
  for (const size_t size : sizes) {
    Sample sample;
    sample.index = random();
    sample.sample_id = absl::StrCat("id", size);
    sample.source = "lexica";
    sample.label = LABEL_GENERATED;
    sample.position = random();
    sample.image = RandomBytes(random, size);
    batch.samples.push_back(sample);
  }
  return batch;
}

std::vector<RecordPart> PartsOf(const Record& record) {
  std::vector<RecordPart> parts;
  SendRecord(record, [&](const RecordPart& part) {
    parts.push_back(part);
    return true;
  });
  return parts;
}

std::vector<SampleBatchPart> PartsOf(const SampleBatch& batch) {
  std::vector<SampleBatchPart> parts;
  SendBatch(batch, [&](const SampleBatchPart& part) {
    parts.push_back(part);
    return true;
  });
  return parts;
}

// What comes out behind the last part.
absl::StatusOr<std::optional<SampleBatch>> Assemble(
    const std::vector<SampleBatchPart>& parts) {
  BatchAssembler assembler;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto early = assembler.Add(parts[i]);
    if (!early.ok()) return early.status();
    EXPECT_FALSE(early->has_value());
  }
  return assembler.Add(parts.back());
}

TEST(RecordPartsTest, RecordsOfAnySizeComeBack) {
  for (const size_t size : {size_t{0}, size_t{1}, kPartBytes - 1, kPartBytes,
                            kPartBytes + 1, 3 * kPartBytes}) {
    const Record record = RecordOfSize(size);
    RecordAssembler assembler;
    std::optional<Record> back;
    for (const RecordPart& part : PartsOf(record)) {
      ASSERT_FALSE(back.has_value());
      ASSERT_LT(part.ByteSizeLong(), kMaxMessageBytes);
      ASSERT_OK_AND_ASSIGN(back, assembler.Add(part));
    }
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(MessageDifferencer::Equals(*back, record)) << size;
    EXPECT_TRUE(assembler.idle());
  }
}

TEST(RecordPartsTest, RefusesBytesWithoutProvenance) {
  RecordPart part;
  part.set_bytes("x");
  EXPECT_THAT(RecordAssembler().Add(part),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecordPartsTest, RefusesASecondProvenanceInOneRecord) {
  RecordAssembler assembler;
  const auto parts = PartsOf(RecordOfSize(2 * kPartBytes));
  ASSERT_OK(assembler.Add(parts[0]));
  EXPECT_THAT(assembler.Add(parts[0]),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecordPartsTest, RefusesARecordThatGrowsPast32MiB) {
  RecordAssembler assembler;
  RecordPart part = PartsOf(RecordOfSize(2 * kPartBytes))[0];
  absl::Status status = assembler.Add(part).status();
  part.clear_provenance();
  for (int i = 0; i < 40 && status.ok(); ++i) {
    status = assembler.Add(part).status();
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("wga/7 is larger than 32 MiB")));
}

TEST(BatchPartsTest, BatchesOfAnySizeComeBack) {
  const std::vector<std::vector<size_t>> shapes = {
      {},
      {0},
      {100, 200, 300},
      {kPartBytes},
      {kPartBytes - 1, 2, kPartBytes},
      {5 * kPartBytes + 3, 1},
      std::vector<size_t>(64, 50'000)};
  for (const auto& shape : shapes) {
    const SampleBatch batch = BatchOfSizes(shape);
    ASSERT_OK_AND_ASSIGN(const auto back, Assemble(PartsOf(batch)));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->step, batch.step);
    EXPECT_EQ(back->epoch, batch.epoch);
    EXPECT_EQ(back->global_batch, batch.global_batch);
    EXPECT_EQ(back->next_cursor, batch.next_cursor);
    ASSERT_EQ(back->samples.size(), batch.samples.size());
    for (size_t i = 0; i < batch.samples.size(); ++i) {
      EXPECT_EQ(back->samples[i].index, batch.samples[i].index);
      EXPECT_EQ(back->samples[i].sample_id, batch.samples[i].sample_id);
      EXPECT_EQ(back->samples[i].source, batch.samples[i].source);
      EXPECT_EQ(back->samples[i].label, batch.samples[i].label);
      EXPECT_EQ(back->samples[i].position, batch.samples[i].position);
      EXPECT_EQ(back->samples[i].image, batch.samples[i].image);
    }
  }
}

TEST(BatchPartsTest, EveryMessageFitsGrpcsLimit) {
  for (const auto& shape :
       {std::vector<size_t>{10 * kPartBytes}, std::vector<size_t>(20'000, 1)}) {
    for (const SampleBatchPart& part : PartsOf(BatchOfSizes(shape))) {
      ASSERT_LT(part.ByteSizeLong(), kMaxMessageBytes);
    }
  }
}

TEST(BatchPartsTest, AChangedByteIsNoticedAndTheSampleNamed) {
  auto parts = PartsOf(BatchOfSizes({100, 200}));
  (*parts[0].mutable_sample(1)->mutable_image())[50] ^= 1;
  EXPECT_THAT(Assemble(parts), StatusIs(absl::StatusCode::kDataLoss,
                                        HasSubstr("sample id200 of step 5")));
}

TEST(BatchPartsTest, AMissingPartIsNoticed) {
  auto parts = PartsOf(BatchOfSizes({3 * kPartBytes}));
  parts.erase(parts.begin() + 1);
  EXPECT_THAT(Assemble(parts), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BatchPartsTest, ACutImageIsNoticed) {
  auto parts = PartsOf(BatchOfSizes({3 * kPartBytes}));
  parts.resize(2);
  parts.back().set_end_of_step(true);
  EXPECT_THAT(Assemble(parts),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("cut short")));
}

TEST(BatchPartsTest, AStepThatBeginsTooEarlyIsNoticed) {
  auto parts = PartsOf(BatchOfSizes({3 * kPartBytes}));
  parts[1].set_step(6);
  EXPECT_THAT(Assemble(parts),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("step 6")));
}

TEST(BatchPartsTest, StopsWhenTheWriterSaysSo) {
  int written = 0;
  EXPECT_FALSE(
      SendBatch(BatchOfSizes({5 * kPartBytes}),
                [&](const SampleBatchPart&) { return ++written < 2; }));
  EXPECT_EQ(written, 2);
}

}  // namespace
}  // namespace verso
