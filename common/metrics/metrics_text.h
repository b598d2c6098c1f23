#ifndef VERSO_COMMON_METRICS_METRICS_TEXT_H_
#define VERSO_COMMON_METRICS_METRICS_TEXT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace verso {

// Figures in Prometheus' text format 0.0.4. Not thread-safe.
//   MetricsText text;
//   text.Family("verso_ingest_stored_total", "counter", "Records stored.");
//   text.Sample({{"source", "wga"}}, 12);
class MetricsText {
 public:
  using Labels = std::vector<std::pair<absl::string_view, absl::string_view>>;

  // Samples are of this family from now on. `type`: "counter" or "gauge".
  void Family(absl::string_view name, absl::string_view type,
              absl::string_view help);

  // Values of labels may be any text.
  void Sample(const Labels& labels, double value);

  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace verso

#endif  // VERSO_COMMON_METRICS_METRICS_TEXT_H_
