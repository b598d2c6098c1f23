#include "common/http/response_head.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

bool IsNumber(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::Status ResponseHead::AddLine(absl::string_view line) {
  bytes_ += static_cast<int64_t>(line.size());
  if (bytes_ > max_bytes_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        head_.url, ": more than ", max_bytes_, " bytes of headers"));
  }
  if (++lines_ > kMaxLines) {
    return absl::ResourceExhaustedError(
        absl::StrCat(head_.url, ": more than ", kMaxLines, " header lines"));
  }
  if (done_) return absl::OkStatus();
  absl::ConsumeSuffix(&line, "\n");
  absl::ConsumeSuffix(&line, "\r");
  if (line.find_first_of(absl::string_view("\r\n\0", 3)) !=
      absl::string_view::npos) {
    return Malformed("a header line holds a CR or a NUL");
  }
  if (!in_head_) return BeginHead(line);
  return line.empty() ? EndHead() : AddHeader(line);
}

absl::Status ResponseHead::BeginHead(absl::string_view status_line) {
  head_.headers.clear();
  last_name_.clear();
  const std::vector<absl::string_view> words =
      absl::StrSplit(status_line, absl::MaxSplits(' ', 2));
  in_head_ = true;
  const bool has_code =
      words.size() > 1 && words[1].size() == 3 && IsNumber(words[1]);
  if (!has_code || !absl::SimpleAtoi(words[1], &head_.status) ||
      head_.status < 100) {
    return Malformed("no status code");
  }
  return absl::OkStatus();
}

absl::Status ResponseHead::AddHeader(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (absl::ascii_isspace(line.front())) {  // RFC 9112, 5.2: folded.
    if (!last_name_.empty()) {
      absl::StrAppend(&head_.headers[last_name_], " ", text);
    }
    return absl::OkStatus();
  }
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) {
    return Malformed("a header line has no colon");
  }
  last_name_ = absl::AsciiStrToLower(text.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(text.substr(colon + 1));
  const auto [it, is_first] = head_.headers.try_emplace(last_name_, value);
  if (!is_first) absl::StrAppend(&it->second, "\n", value);
  return absl::OkStatus();
}

absl::Status ResponseHead::EndHead() {
  if (head_.status == 101) {
    return Malformed("it switches to another protocol");
  }
  in_head_ = false;
  if (head_.status < 200) return absl::OkStatus();  // The real one follows.
  RETURN_IF_ERROR(CheckLength());
  done_ = true;
  return absl::OkStatus();
}

absl::Status ResponseHead::CheckLength() {
  const std::string coding = head_.Header("transfer-encoding");
  if (!coding.empty() && !absl::EqualsIgnoreCase(coding, "chunked")) {
    return Malformed("a transfer coding that is not \"chunked\"");
  }
  const std::string lengths = head_.Header("content-length");
  if (!head_.headers.contains("content-length")) return absl::OkStatus();
  if (!coding.empty()) return Malformed("a length and chunks");
  // RFC 9110, 8.6: the same length twice is one.
  int64_t stated = -1;
  for (absl::string_view part :
       absl::StrSplit(lengths, absl::ByAnyChar(",\n"))) {
    part = absl::StripAsciiWhitespace(part);
    int64_t length = -1;
    if (!IsNumber(part) || !absl::SimpleAtoi(part, &length)) {
      return Malformed("a Content-Length that is no number");
    }
    if (stated >= 0 && stated != length) {
      return Malformed("two different lengths");
    }
    stated = length;
  }
  return absl::OkStatus();
}

absl::Status ResponseHead::Malformed(absl::string_view what) const {
  return absl::DataLossError(
      absl::StrCat(head_.url, ": the answer is malformed: ", what));
}

}  // namespace verso
