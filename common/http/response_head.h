#ifndef VERSO_COMMON_HTTP_RESPONSE_HEAD_H_
#define VERSO_COMMON_HTTP_RESPONSE_HEAD_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/http/http_head.h"

namespace verso {

// Reads the head of an answer line by line, and judges it more strictly than
// libcurl does: what two readers could understand differently is refused
// (RFC 9112, 6.3 and 11). Not thread-safe.
class ResponseHead {
 public:
  static constexpr int kMaxLines = 1000;

  // `url`: where the answer comes from, for messages too. `max_bytes`: of all
  // lines together.
  ResponseHead(const std::string& url, int64_t max_bytes)
      : max_bytes_(max_bytes) {
    head_.url = url;
  }

  // One line with its end: a status line, a header, or the empty line behind
  // them; heads of 1xx answers are passed over. After the last one they are
  // trailers, which only count.
  // kResourceExhausted: too many bytes or lines. kDataLoss: a CR or NUL inside
  // of a line, one without a colon, no status code, HTTP 101, lengths that
  // contradict each other or are no numbers, or a transfer coding other than
  // "chunked".
  absl::Status AddLine(absl::string_view line);

  // True once the head of the final answer is complete.
  bool done() const { return done_; }
  const HttpHead& head() const { return head_; }

 private:
  absl::Status BeginHead(absl::string_view status_line);
  absl::Status AddHeader(absl::string_view line);
  absl::Status EndHead();
  absl::Status CheckLength();
  absl::Status Malformed(absl::string_view what) const;

  const int64_t max_bytes_;
  int64_t bytes_ = 0;
  int lines_ = 0;
  HttpHead head_;
  std::string last_name_;  // What a folded line goes on with.
  bool in_head_ = false;   // Behind a status line.
  bool done_ = false;
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_RESPONSE_HEAD_H_
