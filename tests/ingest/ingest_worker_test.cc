#include "ingest/ingest_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/sha256.h"
#include "common/http/tdm_reservation.h"
#include "common/image/encode.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/frontier/local_frontier.h"
#include "tests/common/http/local_server.h"
#include "tests/ingest/fake_shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

// A real picture of one colour per number.
std::string Picture(int number) {
  Image image{16, 16, {}};
  for (int i = 0; i < 16 * 16 * 3; ++i) {
    image.rgb.push_back(static_cast<uint8_t>(i * (number + 1) + number));
  }
  return EncodePng(image).value();
}

bool IsRulesFile(const std::string& path) {
  return path == "/robots.txt" || path == TdmReservations::kPath;
}

constexpr char kNobody[] = "http://127.0.0.1:9";  // Nobody listens there.

// A site whose list names its pictures, one a line; "/tar" holds some, too.
class ListScraper : public Scraper {
 public:
  explicit ListScraper(bool tar) : tar_(tar) {}
  std::string source() const override { return "site"; }
  std::vector<WorkItem> Seeds() const override {
    return {tar_ ? Item("tar", FETCH_KIND_ARCHIVE)
                 : Item("list", FETCH_KIND_PAGE)};
  }
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override {
    if (item.kind() == FETCH_KIND_IMAGE) {
      return ParseImage(item, response, sink);
    }
    ASSIGN_OR_RETURN(const std::string text, ReadAll(response, 1 << 20));
    for (const absl::string_view part :
         absl::StrSplit(text, tar_ ? '\t' : '\n', absl::SkipEmpty())) {
      if (!tar_) {
        RETURN_IF_ERROR(
            sink.AddItem(Item(std::string(part), FETCH_KIND_IMAGE)));
        continue;
      }
      Record record;
      record.mutable_provenance()->set_source_item_id(std::string(part));
      record.set_image(Picture(static_cast<int>(part.size())));
      RETURN_IF_ERROR(sink.AddRecord(std::move(record)));
    }
    return absl::OkStatus();
  }

 private:
  WorkItem Item(const std::string& id, FetchKind kind) const {
    WorkItem item;
    item.set_source("site");
    item.set_id(id);
    item.set_url("/" + id);
    item.set_kind(kind);
    return item;
  }

  const bool tar_;
};

class IngestWorkerTest : public ::testing::Test {
 protected:
  using Handler = std::function<void(const httplib::Request& request,
                                     httplib::Response& response)>;

  // The site has these pictures, behind "/list".
  void Serve(int pictures) {
    std::string list;
    for (int i = 0; i < pictures; ++i) {
      absl::StrAppend(&list, "p", i, "\n");
      Route(absl::StrCat("/p", i), [i](const auto&, auto& response) {
        response.set_content(Picture(i), "image/png");
      });
    }
    Route("/list", [list](const auto&, auto& response) {
      response.set_content(list, "text/plain");
    });
  }
  void Route(const std::string& path, Handler handler) {
    routes_[path] = std::move(handler);
  }

  // One run of ingest, as a process of its own would do it.
  absl::Status Run(WorkerOptions options = {}, bool tar = false) {
    if (!started_) Start();
    const auto frontier = LocalFrontier::Open(dir_).value();
    const auto session = FrontierSession::Open(frontier.get(), "w").value();
    options.host_interval = absl::ZeroDuration();
    options.retry_base = absl::Milliseconds(1);
    GroupAppender appender(&store_, /*patience=*/absl::ZeroDuration());
    if (options.base_urls.empty()) options.base_urls = {server_.Url()};
    const ListScraper scraper(tar);
    IngestWorker worker(
        &scraper,
        {session.get(), fetcher_.get(), &store_, &appender, images_.get()},
        options);
    const absl::Status status = worker.Run();
    counts_ = worker.counts();
    return status;
  }

