#include "ingest/frontier/source_counts.h"

#include <algorithm>

namespace verso {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(15);

double RateOf(double fetched, absl::Duration time) {
  return fetched / std::max(1.0, absl::ToDoubleSeconds(time));
}

}  // namespace

void AddCounts(const SourceCounts& delta, SourceCounts& counts) {
  counts.set_fetched(counts.fetched() + delta.fetched());
  counts.set_stored(counts.stored() + delta.stored());
  counts.set_duplicate(counts.duplicate() + delta.duplicate());
  counts.set_quarantined(counts.quarantined() + delta.quarantined());
  counts.set_unchanged(counts.unchanged() + delta.unchanged());
  for (const auto& [reason, count] : delta.refused()) {
    (*counts.mutable_refused())[reason] += count;
  }
}

int64_t TotalAppended(const SourceCounts& counts) {
  return counts.stored() + counts.duplicate() + counts.quarantined();
}

void AddProgress(const SourceCounts& delta, absl::Time now,
                 SourceStatus& status) {
  AddCounts(delta, *status.mutable_counts());
  if (delta.fetched() == 0) return;
  const absl::Duration age =
      now - absl::FromUnixMicros(status.window_start_unix_micros());
  if (age > kRateWindow) {
    // A window that ended long ago says nothing of the present.
    const bool is_recent = age <= 2 * kRateWindow;
    status.set_last_images_per_second(
        is_recent ? RateOf(static_cast<double>(status.window_fetched()), age)
                  : 0);
    status.set_window_start_unix_micros(absl::ToUnixMicros(now));
    status.set_window_fetched(0);
  }
  status.set_window_fetched(status.window_fetched() + delta.fetched());
}

double ImagesPerSecond(const SourceStatus& status, absl::Time now) {
  const absl::Duration age =
      now - absl::FromUnixMicros(status.window_start_unix_micros());
  if (age > 4 * kRateWindow) return 0;
  const double current =
      RateOf(static_cast<double>(status.window_fetched()), age);
  if (status.last_images_per_second() == 0) return current;
  // The younger the window, the more the one before it counts.
  const double share =
      std::clamp(absl::FDivDuration(age, kRateWindow), 0.0, 1.0);
  return share * current + (1 - share) * status.last_images_per_second();
}

}  // namespace verso
