#include "common/http/http_fetcher.h"

#include <curl/curl.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/http/transfer.h"
#include "common/http/transfer_loop.h"
#include "common/http/url.h"

namespace verso {
namespace {

constexpr int kMaxRedirects = 5;
constexpr int64_t kMaxPageBytes = 8 << 20;
constexpr int64_t kMaxImageBytes = 32 << 20;
constexpr int64_t kMaxGeneratedBytes = 64 << 20;
constexpr absl::Duration kGeneratorTimeout = absl::Minutes(10);

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

// What the head alone shows to be no answer to the request.
absl::Status CheckAnswer(const HttpHead& head, int64_t max_bytes) {
  if (head.status / 100 != 2) return absl::OkStatus();
  if (head.status == 206) {
    return absl::DataLossError(absl::StrCat(
        head.url, " answers with a part, the whole was asked for"));
  }
  const std::string coding = head.Header("content-encoding");
  if (!coding.empty() && !absl::EqualsIgnoreCase(coding, "identity")) {
    return absl::FailedPreconditionError(absl::StrCat(
        head.url, " answers with Content-Encoding: ", coding,
        ", which was not asked for; what it holds could be of any size"));
  }
  // Was checked to be a number, or the same one again.
  const std::string stated = head.Header("content-length");
  int64_t length = 0;
  if (absl::SimpleAtoi(stated.substr(0, stated.find_first_of(",\n")),
                       &length) &&
      length > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        head.url, ": ", length, " bytes are more than ", max_bytes));
  }
  return absl::OkStatus();
}

absl::Status RedirectError(absl::string_view from, const absl::Status& why) {
  return absl::Status(why.code(),
                      absl::StrCat(from, " redirects, but ", why.message()));
}

// Not by way of an open line: whoever listens there could send us anywhere in
// the name of a host that we trust.
absl::Status CheckRedirect(absl::string_view from, const Url& to) {
  ASSIGN_OR_RETURN(const Url url, ParseUrl(from));
  if (url.scheme == "http" || to.scheme == "https") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("not from https to http, to ", to.host));
}

// A stream on a transfer that runs in the loop.
class TransferStream : public HttpStream {
 public:
  TransferStream(TransferLoop* loop, std::shared_ptr<Transfer> transfer,
                 HttpHead head)
      : loop_(loop), transfer_(std::move(transfer)), head_(std::move(head)) {}
  ~TransferStream() override { loop_->Cancel(transfer_); }

  const HttpHead& head() const override { return head_; }

  absl::StatusOr<absl::string_view> Next() override {
    bool wake = false;
    ASSIGN_OR_RETURN(part_, transfer_->Take(wake));
    if (wake) loop_->Wake();
    return absl::string_view(part_);
  }

 private:
  TransferLoop* const loop_;
  const std::shared_ptr<Transfer> transfer_;
  const HttpHead head_;
  std::string part_;
};

class CurlFetcher : public HttpFetcher {
 public:
  CurlFetcher(HttpFetcherOptions options, std::set<std::string> exempt)
      : options_(std::move(options)),
        exempt_(std::move(exempt)),
        user_agent_(absl::StrCat(
            kProduct, options_.contact.empty()
                          ? ""
                          : absl::StrCat(" (+", options_.contact, ")"))) {}

  absl::StatusOr<std::unique_ptr<HttpStream>> Open(
      const HttpRequest& request) override;

 private:
  absl::StatusOr<TransferLimits> LimitsOf(const HttpRequest& request,
                                          bool redirected) const;
  absl::StatusOr<std::unique_ptr<HttpStream>> OpenHop(
      const HttpRequest& hop, const TransferLimits& limits);
  absl::StatusOr<TransferLimits> Redirect(absl::string_view location,
                                          HttpRequest& hop) const;

  const HttpFetcherOptions options_;
  const std::set<std::string> exempt_;  // "host:port" of the base URLs.
  const std::string user_agent_;
  TransferLoop loop_;
};

