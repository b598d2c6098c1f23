#include "common/metrics/metrics_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace verso {

void MetricsText::Family(absl::string_view name, absl::string_view type,
                         absl::string_view help) {
  name_ = std::string(name);
  absl::StrAppend(&text_, "# HELP ", name, " ", help, "\n# TYPE ", name, " ",
                  type, "\n");
}

void MetricsText::Sample(const Labels& labels, double value) {
  absl::StrAppend(&text_, name_);
  if (!labels.empty()) {
    absl::StrAppend(
        &text_, "{",
        absl::StrJoin(labels, ",",
                      [](std::string* out, const auto& label) {
                        absl::StrAppend(
                            out, label.first, "=\"",
                            absl::StrReplaceAll(label.second, {{"\\", "\\\\"},
                                                               {"\"", "\\\""},
                                                               {"\n", "\\n"}}),
                            "\"");
                      }),
        "}");
  }
  // 15 digits: whole numbers of any size that a counter meets stay whole.
  absl::StrAppendFormat(&text_, " %.15g\n", value);
}

}  // namespace verso