  void Start() {
    started_ = true;
    server_.routes().Get(".*", [this](const auto& request, auto& response) {
      if (!IsRulesFile(request.path)) ++requests_;
      const auto it = routes_.find(request.path);
      response.status = it == routes_.end() ? 404 : 200;
      if (it != routes_.end()) it->second(request, response);
    });
    server_.Start();
    fetcher_ =
        HttpFetcher::Create({.base_urls = {server_.Url(), kNobody}}).value();
  }

  std::map<std::string, Handler> routes_;
  std::atomic<int> requests_ = 0;
  bool started_ = false;
  LocalServer server_;
  std::unique_ptr<HttpFetcher> fetcher_;
  const std::unique_ptr<ImageSandbox> images_ =
      ImageSandbox::Create({.decoders = 2}).value();
  const std::filesystem::path dir_ = testing::MakeTestDir("worker");
  FakeShardStore store_;
  SourceCounts counts_;
};

TEST_F(IngestWorkerTest, StoresEveryPictureOnce) {
  Serve(20);
  ASSERT_OK(Run());
  EXPECT_EQ(store_.records().size(), 20);
  EXPECT_EQ(counts_.stored(), 20);
  EXPECT_EQ(requests_, 21);
}

TEST_F(IngestWorkerTest, ASecondRunAsksNothing) {
  Serve(5);
  ASSERT_OK(Run());
  requests_ = 0;
  ASSERT_OK(Run());
  EXPECT_EQ(requests_, 0);
}

TEST_F(IngestWorkerTest, FillsInWhatResponseAndBytesSay) {
  Route("/list", [](const auto&, auto& response) {
    response.set_content("p", "text/plain");
  });
  Route("/p", [](const auto&, auto& response) {
    response.set_header("ETag", "\"e\"");
    response.set_header("Last-Modified", "Sun, 09 Sep 2001 01:46:40 GMT");
    response.set_header("X-Verso-Stand-In", "simulated");
    response.set_content(Picture(1), "image/jpeg");  // A lie.
  });
  ASSERT_OK(Run({.name = {"host", "v"}}));
  ASSERT_EQ(store_.records().size(), 1);
  const Provenance provenance = store_.records()[0].provenance();
  EXPECT_EQ(provenance.source(), "site");
  EXPECT_EQ(provenance.source_item_id(), "p");
  EXPECT_EQ(provenance.image_url(), server_.Url("/p"));
  EXPECT_EQ(provenance.http_status(), 200);
  EXPECT_EQ(provenance.etag(), "\"e\"");
  EXPECT_EQ(provenance.last_modified(), "Sun, 09 Sep 2001 01:46:40 GMT");
  EXPECT_EQ(provenance.content_type(), "image/jpeg");
  EXPECT_EQ(provenance.stand_in(), "simulated");
  EXPECT_EQ(provenance.sha256(), Sha256Hex(Picture(1)));
  EXPECT_EQ(provenance.perceptual_hash().size(), 16);
  EXPECT_EQ(provenance.width(), 16);
  EXPECT_EQ(provenance.format(), "png");
  EXPECT_EQ(provenance.worker(), "host");
  absl::Time fetched;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, provenance.fetched_at(),
                              &fetched, nullptr));
}

TEST_F(IngestWorkerTest, TheSameBytesAtTwoUrlsAreADuplicate) {
  Serve(2);
  Route("/p1", [](const auto&, auto& response) {
    response.set_content(Picture(0), "image/png");
  });
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 1);
  EXPECT_EQ(counts_.duplicate(), 1);
}

TEST_F(IngestWorkerTest, BadPicturesAreRefusedWithTheirReasonAndTheRestGoesOn) {
  Serve(6);
  routes_.erase("/p0");
  Route("/p2", [](const auto&, auto& response) {
    const std::string picture = Picture(2);
    response.set_content(picture.substr(0, picture.size() / 2), "image/png");
  });
  Route("/p3", [](const auto&, auto& response) {
    response.set_content("%PDF-1.4", "image/png");
  });
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 3);
  EXPECT_EQ(counts_.refused().at("HTTP 404"), 1);
  EXPECT_EQ(counts_.refused().at("truncated"), 1);
  EXPECT_EQ(counts_.refused().at("not an image"), 1);
  ASSERT_OK(Run());  // May ask for what it refused before anything was stored.
  requests_ = 0;
  ASSERT_OK(Run());
  EXPECT_EQ(requests_, 0);
}