absl::StatusOr<TransferLimits> CurlFetcher::LimitsOf(const HttpRequest& request,
                                                     bool redirected) const {
  ASSIGN_OR_RETURN(const Url url, ParseUrl(request.url));
  if (options_.contact.empty() && !IsLoopbackHost(url.host)) {
    return absl::PermissionDeniedError(
        absl::StrCat(request.url,
                     " is not on this machine: give --contact=URL_OR_ADDRESS, "
                     "which is sent to every site asked"));
  }
  TransferLimits limits;
  limits.any_address = !redirected && exempt_.contains(url.Authority());
  limits.max_header_bytes = options_.max_header_bytes;
  limits.timeout = options_.page_timeout;
  limits.stall_timeout = options_.stall_timeout;
  switch (request.fetch_class) {
    case FetchClass::kPage:
      limits.max_body_bytes = kMaxPageBytes;
      break;
    case FetchClass::kImage:
      limits.max_body_bytes = kMaxImageBytes;
      break;
    case FetchClass::kArchive:
      limits.max_body_bytes = options_.max_archive_bytes;
      limits.timeout = absl::ZeroDuration();
      break;
    case FetchClass::kGenerator:
      limits.max_body_bytes = kMaxGeneratedBytes;
      limits.timeout = kGeneratorTimeout;
      limits.stall_timeout = absl::ZeroDuration();
      break;
  }
  return limits;
}

absl::StatusOr<std::unique_ptr<HttpStream>> CurlFetcher::Open(
    const HttpRequest& request) {
  HttpRequest hop = request;
  hop.may_follow = nullptr;
  ASSIGN_OR_RETURN(TransferLimits limits, LimitsOf(hop, /*redirected=*/false));
  const absl::Duration timeout = limits.timeout;
  absl::Duration spent;  // By all hops together.
  for (int redirects = 0;; ++redirects) {
    if (timeout > absl::ZeroDuration()) {
      limits.timeout = std::max(absl::Milliseconds(1), timeout - spent);
    }
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(std::unique_ptr<HttpStream> stream, OpenHop(hop, limits));
    spent += absl::Now() - start;
    const std::string location = stream->head().Header("location");
    if (!IsRedirect(stream->head().status) || location.empty() ||
        !request.post_body.empty()) {
      RETURN_IF_ERROR(CheckAnswer(stream->head(), limits.max_body_bytes));
      return stream;
    }
    if (redirects == kMaxRedirects) {
      return absl::FailedPreconditionError(absl::StrCat(
          request.url, ": more than ", kMaxRedirects, " redirects"));
    }
    const std::string from = stream->head().url;
    stream = nullptr;  // Nothing goes on while `may_follow` takes its time.
    const auto next_limits = Redirect(location, hop);
    if (!next_limits.ok()) return RedirectError(from, next_limits.status());
    limits = *next_limits;
    if (request.may_follow) {
      ASSIGN_OR_RETURN(const Url next, ParseUrl(hop.url));
      RETURN_IF_ERROR(request.may_follow(next));
    }
  }
}

absl::StatusOr<std::unique_ptr<HttpStream>> CurlFetcher::OpenHop(
    const HttpRequest& hop, const TransferLimits& limits) {
  auto transfer = std::make_shared<Transfer>(hop, user_agent_, limits);
  loop_.Start(transfer);
  absl::StatusOr<HttpHead> head = transfer->AwaitHead();
  if (!head.ok()) return head.status();
  return std::make_unique<TransferStream>(&loop_, transfer, *std::move(head));
}

// Leads `hop` to `location` and gives its new limits.
absl::StatusOr<TransferLimits> CurlFetcher::Redirect(absl::string_view location,
                                                     HttpRequest& hop) const {
  const std::string from = hop.url;
  ASSIGN_OR_RETURN(hop.url, ResolveUrl(from, location));
  ASSIGN_OR_RETURN(const Url next, ParseUrl(hop.url));
  RETURN_IF_ERROR(CheckRedirect(from, next));
  return LimitsOf(hop, /*redirected=*/true);
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpFetcher>> HttpFetcher::Create(
    HttpFetcherOptions options) {
  std::set<std::string> exempt;
  for (const std::string& base : options.base_urls) {
    ASSIGN_OR_RETURN(const Url url, ParseUrl(base));
    exempt.insert(url.Authority());
  }
  return std::make_unique<CurlFetcher>(std::move(options), std::move(exempt));
}

absl::StatusOr<HttpResponse> HttpFetcher::Fetch(const HttpRequest& request) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpStream> stream, Open(request));
  // The transfer has its own limit, which stops it sooner.
  ASSIGN_OR_RETURN(std::string body, ReadAll(*stream, kMaxGeneratedBytes));
  return HttpResponse{stream->head(), std::move(body)};
}

}  // namespace verso
