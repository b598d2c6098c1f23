#include "ingest/ingest_worker.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/http/retry_policy.h"
#include "common/http/url.h"
#include "ingest/frontier/source_counts.h"
#include "ingest/post_body.h"
#include "ingest/text_encoding.h"

namespace verso {
namespace {

// So many failures without a success between them mean that the site is down:
// asking on would only hammer it.
constexpr int kSiteIsDown = 20;

constexpr absl::Duration kLongestBackoff = absl::Minutes(1);
constexpr int kNotModified = 304;
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

HttpRequest RequestOf(const LeaseResponse& leased, const std::string& url,
                      std::string body) {
  const WorkItem& item = leased.item();
  return {.url = url,
          .fetch_class = FetchClassOf(item.kind()),
          .post_body = std::move(body),
          .content_type = item.content_type(),
          .if_none_match = leased.etag(),
          .if_modified_since = leased.last_modified()};
}

// What sites send may be no UTF-8, which a protobuf text must be.
std::string Utf8(absl::string_view text) {
  return IsUtf8(text) ? std::string(text) : absl::CHexEscape(text);
}

Setback Because(absl::string_view reason, absl::string_view detail,
                absl::Duration retry_in = absl::ZeroDuration()) {
  return {Utf8(reason), Utf8(detail), retry_in};
}

Validators ValidatorsOf(const HttpHead& head) {
  return {.etag = Utf8(head.Header("etag")),
          .last_modified = Utf8(head.Header("last-modified"))};
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
      site_(tools.frontier, tools.fetcher,
            {.host_interval = options.host_interval,
             .longest_wait = options.longest_wait},
            [this] { return CheckGoesOn(); }),
      random_(std::random_device()()) {}

absl::Status IngestWorker::Run() {
  RETURN_IF_ERROR(CheckStore());
  RETURN_IF_ERROR(AddStart());
  std::vector<std::thread> threads;
  for (int slot = 0; slot < options_.parallel; ++slot) {
    threads.emplace_back([this, slot] { Work(slot); });
  }
  for (std::thread& thread : threads) thread.join();
  return Result();
}

// A frontier says what one store has: with another one everything would seem
// to be done.
absl::Status IngestWorker::CheckStore() {
  ASSIGN_OR_RETURN(const SourceStatus so_far,
                   tools_.frontier->StatusOf(source_));
  const int64_t stored = so_far.counts().stored();
  if (stored == 0) return absl::OkStatus();
  RecordQuery query;
  query.add_source(source_);
  query.set_limit(1);
  query.set_include_quarantined(true);
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   tools_.store->Query(query));
  const absl::StatusOr<std::optional<Record>> first = reader->Next();
  if (!first.ok() || first->has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      source_, ": ", stored,
      " records were stored by earlier runs, but this "
      "store has none of them; give another --frontier for another --store"));
}

absl::Status IngestWorker::AddStart() {
  if (options_.recrawl_after != absl::InfiniteDuration()) {
    RETURN_IF_ERROR(
        tools_.frontier->Requeue(source_, options_.recrawl_after).status());
  }
  const std::vector<WorkItem> seeds = scraper_->Seeds();
  RETURN_IF_ERROR(tools_.frontier->Add(seeds).status());
  const std::optional<RecordQuery> query = scraper_->DerivesFrom();
  if (!query) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t derived, AddDerived(*query));
  if (derived == 0 && seeds.empty()) {
    const std::string names = absl::StrJoin(query->source(), ",");
    return absl::FailedPreconditionError(absl::StrCat(
        source_, " starts from records of ", names,
        " and the store has none: ingest --sources=", names, " first"));
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

void IngestWorker::Work(int slot) {
  while (const std::optional<LeaseResponse> leased = NextItem(slot)) {
    const absl::Status status = Attempt(*leased);
    if (!status.ok()) Stop(status);
    absl::MutexLock lock(&mu_);
    changed_.SignalAll();
  }
}

// nullopt: this thread has nothing more to do.
std::optional<LeaseResponse> IngestWorker::NextItem(int slot) {
  LeaseRequest request;
  request.set_slot(slot);
  request.set_source(source_);
  request.set_max_leases(options_.parallel);
  request.set_limit(options_.limit);
  while (CheckGoesOn().ok()) {
    absl::StatusOr<LeaseResponse> response = tools_.frontier->Lease(request);
    if (!response.ok()) {
      Stop(response.status());
      break;
    }
    if (response->verdict() == LEASE_VERDICT_LEASED) return *response;
    const absl::Duration retry =
        absl::Microseconds(response->retry_in_micros());
    const bool is_idle = response->verdict() == LEASE_VERDICT_NOTHING;
    if (is_idle &&
        (retry == absl::ZeroDuration() || retry > options_.longest_wait)) {
      break;
    }
    // What is in flight, here or elsewhere, may fail or lead to more.
    absl::MutexLock lock(&mu_);
    changed_.WaitWithTimeout(
        &mu_, retry == absl::ZeroDuration() ? kPoll : std::min(retry, kPoll));
  }
  Stop(CheckNotStopped());
  return std::nullopt;
}

absl::Status IngestWorker::CheckGoesOn() const {
  RETURN_IF_ERROR(CheckNotStopped());
  absl::MutexLock lock(&mu_);
  return stopped_;
}

// An error ends the run.
absl::Status IngestWorker::Attempt(const LeaseResponse& leased) {
  const WorkItem& item = leased.item();
  if (leased.tries() >= options_.max_tries) {
    return TryAgain(
        leased, "worker died",
        absl::StrCat(item.id(), ": ", leased.tries(), " workers died over it"),
        absl::InfinitePast());
  }
  const absl::StatusOr<std::string> url = UrlOf(item, options_.base_urls);
  if (!url.ok()) {
    return GiveUp(item, "bad URL", std::string(url.status().message()));
  }
  absl::StatusOr<std::string> body = PostBodyOf(*scraper_, item, *tools_.store);
  if (absl::IsInvalidArgument(body.status()) ||
      absl::IsUnavailable(body.status())) {
    return OnFailure(leased, body.status());
  }
  RETURN_IF_ERROR(body.status());
  ASSIGN_OR_RETURN(SiteAnswer answer,
                   site_.Open(RequestOf(leased, *url, *std::move(body)),
                              item.kind() != FETCH_KIND_GENERATOR));
  if (!answer.status.ok()) return OnFailure(leased, answer.status);
  const bool may_be_unchanged =
      !leased.etag().empty() || !leased.last_modified().empty();
  if (answer.stream->head().status == kNotModified && may_be_unchanged) {
    return OnUnchanged(item);
  }
  if (answer.stream->head().status / 100 != 2) {
    return OnHttpError(leased, answer.stream->head());
  }
  const absl::Status status = ParseAnswer(leased, std::move(answer));
  return status.ok() ? status : OnFailure(leased, status);
}

absl::Status IngestWorker::OnUnchanged(const WorkItem& item) {
  SourceCounts counts;
  if (item.kind() == FETCH_KIND_IMAGE) {
    counts.set_unchanged(1);
    counts_.AddUnchanged();
  }
  {
    absl::MutexLock lock(&mu_);
    failures_in_a_row_ = 0;
  }
  return tools_.frontier->Complete(item, counts);
}

absl::Status IngestWorker::OnFailure(const LeaseResponse& leased,
                                     const absl::Status& status) {
  RETURN_IF_ERROR(CheckGoesOn());
  if (absl::IsCancelled(status)) return status;
  const std::string message(status.message());
  if (absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status)) {
    return OnHttpRefusal(leased.item(), RefusalReason(status), message);
  }
  if (IsRetryableError(status) || IsWebPage(status)) {
    return TryAgain(leased, RefusalReason(status), message,
                    absl::InfinitePast());
  }
  return GiveUp(leased.item(), RefusalReason(status), message);
}

// Failures of the answer are returned; those of the store stop the worker.
absl::Status IngestWorker::ParseAnswer(const LeaseResponse& leased,
                                       SiteAnswer answer) {
  const WorkItem& item = leased.item();
  const HttpHead& head = answer.stream->head();
  ItemSink sink(
      {tools_.frontier, tools_.appender, &counts_, tools_.images, options_.name,
       options_.limit, std::move(answer.consent_signals)},
      item, head);
  const absl::Status parsed = scraper_->Parse(item, *answer.stream, sink);
  const absl::Status flushed = sink.Flush();
  if (!flushed.ok()) {
    Stop(flushed);
    return flushed;
  }
  if (sink.limit_reached()) {
    return tools_.frontier->Defer(item, {.reason = "limit reached"});
  }
  RETURN_IF_ERROR(parsed);
  if (IsWebPage(sink.refused())) return sink.refused();
  {
    absl::MutexLock lock(&mu_);
    failures_in_a_row_ = 0;
    if (!sink.refused().ok()) {
      last_refusal_ = std::string(sink.refused().message());
    }
  }
  const absl::Status done =
      sink.refused().ok()
          ? tools_.frontier->Complete(item, sink.counts(), ValidatorsOf(head))
          : Refuse(item, RefusalReason(sink.refused()),
                   sink.refused().message(), sink.counts());
  if (!done.ok()) Stop(done);
  return done;
}

absl::Status IngestWorker::OnHttpError(const LeaseResponse& leased,
                                       const HttpHead& head) {
  const WorkItem& item = leased.item();
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
  const absl::Time now = absl::Now();
  const std::optional<absl::Time> after =
      ParseRetryAfter(head.Header("retry-after"), now);
  const absl::StatusOr<Url> url = ParseUrl(head.url);
  if (after && *after > now && url.ok()) {
    RETURN_IF_ERROR(site_.CloseHost(*url, *after - now));
  }
  return TryAgain(leased, reason, detail, after.value_or(absl::InfinitePast()));
}

// Final, unless it may be the address that is wrong and not the item: a web UI
// without its API or a mistyped base URL refuses everything.
absl::Status IngestWorker::OnHttpRefusal(const WorkItem& item,
                                         const std::string& reason,
                                         const std::string& detail) {
  ASSIGN_OR_RETURN(const SourceStatus status,
                   tools_.frontier->StatusOf(source_));
  const bool site_is_right = TotalAppended(status.counts()) > 0;
  counts_.AddRefused(reason);
  const absl::Status refused =
      site_is_right && item.kind() != FETCH_KIND_GENERATOR
          ? Refuse(item, reason, detail, OneRefused(reason))
          : tools_.frontier->Defer(item, Because(reason, detail));
  RETURN_IF_ERROR(refused);
  return CountFailure(detail);
}

absl::Status IngestWorker::TryAgain(const LeaseResponse& leased,
                                    const std::string& reason,
                                    const std::string& detail,
                                    absl::Time not_before) {
  const absl::Time now = absl::Now();
  absl::Time at;
  {
    absl::MutexLock lock(&mu_);
    const double jitter = std::uniform_real_distribution<>(0, 1)(random_);
    at = std::max(not_before,
                  now + BackoffDelay(leased.tries() + 1, options_.retry_base,
                                     kLongestBackoff, jitter));
  }
  if (leased.tries() + 1 < options_.max_tries &&
      at - now <= options_.longest_wait) {
    RETURN_IF_ERROR(tools_.frontier->Retry(leased.item(),
                                           Because(reason, detail, at - now)));
    return CountFailure(detail);
  }
  // Not refused for good: the next run tries it again.
  counts_.AddRefused(reason);
  RETURN_IF_ERROR(tools_.frontier->Defer(
      leased.item(), Because(reason, detail, std::max(now, not_before) - now)));
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
  const Setback why = Because(reason, detail);
  // A decoder may be slow because the machine is.
  if (item.kind() == FETCH_KIND_PAGE || item.kind() == FETCH_KIND_ARCHIVE ||
      reason == kDecoderTime) {
    return tools_.frontier->Defer(item, why);
  }
  return tools_.frontier->Fail(item, why, delta);
}

void IngestWorker::Stop(absl::Status why) {
  absl::MutexLock lock(&mu_);
  if (stopped_.ok()) stopped_ = std::move(why);
}

absl::Status IngestWorker::Result() {
  {
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(stopped_);
  }
  ASSIGN_OR_RETURN(const SourceStatus status,
                   tools_.frontier->StatusOf(source_));
  const SourceCounts& all = status.counts();
  const SourceCounts run = counts_.Get();
  if (TotalAppended(all) > 0 || TotalRefused(run) == 0) {
    return absl::OkStatus();
  }
  absl::MutexLock lock(&mu_);
  return absl::UnavailableError(
      absl::StrCat(source_, ": everything was refused (", FormatRefused(run),
                   "), the last one: ", last_refusal_));
}

int64_t IngestWorker::left() const {
  const absl::StatusOr<SourceStatus> status =
      tools_.frontier->StatusOf(source_);
  if (!status.ok()) return 0;
  const SourceCounts& so_far = status->counts();
  const int64_t queued = so_far.queued();
  if (options_.limit == 0) return queued;
  const int64_t wanted = options_.limit - TotalAppended(so_far);
  // One archive may hold all that is wanted.
  return std::max<int64_t>(0, queued > 1 ? std::min(wanted, queued) : wanted);
}

}  // namespace verso
