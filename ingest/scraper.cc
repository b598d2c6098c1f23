#include "ingest/scraper.h"

#include <cstdint>
#include <utility>

#include "absl/strings/cord.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr char kReasonPayload[] = "verso.ingest.reason";
constexpr int64_t kMaxImageBytes = 32 << 20;

}  // namespace

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
    case absl::StatusCode::kPermissionDenied:
      return "forbidden address";
    case absl::StatusCode::kUnavailable:
      return "no answer";
    default:
      return "malformed";
  }
}

}  // namespace verso
