#include "common/rpc/rpc_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace verso {
namespace {

constexpr size_t kMaxTextBytes = 2048;

// Cut at a character, not in the middle of one.
std::string Shortened(absl::string_view message) {
  if (message.size() <= kMaxTextBytes) return std::string(message);
  size_t size = kMaxTextBytes;
  while (size > 0 && (message[size] & 0xc0) == 0x80) --size;
  return absl::StrCat(message.substr(0, size), "...");
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      Shortened(status.message()));
}

absl::Status FromGrpcStatus(const grpc::Status& status, const RpcPeer& peer) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return absl::OkStatus();
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::UnavailableError(absl::StrCat(
          peer.name, " ", peer.address, " does not answer (",
          status.error_message(), "); is `", peer.start, "` running there?"));
    case grpc::StatusCode::CANCELLED:
      // Who cancels a call of ours knows it; else it was a server that stops.
      return absl::UnavailableError(
          absl::StrCat(peer.name, " ", peer.address, " has ended the call"));
    case grpc::StatusCode::UNIMPLEMENTED:
      if (!status.error_message().empty()) break;
      return absl::FailedPreconditionError(
          absl::StrCat("what answers at ", peer.address, " is not ", peer.name,
                       "; `", peer.start, "` starts one"));
    default:
      break;
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

}  // namespace verso
