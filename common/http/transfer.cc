#include "common/http/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/http/address_guard.h"

namespace verso {
namespace {

// A reader that lags this far behind pauses the transfer.
constexpr size_t kFullBytes = 256 << 10;

constexpr int64_t kSlowBytesPerSecond = 1000;
constexpr int64_t kLargestOverhead = 16;     // Wire bytes a byte of body.
constexpr int64_t kFreeWireBytes = 1 << 20;  // That are not counted so.

void SetOption(CURLcode code) { VERSO_CHECK(code == CURLE_OK); }

long Millis(absl::Duration duration) {
  return static_cast<long>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

Transfer::Transfer(HttpRequest request, const std::string& user_agent,
                   const TransferLimits& limits)
    : request_(std::move(request)),
      limits_(limits),
      easy_(curl_easy_init()),
      head_(request_.url, limits.max_header_bytes) {
  VERSO_CHECK(easy_ != nullptr);
  SetOptions(user_agent);
  SetLimits();
  SetCallbacks();
  SetHeaders();
  if (!request_.post_body.empty()) SetPost();
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(header_list_);
}

void Transfer::SetOptions(const std::string& user_agent) {
  SetOption(curl_easy_setopt(easy_, CURLOPT_PRIVATE, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_));
  SetOption(curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str()));
  SetOption(curl_easy_setopt(easy_, CURLOPT_USERAGENT, user_agent.c_str()));
  SetOption(curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https"));
  SetOption(curl_easy_setopt(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"));
  // HTTP/2 would bring its own floods (streams, header compression) for
  // nothing: a site is asked for one thing at a time.
  SetOption(curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                             static_cast<long>(CURL_HTTP_VERSION_1_1)));
  // Redirects are followed by the fetcher, which checks each one anew.
  SetOption(curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L));
  // Not even that of the environment, behind which addresses are not seen.
  SetOption(curl_easy_setopt(easy_, CURLOPT_PROXY, ""));
  SetOption(curl_easy_setopt(easy_, CURLOPT_NETRC,
                             static_cast<long>(CURL_NETRC_IGNORED)));
  SetOption(curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L));
  // Else a name server that does not answer holds up the loop, and with it all
  // other transfers, when this one ends.
  SetOption(curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L));
}

void Transfer::SetLimits() {
  SetOption(curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT, 5L));
  SetOption(
      curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, Millis(limits_.timeout)));
  if (limits_.stall_timeout > absl::ZeroDuration()) {
    SetOption(curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT,
                               static_cast<long>(kSlowBytesPerSecond)));
    SetOption(
        curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME,
                         std::max(1L, Millis(limits_.stall_timeout) / 1000)));
  }
}

void Transfer::SetCallbacks() {
  SetOption(curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &OnBody));
  SetOption(curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &OnHeader));
  SetOption(curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket));
  SetOption(curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this));
  // A connection that is reused opens no socket, so it is asked here again.
  SetOption(curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &OnPrerequest));
  SetOption(curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this));
  // Only this one sees the bytes of a chunked body as they come, and only the
  // progress callback can end a transfer that delivers none.
  SetOption(curl_easy_setopt(easy_, CURLOPT_VERBOSE, 1L));
  SetOption(curl_easy_setopt(easy_, CURLOPT_DEBUGFUNCTION, &OnDebug));
  SetOption(curl_easy_setopt(easy_, CURLOPT_DEBUGDATA, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 0L));
  SetOption(curl_easy_setopt(easy_, CURLOPT_XFERINFOFUNCTION, &OnProgress));
  SetOption(curl_easy_setopt(easy_, CURLOPT_XFERINFODATA, this));
}

void Transfer::SetHeaders() {
  // Without this header any coding would do (RFC 9110, 12.5.3).
  header_list_ = curl_slist_append(header_list_, "Accept-Encoding: identity");
  AddConditionHeader("If-None-Match", request_.if_none_match);
  AddConditionHeader("If-Modified-Since", request_.if_modified_since);
  if (!request_.post_body.empty()) {
    const std::string type =
        absl::StrCat("Content-Type: ", request_.content_type);
    header_list_ = curl_slist_append(header_list_, type.c_str());
    header_list_ = curl_slist_append(header_list_, "Expect:");
  }
  SetOption(curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_));
}

void Transfer::AddConditionHeader(absl::string_view name,
                                  absl::string_view value) {
  const bool is_sendable =
      !value.empty() &&
      std::none_of(value.begin(), value.end(), absl::ascii_iscntrl);
  if (!is_sendable) return;
  const std::string line = absl::StrCat(name, ": ", value);
  header_list_ = curl_slist_append(header_list_, line.c_str());
}

void Transfer::SetPost() {
  SetOption(curl_easy_setopt(easy_, CURLOPT_POST, 1L));
  SetOption(
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.post_body.data()));
  SetOption(
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.post_body.size())));
}