TEST_F(IngestWorkerTest, BusyServersAndCutTransfersAreTriedAgain) {
  Serve(3);
  std::atomic<int> busy = 0, cut = 0;
  Route("/p0", [&](const auto&, auto& response) {
    if (++busy <= 2) {
      response.status = 429;
      response.set_header("Retry-After", "0");
    } else {
      response.set_content(Picture(0), "image/png");
    }
  });
  Route("/p1", [&](const auto&, auto& response) {
    const std::string picture = Picture(1);
    const size_t sent = ++cut == 1 ? picture.size() / 2 : picture.size();
    response.set_content_provider(
        picture.size(), "image/png",
        [=](size_t offset, size_t, httplib::DataSink& sink) {
          if (offset >= sent) return false;
          return sink.write(picture.data(), sent);
        });
  });
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 3);
  EXPECT_EQ(TotalRefused(counts_), 0);
  EXPECT_EQ(busy, 3);
  EXPECT_EQ(cut, 2);
}

TEST_F(IngestWorkerTest, TriesFiveTimesAndLeavesTheRestToTheNextRun) {
  Serve(2);
  std::atomic<int> asked = 0;
  std::atomic<bool> down = true;
  Route("/p0", [&](const auto&, auto& response) {
    ++asked;
    if (down) {
      response.status = 503;
    } else {
      response.set_content(Picture(0), "image/png");
    }
  });
  ASSERT_OK(Run());
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(counts_.refused().at("HTTP 503"), 1);
  down = false;
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 1);
}

TEST_F(IngestWorkerTest, AWebPageForAPictureIsAskedForAgain) {
  Serve(2);
  std::atomic<int> asked = 0;
  Route("/p0", [&](const auto&, auto& response) {
    if (++asked <= 6) {
      response.set_content("<html>are you a robot?</html>", "text/html");
    } else {
      response.set_content(Picture(0), "image/png");
    }
  });
  ASSERT_OK(Run());
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(counts_.fetched(), 1);
  EXPECT_EQ(counts_.refused().at("html"), 1);
  ASSERT_OK(Run());
  EXPECT_EQ(asked, 7);
  EXPECT_EQ(counts_.stored(), 1);
  EXPECT_EQ(TotalRefused(counts_), 0);
}

TEST_F(IngestWorkerTest, WhatIsQueuedFollowsAChangedBaseUrl) {
  Serve(3);
  EXPECT_FALSE(Run({.base_urls = {kNobody}}).ok());
  EXPECT_EQ(requests_, 0);
  ASSERT_OK(Run());
  EXPECT_EQ(store_.records().size(), 3);
}

TEST_F(IngestWorkerTest, WhatRobotsTxtForbidsIsNotFetched) {
  Serve(4);
  std::atomic<int> asked = 0;
  Route("/robots.txt", [&](const auto&, auto& response) {
    ++asked;
    response.set_content("User-agent: verso\nDisallow: /p2\n", "text/plain");
  });
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 3);
  EXPECT_EQ(counts_.refused().at("robots.txt"), 1);
  EXPECT_EQ(requests_, 4);  // The list and three pictures.
  EXPECT_THAT(store_.records()[0].provenance().consent_signals(),
              ::testing::ElementsAre("robots.txt: allowed"));
  ASSERT_OK(Run());
  EXPECT_EQ(asked, 1);  // Kept for a day, also by the next run.
}

TEST_F(IngestWorkerTest, WhatTdmrepJsonReservesIsNotFetched) {
  Serve(3);
  Route(std::string(TdmReservations::kPath), [](const auto&, auto& response) {
    response.set_content(R"([{"location": "/p1", "tdm-reservation": 1}])",
                         "application/json");
  });
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 2);
  EXPECT_EQ(counts_.refused().at("tdm-reservation"), 1);
  EXPECT_EQ(requests_, 3);
}

