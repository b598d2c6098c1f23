#include "common/http/byte_stream.h"

#include <cstddef>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// The places for large bodies. Thread-safe.
class Places {
 public:
  void Take() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](int* free) { return *free > 0; }, &free_));
    --free_;
  }
  void GiveBack() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    ++free_;
  }

 private:
  absl::Mutex mu_;
  int free_ ABSL_GUARDED_BY(mu_) = kMaxLargeBodies;
};

Places& ThePlaces() {
  static auto* const places = new Places();
  return *places;
}

// Holds a place.
class LargeBody {
 public:
  LargeBody() { ThePlaces().Take(); }
  ~LargeBody() { ThePlaces().GiveBack(); }
  LargeBody(const LargeBody&) = delete;
};

}  // namespace

absl::StatusOr<std::string> ReadAll(ByteStream& stream, int64_t max_bytes) {
  std::string all;
  std::optional<LargeBody> place;
  while (true) {
    ASSIGN_OR_RETURN(const absl::string_view part, stream.Next());
    if (part.empty()) return all;
    const auto size = static_cast<int64_t>(all.size() + part.size());
    if (size > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", max_bytes, " bytes"));
    }
    if (size > kLargeBodyBytes && !place) place.emplace();
    // At once: a string that grows by copying takes up to three times what it
    // holds, and room that is not written to is no memory yet.
    if (!all.empty()) all.reserve(static_cast<size_t>(max_bytes));
    all.append(part.data(), part.size());
  }
}

}  // namespace verso
