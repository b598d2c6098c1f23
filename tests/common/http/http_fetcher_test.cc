#include "common/http/http_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/common/http/local_server.h"

namespace verso {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMiB = 1 << 20;

class HttpFetcherTest : public ::testing::Test {
 protected:
  // Serves the routes set so far; the server is a base URL of the fetcher.
  void Start(HttpFetcherOptions options = {}) {
    server_.Start();
    options.base_urls.push_back(server_.Url());
    fetcher_ = HttpFetcher::Create(options).value();
  }

  absl::StatusOr<HttpResponse> Get(absl::string_view path,
                                   FetchClass fetch_class = FetchClass::kPage) {
    return fetcher_->Fetch(
        {.url = server_.Url(path), .fetch_class = fetch_class});
  }

  std::atomic<bool> over_ = false;  // Lets a silent handler return.
  LocalServer server_;
  std::unique_ptr<HttpFetcher> fetcher_;
};

// Sends "x" without end, or until the client is gone.
void Endless(const httplib::Request&, httplib::Response& response) {
  response.set_chunked_content_provider(
      "image/jpeg", [](size_t, httplib::DataSink& sink) {
        const std::string block(1 << 16, 'x');
        return sink.write(block.data(), block.size());
      });
}

// States `length` bytes and sends half of them.
void Half(size_t length, httplib::Response& response) {
  response.set_content_provider(
      length, "image/jpeg",
      [](size_t offset, size_t total, httplib::DataSink& sink) {
        if (offset >= total / 2) return false;
        const std::string half(total / 2, 'x');
        return sink.write(half.data(), half.size());
      });
}

TEST_F(HttpFetcherTest, GivesBodyStatusAndHeaders) {
  server_.routes().Get("/a", [](const auto&, auto& response) {
    response.set_header("ETag", "\"7\"");
    response.set_content("hello", "text/plain");
  });
  Start();
  const auto response = Get("/a");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->head.status, 200);
  EXPECT_EQ(response->head.Header("etag"), "\"7\"");
  EXPECT_EQ(response->head.Header("absent"), "");
}

TEST_F(HttpFetcherTest, SaysWhoAsks) {
  std::string agent;
  server_.routes().Get("/a", [&](const auto& request, auto&) {
    agent = request.get_header_value("User-Agent");
  });
  Start({.contact = "https://example.org/crawl"});
  ASSERT_TRUE(Get("/a").ok());
  EXPECT_EQ(agent, "verso/0.1 (+https://example.org/crawl)");
}

TEST_F(HttpFetcherTest, PostsABody) {
  server_.routes().Post("/p", [](const auto& request, auto& response) {
    response.set_content(
        request.get_header_value("Content-Type") + "|" + request.body, "x/y");
  });
  Start();
  const auto response = fetcher_->Fetch({.url = server_.Url("/p"),
                                         .fetch_class = FetchClass::kGenerator,
                                         .post_body = "{}",
                                         .content_type = "application/json"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "application/json|{}");
}

TEST_F(HttpFetcherTest, AsksForWhatHasChanged) {
  server_.routes().Get("/a", [](const auto& request, auto& response) {
    if (request.get_header_value("If-None-Match") == "W/\"7\"" &&
        request.get_header_value("If-Modified-Since") == "yesterday") {
      response.status = 304;
      response.set_header("ETag", "W/\"7\"");
      return;
    }
    response.set_content("changed", "text/plain");
  });
  Start();
  const auto same = fetcher_->Fetch({.url = server_.Url("/a"),
                                     .if_none_match = "W/\"7\"",
                                     .if_modified_since = "yesterday"});
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->head.status, 304);
  EXPECT_EQ(same->head.Header("etag"), "W/\"7\"");
  EXPECT_EQ(same->body, "");
  EXPECT_EQ(Get("/a")->body, "changed");
}

TEST_F(HttpFetcherTest, AConditionIsNoWayToAddHeaders) {
  std::atomic<bool> seen = false;
  server_.routes().Get("/a", [&](const auto& request, auto&) {
    seen = request.has_header("If-None-Match") || request.has_header("Evil");
  });
  Start();
  for (const char* bad : {"\"1\"\n\"2\"", "x\r\nEvil: 1", "\x7f"}) {
    ASSERT_TRUE(
        fetcher_->Fetch({.url = server_.Url("/a"), .if_none_match = bad}).ok());
    EXPECT_FALSE(seen) << bad;
  }
}

TEST_F(HttpFetcherTest, AsksForNoCodingAndKeepsNoCookie) {
  std::string coding, cookie;
  server_.routes().Get("/a", [&](const auto& request, auto& response) {
    coding = request.get_header_value("Accept-Encoding");
    cookie = request.get_header_value("Cookie");
    response.set_header("Set-Cookie", "id=7; Path=/");
  });
  Start();
  ASSERT_TRUE(Get("/a").ok());
  ASSERT_TRUE(Get("/a").ok());
  EXPECT_EQ(coding, "identity");
  EXPECT_EQ(cookie, "");
}

TEST_F(HttpFetcherTest, ReportsErrorStatusWithItsRetryAfter) {
  server_.routes().Get("/busy", [](const auto&, auto& response) {
    response.status = 429;
    response.set_header("Retry-After", "7");
  });
  Start();
  const auto response = Get("/busy");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->head.status, 429);
  EXPECT_EQ(response->head.Header("retry-after"), "7");
}

TEST_F(HttpFetcherTest, ABodyShorterThanStatedIsDataLoss) {
  server_.routes().Get(
      "/half", [](const auto&, auto& response) { Half(1000, response); });
  Start();
  EXPECT_TRUE(absl::IsDataLoss(Get("/half", FetchClass::kImage).status()));
}

