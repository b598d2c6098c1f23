#include "common/http/byte_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace verso {
namespace {

// `parts` parts of a MiB each, then `end`.
class MegabyteStream : public ByteStream {
 public:
  explicit MegabyteStream(int parts, absl::Status end = absl::OkStatus())
      : left_(parts), end_(std::move(end)) {}

  absl::StatusOr<absl::string_view> Next() override {
    if (left_ == 0 && !end_.ok()) return end_;
    if (left_-- <= 0) return absl::string_view();
    return absl::string_view(part_);
  }

 private:
  const std::string part_ = std::string(1 << 20, 'm');
  int left_;
  const absl::Status end_;
};

TEST(ByteStreamTest, ReadsAllPartsUpToTheLimit) {
  MegabyteStream whole(3), long_one(3);
  EXPECT_EQ(ReadAll(whole, 3 << 20)->size(), 3 << 20);
  EXPECT_TRUE(
      absl::IsResourceExhausted(ReadAll(long_one, (3 << 20) - 1).status()));
}

TEST(ByteStreamTest, AnEmptyStreamIsAnEmptyText) {
  MegabyteStream empty(0);
  EXPECT_EQ(ReadAll(empty, 1).value(), "");
}

TEST(ByteStreamTest, AnErrorOfTheStreamIsItsOwn) {
  MegabyteStream broken(7, absl::DataLossError("cut"));
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(broken, 64 << 20).status()));
}

// Counts the streams that are read behind their first 5 MiB.
class LargeStream : public MegabyteStream {
 public:
  LargeStream(std::atomic<int>* reading, std::atomic<int>* most)
      : MegabyteStream(9), reading_(reading), most_(most) {}
  absl::StatusOr<absl::string_view> Next() override {
    ++asked_;
    if (asked_ == 6) {
      const int now = ++*reading_;
      int most = *most_;
      while (now > most && !most_->compare_exchange_weak(most, now)) {
      }
      std::this_thread::yield();
    }
    if (asked_ == 10) --*reading_;  // The end: ReadAll() has not returned yet.
    return MegabyteStream::Next();
  }

 private:
  int asked_ = 0;
  std::atomic<int>* const reading_;
  std::atomic<int>* const most_;
};

TEST(ByteStreamTest, FewLargeBodiesAreReadAtATimeAndAllInTheEnd) {
  std::atomic<int> reading = 0, most = 0, read = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 4; ++j) {
        LargeStream stream(&reading, &most);
        const auto all = ReadAll(stream, 16 << 20);
        if (all.ok() && all->size() == 9 << 20) ++read;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read, 16 * 4);
  EXPECT_LE(most, kMaxLargeBodies);
}

TEST(ByteStreamTest, APlaceIsGivenBackByAStreamThatFails) {
  for (int i = 0; i < 2 * kMaxLargeBodies; ++i) {
    MegabyteStream broken(7, absl::DataLossError("cut"));
    EXPECT_FALSE(ReadAll(broken, 64 << 20).ok());
    MegabyteStream too_long(9);
    EXPECT_FALSE(ReadAll(too_long, 8 << 20).ok());
  }
}

}  // namespace
}  // namespace verso