TEST_F(IngestWorkerTest, ARedirectIsNotFollowedToWhereItsHostForbids) {
  Serve(3);
  Route("/robots.txt", [](const auto&, auto& response) {
    response.set_content("User-agent: *\nDisallow: /hidden\n", "text/plain");
  });
  Route("/p0", [](const auto&, auto& response) {
    response.set_redirect("/hidden/p0");
  });
  // Allowed, but no redirect may lead to an address that is not public.
  Route("/p1", [](const auto&, auto& response) {
    response.set_redirect("/moved/p1");
  });
  std::atomic<int> followed = 0;
  for (const char* target : {"/hidden/p0", "/moved/p1"}) {
    Route(target, [&](const auto&, auto&) { ++followed; });
  }
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 1);
  EXPECT_EQ(counts_.refused().at("robots.txt"), 1);
  EXPECT_EQ(counts_.refused().at("forbidden address"), 1);
  EXPECT_EQ(followed, 0);
}

TEST_F(IngestWorkerTest, ARecrawlFetchesWhatHasChangedAlone) {
  Serve(3);
  std::atomic<bool> changed = false;
  std::atomic<int> not_modified = 0;
  for (int i = 0; i < 3; ++i) {
    Route(absl::StrCat("/p", i), [&, i](const auto& request, auto& response) {
      const bool is_new = changed && i == 0;
      const std::string etag = absl::StrCat("\"", i, is_new ? "b" : "a", "\"");
      response.set_header("ETag", etag);
      if (request.get_header_value("If-None-Match") == etag) {
        ++not_modified;
        response.status = 304;
      } else {
        response.set_content(Picture(is_new ? 7 : i), "image/png");
      }
    });
  }
  ASSERT_OK(Run());
  changed = true;
  ASSERT_OK(Run({.recrawl_after = absl::ZeroDuration()}));
  EXPECT_EQ(not_modified, 2);
  EXPECT_EQ(counts_.unchanged(), 2);
  EXPECT_EQ(counts_.stored(), 1);
  EXPECT_EQ(store_.records().size(), 4);
  ASSERT_OK(Run({.recrawl_after = absl::Hours(1)}));
  EXPECT_EQ(counts_.fetched() + counts_.unchanged(), 0);
}

TEST_F(IngestWorkerTest, NothingIsFetchedWhileRobotsTxtCannotBeHad) {
  Serve(2);
  std::atomic<bool> down = true;
  Route("/robots.txt", [&](const auto&, auto& response) {
    response.status = down ? 503 : 404;
  });
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kUnavailable,
                              HasSubstr("/robots.txt answers HTTP 503")));
  EXPECT_EQ(requests_, 0);
  down = false;
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 2);
}

TEST_F(IngestWorkerTest, APictureThatSaysNoaiIsRefused) {
  Serve(3);
  Route("/p0", [](const auto&, auto& response) {
    response.set_header("X-Robots-Tag", "noai, noimageai");
    response.set_content(Picture(0), "image/png");
  });
  Route("/p1", [](const auto&, auto& response) {
    response.set_header("X-Robots-Tag", "noindex");
    response.set_header("X-Robots-Tag", "otherbot: noai");
    response.set_content(Picture(1), "image/png");
  });
  ASSERT_OK(Run({.parallel = 1}));
  EXPECT_EQ(counts_.stored(), 2);
  EXPECT_EQ(counts_.refused().at("noai"), 1);
  std::vector<std::string> seen;
  for (const Record& record : store_.records()) {
    const auto& signals = record.provenance().consent_signals();
    seen.insert(seen.end(), signals.begin(), signals.end());
  }
  EXPECT_THAT(seen,
              ::testing::UnorderedElementsAre(
                  "robots.txt: allowed", "robots.txt: allowed",
                  "x-robots-tag: noindex", "x-robots-tag: otherbot: noai"));
}

TEST_F(IngestWorkerTest, ALongRetryAfterIsLeftToTheNextRun) {
  Serve(1);
  Route("/p0", [](const auto&, auto& response) {
    response.status = 429;
    response.set_header("Retry-After", "3600");
  });
  EXPECT_TRUE(absl::IsUnavailable(Run()));
  requests_ = 0;
  EXPECT_OK(Run());  // Still too early: nothing to do.
  EXPECT_EQ(requests_, 0);
}

