#include "common/base/bounded_queue.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace verso {
namespace {

TEST(BoundedQueueTest, GivesItemsInTheOrderTheyCame) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.Push(i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.Pop(), i);
}

TEST(BoundedQueueTest, NeverHoldsMoreThanItsCapacity) {
  constexpr int kItems = 2000;
  constexpr int kCapacity = 4;
  BoundedQueue<int> queue(kCapacity);
  std::atomic<int> pushed{0};
  std::thread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      queue.Push(i);
      ++pushed;
    }
  });
  for (int i = 0; i < kItems; ++i) {
    // Counted before Pop(): i are out, so at most that many more are in.
    EXPECT_LE(pushed.load(), i + kCapacity);
    EXPECT_EQ(queue.Pop(), i);
  }
  producer.join();
}

TEST(BoundedQueueTest, CloseLetsTheRestBeTakenAndThenEnds) {
  BoundedQueue<int> queue(2);
  queue.Push(1);
  queue.Close();
  EXPECT_FALSE(queue.Push(2));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueueTest, CloseWakesWhoeverWaits) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  full.Push(0);
  std::thread reader([&] { EXPECT_EQ(empty.Pop(), std::nullopt); });
  std::thread writer([&] { EXPECT_FALSE(full.Push(1)); });
  empty.Close();
  full.Close();
  reader.join();
  writer.join();
}

TEST(BoundedQueueTest, EveryItemComesOutOnceWithManyThreads) {
  constexpr int kThreads = 3;
  constexpr int kEach = 500;
  BoundedQueue<int> queue(2);
  std::vector<std::atomic<int>> seen(kThreads * kEach);
  std::vector<std::thread> producers;
  std::vector<std::thread> consumers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&queue, t] {
      for (int i = 0; i < kEach; ++i) queue.Push(t * kEach + i);
    });
    consumers.emplace_back([&queue, &seen] {
      while (const std::optional<int> item = queue.Pop()) ++seen[*item];
    });
  }
  for (std::thread& thread : producers) thread.join();
  queue.Close();
  for (std::thread& thread : consumers) thread.join();
  for (const std::atomic<int>& count : seen) EXPECT_EQ(count, 1);
}

TEST(BoundedQueueTest, TakesItemsThatOnlyMove) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  queue.Push(std::make_unique<int>(7));
  EXPECT_EQ(**queue.Pop(), 7);
}

}  // namespace
}  // namespace verso
