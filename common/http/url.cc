#include "common/http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

using UrlHandle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

absl::Status NotAUrl(absl::string_view url, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", url.substr(0, 200), "\" is not a usable URL: ", why));
}

// One part of a URL; empty when it has none.
std::string Part(CURLU* handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

absl::Status SetUrl(CURLU* handle, absl::string_view url) {
  if (url.size() > kMaxUrlBytes) {
    return NotAUrl(url, absl::StrCat("longer than ", kMaxUrlBytes, " bytes"));
  }
  // libcurl reads up to the first one, and refuses other control characters.
  if (absl::StrContains(url, '\0')) return NotAUrl(url, "it holds a NUL");
  const CURLUcode code = curl_url_set(
      handle, CURLUPART_URL, std::string(url).c_str(), CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) return NotAUrl(url, curl_url_strerror(code));
  return absl::OkStatus();
}

std::string HostOf(CURLU* handle) {
  std::string host = absl::AsciiStrToLower(Part(handle, CURLUPART_HOST));
  if (!host.empty() && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

}  // namespace

std::string Url::Authority() const { return absl::StrCat(host, ":", port); }

absl::StatusOr<Url> ParseUrl(absl::string_view url) {
  UrlHandle handle(curl_url(), &curl_url_cleanup);
  RETURN_IF_ERROR(SetUrl(handle.get(), url));
  Url result;
  result.scheme = Part(handle.get(), CURLUPART_SCHEME);
  if (result.scheme != "http" && result.scheme != "https") {
    return NotAUrl(url, "only http and https are fetched");
  }
  result.host = HostOf(handle.get());
  if (result.host.empty()) return NotAUrl(url, "it names no host");
  const std::string port =
      Part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!absl::SimpleAtoi(port, &result.port)) return NotAUrl(url, "bad port");
  result.path = Part(handle.get(), CURLUPART_PATH);
  result.query = Part(handle.get(), CURLUPART_QUERY);
  return result;
}

absl::StatusOr<std::string> ResolveUrl(absl::string_view base,
                                       absl::string_view reference) {
  UrlHandle handle(curl_url(), &curl_url_cleanup);
  RETURN_IF_ERROR(SetUrl(handle.get(), base));
  RETURN_IF_ERROR(SetUrl(handle.get(), reference));
  std::string resolved = Part(handle.get(), CURLUPART_URL);
  RETURN_IF_ERROR(ParseUrl(resolved).status());
  return resolved;
}

std::string PercentEncode(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      encoded.push_back(static_cast<char>(c));
    } else {
      encoded.append({'%', kHex[c >> 4], kHex[c & 15]});
    }
  }
  return encoded;
}

bool IsLoopbackHost(absl::string_view host) {
  if (absl::AsciiStrToLower(host) == "localhost") return true;
  const std::string text(host);
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace verso
