#include "ingest/ingest_worker.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/http/consent_signals.h"
#include "common/http/retry_policy.h"
#include "common/http/url.h"

namespace verso {
namespace {

// So many failures without a success between them mean that the site is down:
// asking on would only hammer it.
constexpr int kSiteIsDown = 20;

constexpr absl::Duration kLongestBackoff = absl::Minutes(1);
constexpr absl::Duration kPoll = absl::Milliseconds(100);
constexpr size_t kBatchItems = 1000;

FetchClass FetchClassOf(FetchKind kind) {
  switch (kind) {
    case FETCH_KIND_IMAGE:
      return FetchClass::kImage;
    case FETCH_KIND_ARCHIVE:
      return FetchClass::kArchive;
    case FETCH_KIND_GENERATOR:
      return FetchClass::kGenerator;
    default:
      return FetchClass::kPage;
  }
}

HttpRequest RequestOf(const WorkItem& item, const std::string& url) {
  return {.url = url,
          .fetch_class = FetchClassOf(item.kind()),
          .post_body = item.post_body(),
          .content_type = item.content_type()};
}

SourceCounts OneRefused(const std::string& reason) {
  SourceCounts counts;
  (*counts.mutable_refused())[reason] = 1;
  return counts;
}

}  // namespace

IngestWorker::IngestWorker(const Scraper* scraper, const WorkerTools& tools,
                           const WorkerOptions& options)
    : scraper_(scraper),
      source_(scraper->source()),
      tools_(tools),
      options_(options),
      limiter_(options.host_interval),
      robots_(tools.frontier, tools.fetcher),
      random_(std::random_device()()) {}

absl::Status IngestWorker::Run() {
  RETURN_IF_ERROR(CheckStore());
  RETURN_IF_ERROR(AddStart());
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.threads; ++i) {
    threads.emplace_back([this] { Work(); });
  }
  for (std::thread& thread : threads) thread.join();
  return Result();
}

// A frontier says what one store has: with another one everything would seem
// to be done.
absl::Status IngestWorker::CheckStore() {
  const int64_t stored = tools_.frontier->Counts(source_).stored();
  if (stored == 0) return absl::OkStatus();
  RecordQuery query;
  query.add_source(source_);
  query.set_limit(1);
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   tools_.store->Query(query));
  const absl::StatusOr<std::optional<Record>> first = reader->Next();
  if (!first.ok() || first->has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      source_, ": ", stored,
      " records were stored by earlier runs, but this "
      "store has none of them; give another --state for another --store"));
}

absl::Status IngestWorker::AddStart() {
  const std::vector<WorkItem> seeds = scraper_->Seeds();
  RETURN_IF_ERROR(tools_.frontier->Add(seeds).status());
  const std::optional<RecordQuery> query = scraper_->DerivesFrom();
  if (!query || LimitReached(0)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t derived, AddDerived(*query));
  if (derived == 0 && seeds.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        source_, " starts from records of ", query->source(0),
        " and the store has none: ingest --sources=", query->source(0),
        " first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> IngestWorker::AddDerived(const RecordQuery& query) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   tools_.store->Query(query));
  int64_t derived = 0;
  std::vector<WorkItem> items;
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) continue;  // One damaged record.
    RETURN_IF_ERROR(record.status());
    if (record->has_value()) {
      std::optional<WorkItem> item = scraper_->Derive(**record);
      if (item) items.push_back(*std::move(item));
    }
    if (items.size() >= kBatchItems || !record->has_value()) {
      RETURN_IF_ERROR(tools_.frontier->Add(items).status());
      derived += static_cast<int64_t>(items.size());
      items.clear();
    }
    if (!record->has_value()) return derived;
  }
}

void IngestWorker::Work() {
  while (const std::optional<LeasedItem> leased = NextItem()) {
    const absl::Status status = Attempt(*leased);
    if (!status.ok()) Stop(status);
    absl::MutexLock lock(&mu_);
    --in_flight_;
    changed_.SignalAll();
  }
}

// nullopt: this thread has nothing more to do.
std::optional<LeasedItem> IngestWorker::NextItem() {
  absl::MutexLock lock(&mu_);
  while (stopped_.ok()) {
    if (StopRequested()) {
      stopped_ = CheckNotStopped();
      break;
    }
    if (LimitReached(0)) break;
    if (!LimitReached(in_flight_)) {
      auto leased = tools_.frontier->Lease(source_, absl::Now());
      if (!leased.ok()) {
        stopped_ = leased.status();
        break;
      }
      if (leased->has_value()) {
        ++in_flight_;
        return **leased;
      }
    }
    // What is in flight may fail or lead to more.
    const absl::Time retry = tools_.frontier->NextRetry(source_);
    if (in_flight_ == 0 && retry > absl::Now() + options_.longest_wait) break;
    changed_.WaitWithTimeout(
        &mu_, std::clamp(retry - absl::Now(), absl::Milliseconds(1), kPoll));
  }
  changed_.SignalAll();
  return std::nullopt;
}

