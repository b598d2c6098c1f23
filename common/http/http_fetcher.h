#ifndef VERSO_COMMON_HTTP_HTTP_FETCHER_H_
#define VERSO_COMMON_HTTP_HTTP_FETCHER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/http/byte_stream.h"

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
};

// What came before the body.
struct HttpHead {
  int status = 0;
  std::string url;  // Where it came from, after redirects.
  // Names in lower case; repeated ones are joined by a line feed, which no
  // value can hold.
  std::map<std::string, std::string> headers;

  // Empty when there is none. `name` in lower case.
  std::string Header(absl::string_view name) const;
};

struct HttpResponse {
  HttpHead head;
  std::string body;
};

// A response whose body is still coming; destroying it ends the transfer.
// Next() fails with kDataLoss when the body ends before its stated length,
// kResourceExhausted above the class's size, kDeadlineExceeded when it takes
// too long or stays below 1 kB/s for 10 s, kUnavailable when the connection
// breaks, kCancelled when the process was asked to stop. Not thread-safe.
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
  int64_t max_header_bytes = 256 << 10;
  // Replace the times of the classes (tests).
  absl::Duration page_timeout = absl::Seconds(30);
  absl::Duration stall_timeout = absl::Seconds(10);
};

// The only libcurl: one curl_multi on one thread, connections kept and shared.
// http and https alone, no proxy, no cookies, no netrc, TLS verified, at most 5
// redirects, each one checked as a first request is. Only public addresses are
// connected to (base_urls apart), whatever DNS says. Thread-safe.
class HttpFetcher {
 public:
  // kInvalidArgument: a base URL is not one.
  static absl::StatusOr<std::unique_ptr<HttpFetcher>> Create(
      HttpFetcherOptions options);
  virtual ~HttpFetcher() = default;

  // Waits for the head, whatever its status code (redirects are followed,
  // except for a POST). The stream must not outlive the fetcher.
  // kInvalidArgument: not a URL to fetch. kPermissionDenied: it leads to an
  // address that is not public, or, without `contact`, off this machine.
  // Others as HttpStream.
  virtual absl::StatusOr<std::unique_ptr<HttpStream>> Open(
      const HttpRequest& request) = 0;

  // Open() and the whole body.
  absl::StatusOr<HttpResponse> Fetch(const HttpRequest& request);
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_HTTP_FETCHER_H_
