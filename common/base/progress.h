#ifndef VERSO_COMMON_BASE_PROGRESS_H_
#define VERSO_COMMON_BASE_PROGRESS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace verso {

// One line on stderr about long work: rewritten in place on a terminal, else
// plain lines at most every `plain_interval`. Thread-safe.
class ProgressLine {
 public:
  explicit ProgressLine(absl::Duration plain_interval = absl::Seconds(10));

  // Ends a line that Update() left open on a terminal.
  ~ProgressLine();

  // Shows `text` unless the last one was shown a moment ago. On a terminal it
  // is cut at the terminal's width.
  void Update(absl::string_view text) ABSL_LOCKS_EXCLUDED(mu_);

  // Shows the whole `text` in any case and ends the line. The next Update()
  // starts anew.
  void Finish(absl::string_view text) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Show(absl::string_view text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const bool terminal_;
  const absl::Duration interval_;
  absl::Mutex mu_;
  absl::Time last_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  bool open_ ABSL_GUARDED_BY(mu_) = false;  // On a terminal.
};

// "12 s", "3 min 05 s", "2 h 10 min".
std::string HumanDuration(absl::Duration duration);

// Time left for `total - done` at the average rate since `start`; "?" while
// nothing is done.
std::string FormatTimeLeft(double done, double total, absl::Time start);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_PROGRESS_H_