bool IngestWorker::LimitReached(int in_flight) const {
  if (options_.limit == 0) return false;
  const SourceCounts so_far = tools_.frontier->Counts(source_);
  return so_far.stored() + so_far.duplicate() + in_flight >= options_.limit;
}

absl::Status IngestWorker::Attempt(const LeasedItem& leased) {
  const WorkItem& item = leased.item;
  const absl::StatusOr<std::string> url = UrlOf(item, options_.base_urls);
  const absl::StatusOr<Url> parsed = url.ok() ? ParseUrl(*url) : url.status();
  if (!parsed.ok()) {
    return GiveUp(item, "bad URL", std::string(parsed.status().message()));
  }
  const bool is_crawled = item.kind() != FETCH_KIND_GENERATOR;
  if (is_crawled) {
    ASSIGN_OR_RETURN(const bool is_known, robots_.IsKnown(*parsed));
    if (!is_known) RETURN_IF_ERROR(AwaitTurn(parsed->Authority()));
  }
  absl::Status status = is_crawled ? CheckRobots(*parsed) : absl::OkStatus();
  if (status.ok()) {
    RETURN_IF_ERROR(AwaitTurn(parsed->Authority()));
    const absl::StatusOr<std::unique_ptr<HttpStream>> answer =
        tools_.fetcher->Open(RequestOf(item, *url));
    status = answer.status();
    if (status.ok() && (*answer)->head().status / 100 != 2) {
      return OnHttpError(leased, (*answer)->head(), parsed->Authority());
    }
    if (status.ok()) status = ParseAnswer(leased, **answer);
    if (status.ok()) return status;
  }
  {
    absl::MutexLock lock(&mu_);
    if (!stopped_.ok()) return stopped_;
  }
  if (absl::IsCancelled(status)) return status;
  const std::string message(status.message());
  if (IsRetryableError(status) || IsWebPage(status)) {
    return TryAgain(leased, RefusalReason(status), message,
                    absl::InfinitePast());
  }
  return GiveUp(item, RefusalReason(status), message);
}

// Malformed("robots.txt"): the host's robots.txt forbids it.
absl::Status IngestWorker::CheckRobots(const Url& url) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RobotsTxt> rules,
                   robots_.RulesOf(url));
  if (const auto delay = rules->crawl_delay()) {
    limiter_.SlowDown(url.Authority(), *delay);
  }
  const std::string path =
      absl::StrCat(url.path, url.query.empty() ? "" : "?", url.query);
  if (rules->Allows(path)) return absl::OkStatus();
  return Malformed("robots.txt", absl::StrCat("the robots.txt of ", url.host,
                                              " forbids ", path));
}

// Waits for the host's next free start.
absl::Status IngestWorker::AwaitTurn(const std::string& host) {
  const absl::Time start = limiter_.Reserve(host, absl::Now());
  if (start - absl::Now() >
      std::max(options_.longest_wait,
               options_.threads * limiter_.IntervalOf(host))) {
    return absl::UnavailableError(absl::StrCat(
        source_, ": ", host, " asks not to be asked before ",
        absl::FormatTime("%H:%M:%S UTC", start, absl::UTCTimeZone()),
        "; run again then, what is left is kept"));
  }
  while (absl::Now() < start) {
    if (WaitForStop(std::min(start - absl::Now(), absl::Seconds(1)))) {
      return CheckNotStopped();
    }
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(stopped_);
  }
  return absl::OkStatus();
}

// Failures of the answer are returned; those of the store stop the worker.
absl::Status IngestWorker::ParseAnswer(const LeasedItem& leased,
                                       HttpStream& answer) {
  const WorkItem& item = leased.item;
  ConsentSignals consent = ReadConsentSignals(answer.head(), kProductToken);
  if (!consent.refusal.empty()) {
    return Malformed(
        consent.refusal,
        absl::StrCat(answer.head().url, " must not be used for training (",
                     absl::StrJoin(consent.seen, "; "), ")"));
  }
  if (item.kind() != FETCH_KIND_GENERATOR) {
    consent.seen.insert(consent.seen.begin(), "robots.txt: allowed");
  }
  ItemSink sink({tools_.frontier, tools_.appender, &counts_, options_.name,
                 options_.limit, std::move(consent.seen)},
                item, answer.head());
  const absl::Status parsed = scraper_->Parse(item, answer, sink);
  const absl::Status flushed = sink.Flush();
  if (!flushed.ok()) {
    Stop(flushed);
    return flushed;
  }
  if (sink.limit_reached()) {
    return tools_.frontier->Defer(item, "limit reached", "", absl::Now());
  }
  RETURN_IF_ERROR(parsed);
  if (IsWebPage(sink.refused())) return sink.refused();
  {
    absl::MutexLock lock(&mu_);
    failures_in_a_row_ = 0;
    if (!sink.refused().ok())
      last_refusal_ = std::string(sink.refused().message());
  }
  const absl::Status done =
      sink.refused().ok() ? tools_.frontier->Complete(item, sink.counts())
                          : Refuse(item, RefusalReason(sink.refused()),
                                   sink.refused().message(), sink.counts());
  if (!done.ok()) Stop(done);
  return done;
}

