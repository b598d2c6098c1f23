#ifndef VERSO_COMMON_HTTP_HTTP_FETCHER_H_
#define VERSO_COMMON_HTTP_HTTP_FETCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/http/byte_stream.h"
#include "common/http/http_head.h"
#include "common/http/url.h"

namespace verso {

// What is fetched decides how much and how long.
enum class FetchClass {
  kPage,       // Page or API answer: 8 MiB, 30 s.
  kImage,      // 32 MiB, 30 s.
  kArchive,    // Read as a stream: `max_archive_bytes`, no limit of time.
  kGenerator,  // An answer that is computed: 64 MiB, 10 min, silence allowed.
};

// What the user agent begins with, and what robots.txt calls us.
inline constexpr absl::string_view kProduct = "verso/0.1";
inline constexpr absl::string_view kProductToken = "verso";

struct HttpRequest {
  std::string url = {};
  FetchClass fetch_class = FetchClass::kPage;
  std::string post_body = {};     // Not empty: a POST of these bytes.
  std::string content_type = {};  // Of `post_body`.

  // The ETag and the Last-Modified of an earlier answer: the site says HTTP 304
  // without a body when nothing has changed. Each is sent unless it is empty or
  // holds a control character (sites are hostile, and it becomes a header).
  std::string if_none_match = {};
  std::string if_modified_since = {};

  // Asked before each redirect is followed, on the thread that calls Open(),
  // with no lock held and no transfer going on: it may fetch by the same
  // fetcher (the robots.txt of the next host) and wait, and its time does not
  // count against the request's. An error ends Open() with it. Empty: all
  // redirects that the fetcher allows are followed.
  std::function<absl::Status(const Url& next)> may_follow = {};
};

struct HttpResponse {
  HttpHead head;
  std::string body;
};

// A response whose body is still coming; destroying it ends the transfer.
// Next() fails with
//   kDataLoss: the body ends before its stated length, or what came is not
//     HTTP or contradicts itself;
//   kResourceExhausted: more than the class's bytes (counted as they are
//     delivered and, with chunk headers and trailers, as they come);
//   kDeadlineExceeded: it takes too long, or less than 1 kB/s came for 10 s;
//   kUnavailable: the connection broke;
//   kCancelled: the process was asked to stop.
// Not thread-safe.
class HttpStream : public ByteStream {
 public:
  virtual const HttpHead& head() const = 0;
};

struct HttpFetcherOptions {
  // A URL or address for the user agent. Empty: only loopback is contacted.
  std::string contact = {};
  // Their host:port may have addresses that are not public, but never as the
  // target of a redirect.
  std::vector<std::string> base_urls = {};
  int64_t max_archive_bytes = int64_t{64} << 30;
  int64_t max_header_bytes = 256 << 10;  // Trailers and 1xx heads included.
  // Replace the times of the classes (tests).
  absl::Duration page_timeout = absl::Seconds(30);
  absl::Duration stall_timeout = absl::Seconds(10);
};

// The only libcurl: one curl_multi on one thread, connections kept and shared.
// http and https alone, HTTP/1.1, no proxy, cookies, netrc, HSTS or Alt-Svc,
// whatever the environment says; TLS verified. Only public addresses are
// connected to (base_urls apart), whatever DNS says and on kept connections
// too. No content coding is asked for, so none is undone: bytes come as sent.
// At most 5 redirects, each one checked as a first request is; none leads from
// https to http. Thread-safe.
class HttpFetcher {
 public:
  // kInvalidArgument: a base URL is not one.
  static absl::StatusOr<std::unique_ptr<HttpFetcher>> Create(
      HttpFetcherOptions options);
  virtual ~HttpFetcher() = default;

  // Waits for the head, whatever its status code (redirects are followed,
  // except for a POST). The stream must not outlive the fetcher.
  // kInvalidArgument: not a URL to fetch, or a redirect to one.
  // kPermissionDenied: it leads to an address that is not public, or, without
  //   `contact`, off this machine.
  // kFailedPrecondition: more than 5 redirects, one from https to http, a
  //   certificate that does not verify, or a 2xx answer with a
  //   Content-Encoding, which was not asked for.
  // kDataLoss: also HTTP 206, a part that was not asked for.
  // kResourceExhausted: also a head above `max_header_bytes` or 1000 lines, or
  //   a 2xx answer that states more bytes than its class may have.
  // Others as HttpStream; errors of `may_follow`.
  virtual absl::StatusOr<std::unique_ptr<HttpStream>> Open(
      const HttpRequest& request) = 0;

  // Open() and the whole body.
  absl::StatusOr<HttpResponse> Fetch(const HttpRequest& request);
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_HTTP_FETCHER_H_