TEST_F(IngestWorkerTest, ASiteThatIsDownIsNotHammered) {
  Serve(200);
  for (int i = 0; i < 200; ++i) {
    Route(absl::StrCat("/p", i),
          [](const auto&, auto& response) { response.status = 500; });
  }
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kUnavailable,
                              HasSubstr("answers HTTP 500")));
  EXPECT_LE(requests_, 30);
}

TEST_F(IngestWorkerTest, ASiteThatRefusesEverythingLosesNothing) {
  Serve(40);
  std::atomic<bool> wrong = true;
  for (int i = 0; i < 40; ++i) {
    Route(absl::StrCat("/p", i), [&wrong, i](const auto&, auto& response) {
      if (wrong) {
        response.status = 404;
      } else {
        response.set_content(Picture(i), "image/png");
      }
    });
  }
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kUnavailable,
                              HasSubstr("answers HTTP 404")));
  EXPECT_LE(requests_, 30);
  wrong = false;
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 40);
}

TEST_F(IngestWorkerTest, ASiteThatRedirectsEverythingAwayLosesNothing) {
  Serve(5);
  std::atomic<bool> wrong = true;
  for (int i = 0; i < 5; ++i) {
    Route(absl::StrCat("/p", i), [&wrong, i](const auto&, auto& response) {
      if (wrong) {
        response.set_redirect("http://10.0.0.7/p");
      } else {
        response.set_content(Picture(i), "image/png");
      }
    });
  }
  EXPECT_TRUE(absl::IsUnavailable(Run()));
  EXPECT_EQ(counts_.refused().at("forbidden address"), 5);
  wrong = false;
  ASSERT_OK(Run());
  EXPECT_EQ(counts_.stored(), 5);
}

TEST_F(IngestWorkerTest, SaysWhenEverythingWasRefused) {
  EXPECT_THAT(Run(),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("everything was refused (1 HTTP 404)")));
}

TEST_F(IngestWorkerTest, TheLimitHoldsOverAllRuns) {
  Serve(30);
  ASSERT_OK(Run({.limit = 7}));
  EXPECT_EQ(store_.records().size(), 7);
  requests_ = 0;
  ASSERT_OK(Run({.limit = 7}));
  EXPECT_EQ(requests_, 0);
  ASSERT_OK(Run({.limit = 9}));
  EXPECT_EQ(store_.records().size(), 9);
  EXPECT_EQ(requests_, 2);
}

TEST_F(IngestWorkerTest, AnArchiveStopsAtTheLimitAndGoesOnLater) {
  Route("/tar", [](const auto&, auto& response) {
    response.set_content("a\tbb\tccc\tdddd", "application/x-tar");
  });
  ASSERT_OK(Run({.limit = 3}, /*tar=*/true));
  EXPECT_EQ(store_.records().size(), 3);
  requests_ = 0;
  ASSERT_OK(Run({.limit = 3}, /*tar=*/true));
  EXPECT_EQ(requests_, 0);
  ASSERT_OK(Run({}, /*tar=*/true));
  EXPECT_EQ(counts_.fetched(), 1);
  EXPECT_EQ(store_.records().size(), 4);
}

TEST_F(IngestWorkerTest, AStoreThatIsGoneEndsTheRunAndLosesNothing) {
  Serve(3);
  store_.Break(absl::UnavailableError("the store is gone"));
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kUnavailable,
                              HasSubstr("the store is gone")));
  store_.Break(absl::OkStatus());
  ASSERT_OK(Run());
  EXPECT_EQ(store_.records().size(), 3);
}

TEST_F(IngestWorkerTest, AFrontierIsNotUsedWithAnotherStore) {
  Serve(3);
  ASSERT_OK(Run());
  store_.Clear();
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition,
                              HasSubstr("another --frontier")));
}

}  // namespace
}  // namespace verso