absl::Status IngestWorker::OnHttpError(const LeasedItem& leased,
                                       const HttpHead& head,
                                       const std::string& host) {
  const WorkItem& item = leased.item;
  const std::string reason = absl::StrCat("HTTP ", head.status);
  const std::string detail = absl::StrCat(head.url, " answers ", reason);
  if (head.status == 404) {
    const std::optional<WorkItem> instead = scraper_->Instead(item);
    if (instead) RETURN_IF_ERROR(tools_.frontier->Add({*instead}).status());
    if (instead || item.optional()) {
      return tools_.frontier->Complete(item, SourceCounts());
    }
  }
  if (!IsRetryableHttpStatus(head.status)) {
    return OnHttpRefusal(item, reason, detail);
  }
  const std::optional<absl::Time> after =
      ParseRetryAfter(head.Header("retry-after"), absl::Now());
  if (after) limiter_.Block(host, *after);
  return TryAgain(leased, reason, detail, after.value_or(absl::InfinitePast()));
}

// Final, unless it may be the address that is wrong and not the item: a web UI
// without its API or a mistyped base URL refuses everything.
absl::Status IngestWorker::OnHttpRefusal(const WorkItem& item,
                                         const std::string& reason,
                                         const std::string& detail) {
  const SourceCounts so_far = tools_.frontier->Counts(source_);
  const bool site_is_right = so_far.stored() + so_far.duplicate() > 0;
  counts_.AddRefused(reason);
  const absl::Status refused =
      site_is_right && item.kind() != FETCH_KIND_GENERATOR
          ? Refuse(item, reason, detail, OneRefused(reason))
          : tools_.frontier->Defer(item, reason, detail, absl::Now());
  RETURN_IF_ERROR(refused);
  return CountFailure(detail);
}

absl::Status IngestWorker::TryAgain(const LeasedItem& leased,
                                    const std::string& reason,
                                    const std::string& detail,
                                    absl::Time not_before) {
  const absl::Time now = absl::Now();
  absl::Time at;
  {
    absl::MutexLock lock(&mu_);
    const double jitter = std::uniform_real_distribution<>(0, 1)(random_);
    at = std::max(not_before,
                  now + BackoffDelay(leased.tries + 1, options_.retry_base,
                                     kLongestBackoff, jitter));
  }
  if (leased.tries + 1 < options_.max_tries &&
      at - now <= options_.longest_wait) {
    RETURN_IF_ERROR(tools_.frontier->Retry(leased.item, reason, detail, at));
    return CountFailure(detail);
  }
  // Not refused for good: the next run tries it again.
  counts_.AddRefused(reason);
  RETURN_IF_ERROR(tools_.frontier->Defer(leased.item, reason, detail,
                                         std::max(now, not_before)));
  return CountFailure(detail);
}

absl::Status IngestWorker::CountFailure(const std::string& detail) {
  absl::MutexLock lock(&mu_);
  last_refusal_ = detail;
  if (++failures_in_a_row_ < kSiteIsDown) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      source_, ": ", kSiteIsDown, " requests in a row failed, the last one: ",
      detail, "; what is left is kept, run again when the site answers"));
}

absl::Status IngestWorker::GiveUp(const WorkItem& item,
                                  const std::string& reason,
                                  const std::string& detail) {
  counts_.AddRefused(reason);
  {
    absl::MutexLock lock(&mu_);
    failures_in_a_row_ = 0;  // The site answers.
    last_refusal_ = detail;
  }
  return Refuse(item, reason, detail, OneRefused(reason));
}

// A listing leads to everything else of its site: one bad answer must not end
// that for good, so the next run asks again.
absl::Status IngestWorker::Refuse(const WorkItem& item,
                                  absl::string_view reason,
                                  absl::string_view detail,
                                  const SourceCounts& delta) {
  if (item.kind() == FETCH_KIND_PAGE || item.kind() == FETCH_KIND_ARCHIVE) {
    return tools_.frontier->Defer(item, reason, detail, absl::Now());
  }
  return tools_.frontier->Fail(item, reason, detail, delta);
}

void IngestWorker::Stop(absl::Status why) {
  absl::MutexLock lock(&mu_);
  if (stopped_.ok()) stopped_ = std::move(why);
}

absl::Status IngestWorker::Result() {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(stopped_);
  const SourceCounts all = tools_.frontier->Counts(source_);
  const SourceCounts run = counts_.Get();
  if (all.stored() + all.duplicate() > 0 || TotalRefused(run) == 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat(source_, ": everything was refused (", FormatRefused(run),
                   "), the last one: ", last_refusal_));
}

int64_t IngestWorker::left() const {
  const SourceCounts so_far = tools_.frontier->Counts(source_);
  const int64_t queued = so_far.queued();
  if (options_.limit == 0) return queued;
  const int64_t wanted = options_.limit - so_far.stored() - so_far.duplicate();
  // One archive may hold all that is wanted.
  return std::max<int64_t>(0, queued > 1 ? std::min(wanted, queued) : wanted);
}

}  // namespace verso
