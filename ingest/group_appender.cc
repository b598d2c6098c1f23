#include "ingest/group_appender.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/stop_signal.h"

namespace verso {
namespace {

// Bounds the memory of one append.
constexpr size_t kMaxGroupBytes = 64 << 20;

constexpr absl::Duration kPause = absl::Milliseconds(200);

size_t BytesOf(const std::vector<Record>& records) {
  size_t bytes = 0;
  for (const Record& record : records) bytes += record.image().size();
  return bytes;
}

}  // namespace

absl::StatusOr<std::vector<AppendedRecord>> GroupAppender::Append(
    std::vector<Record> records) {
  if (records.empty()) return std::vector<AppendedRecord>();
  Waiter mine{std::move(records), absl::UnknownError("not appended"), false};
  absl::MutexLock lock(&mu_);
  waiting_.push_back(&mine);
  while (!mine.done) {
    const auto my_turn = [&]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
      return mine.done || !busy_;
    };
    mu_.Await(absl::Condition(&my_turn));
    if (mine.done) break;
    const std::vector<Waiter*> group = TakeGroup();
    busy_ = true;
    mu_.Unlock();
    AppendGroup(group);
    mu_.Lock();
    busy_ = false;
    for (Waiter* waiter : group) waiter->done = true;
  }
  return std::move(mine.result);
}

std::vector<GroupAppender::Waiter*> GroupAppender::TakeGroup() {
  size_t count = 0, bytes = 0;
  while (count < waiting_.size()) {
    bytes += BytesOf(waiting_[count]->records);
    if (count > 0 && bytes > kMaxGroupBytes) break;
    ++count;
  }
  std::vector<Waiter*> group(waiting_.begin(), waiting_.begin() + count);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return group;
}

absl::StatusOr<std::vector<AppendedRecord>> GroupAppender::AppendPatiently(
    const std::vector<Record>& records) {
  const absl::Time give_up = absl::Now() + patience_;
  while (true) {
    absl::StatusOr<std::vector<AppendedRecord>> outcomes =
        store_->Append(records);
    if (!absl::IsUnavailable(outcomes.status()) || absl::Now() >= give_up) {
      return outcomes;
    }
    if (WaitForStop(kPause)) return CheckNotStopped();
  }
}

void GroupAppender::AppendGroup(const std::vector<Waiter*>& group) {
  std::vector<Record> records;
  std::vector<size_t> sizes;
  for (Waiter* waiter : group) {
    sizes.push_back(waiter->records.size());
    std::move(waiter->records.begin(), waiter->records.end(),
              std::back_inserter(records));
  }
  absl::StatusOr<std::vector<AppendedRecord>> all = AppendPatiently(records);
  if (all.ok() && all->size() != records.size()) {
    all = absl::InternalError("the store gave another number of outcomes");
  }
  size_t next = 0;
  for (size_t i = 0; i < group.size(); ++i) {
    if (!all.ok()) {
      group[i]->result = all.status();
      continue;
    }
    group[i]->result = std::vector<AppendedRecord>(
        all->begin() + next, all->begin() + next + sizes[i]);
    next += sizes[i];
  }
}

}  // namespace verso
