#include "common/http/transfer.h"

#include <sys/socket.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/http/address_guard.h"

namespace verso {
namespace {

// A reader that lags this far behind pauses the transfer.
constexpr size_t kFullBytes = 1 << 20;

constexpr int64_t kSlowBytesPerSecond = 1000;

void SetOption(CURLcode code) { VERSO_CHECK(code == CURLE_OK); }

long Millis(absl::Duration duration) {
  return static_cast<long>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

Transfer::Transfer(HttpRequest request, const std::string& user_agent,
                   const TransferLimits& limits)
    : request_(std::move(request)), limits_(limits), easy_(curl_easy_init()) {
  VERSO_CHECK(easy_ != nullptr);
  head_.url = request_.url;
  SetOptions(user_agent);
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
  // Redirects are followed by the fetcher, which checks each one anew.
  SetOption(curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L));
  SetOption(curl_easy_setopt(easy_, CURLOPT_PROXY, ""));
  SetOption(curl_easy_setopt(easy_, CURLOPT_NETRC,
                             static_cast<long>(CURL_NETRC_IGNORED)));
  SetOption(curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L));
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
  SetOption(curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &OnBody));
  SetOption(curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &OnHeader));
  SetOption(curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this));
  SetOption(curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket));
  SetOption(curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this));
  // A connection that is reused opens no socket, so it is asked here again.
  SetOption(curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &OnPrerequest));
  SetOption(curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this));
}

void Transfer::SetPost() {
  SetOption(curl_easy_setopt(easy_, CURLOPT_POST, 1L));
  SetOption(
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.post_body.data()));
  SetOption(
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.post_body.size())));
  const std::string type =
      absl::StrCat("Content-Type: ", request_.content_type);
  header_list_ = curl_slist_append(header_list_, type.c_str());
  header_list_ = curl_slist_append(header_list_, "Expect:");
  SetOption(curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_));
}

absl::StatusOr<HttpHead> Transfer::AwaitHead() {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Transfer::HeadReady));
  if (!head_done_) {
    return status_.ok() ? absl::UnavailableError(absl::StrCat(
                              request_.url, ": no HTTP answer came"))
                        : status_;
  }
  return head_;
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

size_t Transfer::AddBody(absl::string_view bytes) {
  absl::MutexLock lock(&mu_);
  if (limits_.pause_when_full && buffer_.size() >= kFullBytes) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  body_bytes_ += static_cast<int64_t>(bytes.size());
  if (body_bytes_ > limits_.max_body_bytes) {
    refused_ = absl::ResourceExhaustedError(absl::StrCat(
        request_.url, ": more than ", limits_.max_body_bytes, " bytes"));
    return 0;
  }
  buffer_.append(bytes.data(), bytes.size());
  return bytes.size();
}

size_t Transfer::AddHeader(absl::string_view line) {
  absl::MutexLock lock(&mu_);
  header_bytes_ += static_cast<int64_t>(line.size());
  if (header_bytes_ > limits_.max_header_bytes) {
    refused_ = absl::ResourceExhaustedError(
        absl::StrCat(request_.url, ": more than ", limits_.max_header_bytes,
                     " bytes of headers"));
    return 0;
  }
  // Trailers of a chunked body come here too, behind the head.
  if (!head_done_) ParseHeaderLine(line);
  return line.size();
}

void Transfer::ParseHeaderLine(absl::string_view line) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (absl::StartsWith(text, "HTTP/")) {
    head_.headers.clear();
    const size_t space = text.find(' ');
    const absl::string_view code =
        space == absl::string_view::npos ? "" : text.substr(space + 1, 3);
    if (!absl::SimpleAtoi(code, &head_.status)) head_.status = 0;
    return;
  }
  if (text.empty()) {  // 1xx heads are followed by the real one.
    head_done_ = head_.status >= 200;
    return;
  }
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return;
  const std::string name = absl::AsciiStrToLower(text.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(text.substr(colon + 1));
  std::string& joined = head_.headers[name];
  joined =
      joined.empty() ? std::string(value) : absl::StrCat(joined, "\n", value);
}

void Transfer::Refuse(absl::Status why) {
  absl::MutexLock lock(&mu_);
  refused_ = std::move(why);
}

absl::Status Transfer::StatusOfCode(CURLcode code) {
  if (code == CURLE_OK) return absl::OkStatus();
  if (!refused_.ok()) return refused_;
  const std::string message = absl::StrCat(
      request_.url, ": ",
      error_text_[0] != 0 ? error_text_ : curl_easy_strerror(code));
  switch (code) {
    case CURLE_PARTIAL_FILE:
      return absl::DataLossError(message);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(message);
    case CURLE_UNSUPPORTED_PROTOCOL:
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