absl::StatusOr<HttpHead> Transfer::AwaitHead() {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Transfer::HeadReady));
  if (!head_.done()) {
    return status_.ok() ? absl::UnavailableError(absl::StrCat(
                              request_.url, ": no HTTP answer came"))
                        : status_;
  }
  return head_.head();
}

absl::StatusOr<std::string> Transfer::Take(bool& wake) {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Transfer::BodyReady));
  wake = false;
  if (buffer_.empty()) {
    if (!status_.ok()) return status_;
    return std::string();
  }
  std::string bytes = std::exchange(buffer_, std::string());
  if (paused_) {
    paused_ = false;
    unpause_ = wake = true;
  }
  return bytes;
}

void Transfer::Finish(CURLcode code, absl::Status why) {
  absl::MutexLock lock(&mu_);
  if (done_) return;
  done_ = true;
  status_ = why.ok() ? StatusOfCode(code) : why;
}

bool Transfer::TakeUnpause() {
  absl::MutexLock lock(&mu_);
  return std::exchange(unpause_, false);
}

size_t Transfer::OnBody(char* data, size_t size, size_t count, void* self) {
  return static_cast<Transfer*>(self)->AddBody({data, size * count});
}

size_t Transfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  return static_cast<Transfer*>(self)->AddHeader({data, size * count});
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype purpose,
                                     curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  if (!transfer->limits_.any_address && !IsGlobalAddress(address->addr)) {
    transfer->Refuse(absl::PermissionDeniedError(
        absl::StrCat(transfer->request_.url,
                     ": its host has an address that is not public")));
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

int Transfer::OnPrerequest(void* self, char* remote_ip, char* local_ip,
                           int remote_port, int local_port) {
  auto* transfer = static_cast<Transfer*>(self);
  if (transfer->limits_.any_address || IsGlobalAddress(remote_ip)) {
    return CURL_PREREQFUNC_OK;
  }
  transfer->Refuse(absl::PermissionDeniedError(absl::StrCat(
      transfer->request_.url, ": its address ", remote_ip, " is not public")));
  return CURL_PREREQFUNC_ABORT;
}

int Transfer::OnDebug(CURL*, curl_infotype type, char*, size_t size,
                      void* self) {
  if (type != CURLINFO_DATA_IN) return 0;
  auto* transfer = static_cast<Transfer*>(self);
  absl::MutexLock lock(&transfer->mu_);
  transfer->wire_bytes_ += static_cast<int64_t>(size);
  return 0;
}

int Transfer::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t,
                         curl_off_t) {
  auto* transfer = static_cast<Transfer*>(self);
  absl::MutexLock lock(&transfer->mu_);
  const TransferLimits& limits = transfer->limits_;
  // Chunks of one byte are six on the wire; what is wrapped in far more than
  // that only wants to last.
  const int64_t wrapped = transfer->wire_bytes_ - limits.max_header_bytes -
                          kLargestOverhead * transfer->body_bytes_;
  if (transfer->wire_bytes_ <=
          limits.max_body_bytes + limits.max_header_bytes &&
      wrapped <= kFreeWireBytes) {
    return 0;
  }
  transfer->refused_ = transfer->TooManyBytes();
  return 1;
}

size_t Transfer::AddBody(absl::string_view bytes) {
  absl::MutexLock lock(&mu_);
  if (!head_.done()) {
    refused_ = absl::DataLossError(absl::StrCat(
        request_.url, ": the answer is malformed: a body before a head"));
    return 0;
  }
  if (buffer_.size() >= kFullBytes) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  body_bytes_ += static_cast<int64_t>(bytes.size());
  if (body_bytes_ > limits_.max_body_bytes) {
    refused_ = TooManyBytes();
    return 0;
  }
  buffer_.append(bytes.data(), bytes.size());
  return bytes.size();
}

size_t Transfer::AddHeader(absl::string_view line) {
  absl::MutexLock lock(&mu_);
  refused_ = head_.AddLine(line);
  return refused_.ok() ? line.size() : 0;
}

absl::Status Transfer::TooManyBytes() const {
  return absl::ResourceExhaustedError(absl::StrCat(
      request_.url, ": more than ", limits_.max_body_bytes, " bytes"));
}

void Transfer::Refuse(absl::Status why) {
  absl::MutexLock lock(&mu_);
  refused_ = std::move(why);
}

absl::Status Transfer::StatusOfCode(CURLcode code) {
  // First: what is refused when a paused transfer goes on does not reach the
  // code that libcurl ends with.
  if (!refused_.ok()) return refused_;
  if (code == CURLE_OK) return absl::OkStatus();
  const std::string message = absl::StrCat(
      request_.url, ": ",
      error_text_[0] != 0 ? error_text_ : curl_easy_strerror(code));
  switch (code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9; the URL's was checked before.
      return absl::DataLossError(message);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(message);
    case CURLE_OUT_OF_MEMORY:  // A header line above libcurl's own limit.
      return absl::ResourceExhaustedError(message);
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(message);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return absl::FailedPreconditionError(message);
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace verso
