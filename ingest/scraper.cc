#include "ingest/scraper.h"

#include <cstdint>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr char kReasonPayload[] = "verso.ingest.reason";
constexpr int64_t kMaxImageBytes = 32 << 20;

}  // namespace

absl::StatusOr<std::string> UrlOf(const WorkItem& item,
                                  absl::Span<const std::string> base_urls) {
  if (!absl::StartsWith(item.url(), "/")) return item.url();
  if (item.base() < 0 || item.base() >= static_cast<int>(base_urls.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("source ", item.source(), " has no base URL number ",
                     item.base(), " for ", item.url()));
  }
  return absl::StrCat(base_urls[item.base()], item.url());
}

absl::Status ParseImage(const WorkItem& item, HttpStream& response,
                        ScrapeSink& sink) {
  Record record;
  ASSIGN_OR_RETURN(*record.mutable_image(), ReadAll(response, kMaxImageBytes));
  *record.mutable_provenance() = item.provenance();
  return sink.AddRecord(std::move(record));
}

absl::Status Malformed(absl::string_view reason, absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kReasonPayload, absl::Cord(reason));
  return status;
}

bool IsWebPage(const absl::Status& status) {
  return !status.ok() && RefusalReason(status) == "html";
}

std::string RefusalReason(const absl::Status& status) {
  if (const auto reason = status.GetPayload(kReasonPayload)) {
    return std::string(*reason);
  }
  switch (status.code()) {
    case absl::StatusCode::kDataLoss:
      return "truncated";
    case absl::StatusCode::kDeadlineExceeded:
      return "too slow";
    case absl::StatusCode::kResourceExhausted:
      return "too large";
    case absl::StatusCode::kFailedPrecondition:
      return "unsafe answer";
    case absl::StatusCode::kPermissionDenied:
      return "forbidden address";
    case absl::StatusCode::kUnavailable:
      return "no answer";
    default:
      return "malformed";
  }
}

}  // namespace verso