TEST_F(HttpFetcherTest, AnEndlessImageStopsAt32MiB) {
  server_.routes().Get("/endless", Endless);
  Start();
  EXPECT_TRUE(
      absl::IsResourceExhausted(Get("/endless", FetchClass::kImage).status()));
}

TEST_F(HttpFetcherTest, APageLargerThan8MiBIsRefusedAndAnImageIsNot) {
  server_.routes().Get("/big", [](const auto&, auto& response) {
    response.set_content(std::string(9 * kMiB, 'x'), "text/plain");
  });
  Start();
  EXPECT_TRUE(absl::IsResourceExhausted(Get("/big").status()));
  EXPECT_EQ(Get("/big", FetchClass::kImage)->body.size(), 9 * kMiB);
}

TEST_F(HttpFetcherTest, HeadersHaveALimitOfTheirOwn) {
  server_.routes().Get("/headers", [](const auto&, auto& response) {
    for (int i = 0; i < 300; ++i) {
      response.set_header(absl::StrCat("x-", i), std::string(1000, 'h'));
    }
  });
  Start();
  EXPECT_TRUE(absl::IsResourceExhausted(Get("/headers").status()));
}

TEST_F(HttpFetcherTest, AnArchiveIsReadInPartsWithoutHoldingItWhole) {
  constexpr size_t kSize = 24 * kMiB;
  server_.routes().Get("/tar", [](const auto&, auto& response) {
    response.set_content(std::string(kSize, 't'), "application/x-tar");
  });
  Start();
  const auto stream = fetcher_->Open(
      {.url = server_.Url("/tar"), .fetch_class = FetchClass::kArchive});
  ASSERT_TRUE(stream.ok()) << stream.status();
  size_t total = 0, largest = 0;
  while (true) {
    const auto part = (*stream)->Next();
    ASSERT_TRUE(part.ok()) << part.status();
    if (part->empty()) break;
    total += part->size();
    largest = std::max(largest, part->size());
  }
  EXPECT_EQ(total, kSize);
  EXPECT_LE(largest, 2 * kMiB);
}

TEST_F(HttpFetcherTest, AStreamMayBeLeftHalfRead) {
  server_.routes().Get("/endless", Endless);
  server_.routes().Get("/a", [](const auto&, auto& response) {
    response.set_content("a", "t");
  });
  Start();
  {
    const auto stream = fetcher_->Open(
        {.url = server_.Url("/endless"), .fetch_class = FetchClass::kArchive});
    ASSERT_TRUE(stream.ok()) << stream.status();
    EXPECT_TRUE((*stream)->Next().ok());
  }
  EXPECT_EQ(Get("/a")->body, "a");
}

TEST_F(HttpFetcherTest, ASilentServerIsADeadline) {
  server_.routes().Get("/silent", [&](const auto&, auto& response) {
    while (!over_) std::this_thread::yield();
  });
  Start({.page_timeout = absl::Milliseconds(200)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(Get("/silent").status()));
  over_ = true;
}

TEST_F(HttpFetcherTest, NobodyListeningIsUnavailable) {
  std::string url;
  {
    LocalServer gone;
    gone.Start();
    url = gone.Url("/x");
  }
  const auto fetcher = HttpFetcher::Create({.base_urls = {url}}).value();
  EXPECT_TRUE(absl::IsUnavailable(fetcher->Fetch({.url = url}).status()));
}

TEST_F(HttpFetcherTest, AnAddressThatIsNoBaseUrlIsRefusedUnlessPublic) {
  std::atomic<int> hits = 0;
  LocalServer other;
  other.routes().Get("/secret", [&](const auto&, auto&) { ++hits; });
  other.Start();
  Start();
  const auto response = fetcher_->Fetch({.url = other.Url("/secret")});
  EXPECT_TRUE(absl::IsPermissionDenied(response.status())) << response.status();
  EXPECT_EQ(hits, 0);
}

TEST_F(HttpFetcherTest, ARedirectNeverReachesALocalAddress) {
  std::atomic<int> hits = 0;
  server_.routes().Get("/secret", [&](const auto&, auto&) { ++hits; });
  server_.routes().Get("/away", [](const auto&, auto& response) {
    response.set_redirect("/secret");
  });
  Start();
  const auto response = Get("/away");
  EXPECT_TRUE(absl::IsPermissionDenied(response.status())) << response.status();
  EXPECT_EQ(hits, 0);
}

TEST_F(HttpFetcherTest, ARedirectToAnotherSchemeIsRefused) {
  server_.routes().Get("/file", [](const auto&, auto& response) {
    response.set_redirect("file:///etc/passwd");
  });
  Start();
  EXPECT_TRUE(absl::IsInvalidArgument(Get("/file").status()));
}

TEST_F(HttpFetcherTest, WithoutContactNoOtherMachineIsAsked) {
  Start();
  const absl::Status status =
      fetcher_->Fetch({.url = "https://192.0.2.1/x"}).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--contact"));
}

TEST_F(HttpFetcherTest, AProxyOfTheEnvironmentIsNotUsed) {
  server_.routes().Get("/a", [](const auto&, auto& response) {
    response.set_content("a", "t");
  });
  setenv("http_proxy", "http://127.0.0.1:9", 1);
  Start();
  const auto response = Get("/a");
  unsetenv("http_proxy");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "a");
}

TEST(HttpFetcherCreateTest, NamesABaseUrlThatIsNone) {
  const auto fetcher =
      HttpFetcher::Create({.base_urls = {"ftp://example.org"}});
  EXPECT_TRUE(absl::IsInvalidArgument(fetcher.status()));
  EXPECT_THAT(std::string(fetcher.status().message()), HasSubstr("ftp://"));
}

}  // namespace
}  // namespace verso
