#include "ingest/ingest.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "common/base/paths.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/http/http_fetcher.h"
#include "common/http/url.h"
#include "common/image/sandbox/image_sandbox.h"
#include "common/rpc/server_address.h"
#include "ingest/frontier/frontier.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/frontier/frontier_status.h"
#include "ingest/frontier/source_counts.h"
#include "ingest/group_appender.h"
#include "ingest/ingest_metrics.h"
#include "ingest/ingest_worker.h"
#include "ingest/record_completer.h"
#include "ingest/run_counts.h"

namespace verso {
namespace {

double RunRate(const SourceCounts& counts, absl::Duration time) {
  return static_cast<double>(counts.fetched()) /
         std::max(absl::ToDoubleSeconds(time), 1e-3);
}

// One source on its way.
struct Job {
  Source source;
  std::unique_ptr<IngestWorker> worker;
  absl::Notification done;
  absl::Time start;
  SourceResult result;
  ProgressLine progress;

  std::string name() const { return source.scraper->source(); }

  std::string Line() const {
    const SourceCounts counts = worker->counts();
    const int64_t left = worker->left();
    std::string line =
        absl::StrFormat("%s: %s, %.1f images/s", name(), FormatCounts(counts),
                        RunRate(counts, absl::Now() - start));
    // One item left is a listing or an archive: it may hold anything.
    if (left > 1) {
      absl::StrAppend(
          &line, ", left ~",
          FormatTimeLeft(static_cast<double>(counts.fetched()),
                         static_cast<double>(counts.fetched() + left), start));
    }
    return line;
  }
};
using Jobs = std::vector<std::unique_ptr<Job>>;

absl::StatusOr<Jobs> MakeJobs(const IngestOptions& options) {
  Jobs jobs;
  for (const std::string& name : options.sources) {
    auto job = std::make_unique<Job>();
    ASSIGN_OR_RETURN(job->source,
                     MakeSource(name, options.urls, options.choices));
    for (const auto& other : jobs) {
      if (other->name() == name) {
        return absl::InvalidArgumentError(
            absl::StrCat("source ", name, " is named twice"));
      }
    }
    jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return absl::InvalidArgumentError("no source is named");
  return jobs;
}

absl::Status CheckUrls(const Job& job, const std::string& contact) {
  for (const std::string& base : job.source.base_urls) {
    ASSIGN_OR_RETURN(const Url url, ParseUrl(base));
    if (contact.empty() && !IsLoopbackHost(url.host)) {
      return absl::InvalidArgumentError(absl::StrCat(
          job.name(), " would be fetched from ", url.host,
          ": give --contact=URL_OR_ADDRESS, by which its owner can reach you, "
          "or another --",
          job.name(), "_url"));
    }
  }
  return absl::OkStatus();
}

WorkerOptions OptionsOf(const Job& job, const IngestOptions& options) {
  WorkerOptions worker;
  worker.name = ThisWorker();
  worker.base_urls = job.source.base_urls;
  worker.parallel = job.source.one_at_a_time ? 1 : options.parallel;
  worker.limit = options.limit;
  worker.host_interval =
      options.host_interval.value_or(job.source.host_interval);
  worker.retry_base = options.retry_base;
  worker.recrawl_after = options.recrawl_after;
  return worker;
}

// Whether a base URL is the user's choice, and not a public site's own. Only
// such a host may have an address that is not public: DNS is not to be trusted
// that www.wga.hu lies in this network.
bool IsChosen(const std::string& base) {
  const SiteUrls sites;
  for (const std::string& site :
       {sites.wga, sites.artbench, sites.lexica, sites.lexica_image,
        sites.dalle, sites.dalle_image}) {
    if (base == site) return false;
  }
  return true;
}

// One decoder per thread that can use it, as far as there are cores.
absl::StatusOr<std::unique_ptr<ImageSandbox>> MakeImageSandbox(
    const Jobs& jobs, const IngestOptions& options) {
  int threads = 0;
  for (const auto& job : jobs) threads += OptionsOf(*job, options).parallel;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return ImageSandbox::Create({.limits = LimitsForPixels(options.max_pixels),
                               .decoders = std::clamp(cores, 1, threads),
                               .header_only = !options.decode});
}

// The jobs that give the records which `job` starts from.
std::vector<Job*> JobsBefore(const Job& job, const Jobs& jobs) {
  std::vector<Job*> before;
  const std::optional<RecordQuery> query = job.source.scraper->DerivesFrom();
  if (!query) return before;
  for (const auto& other : jobs) {
    const auto& names = query->source();
    if (std::find(names.begin(), names.end(), other->name()) != names.end()) {
      before.push_back(other.get());
    }
  }
  return before;
}

void RunJob(Job& job, const std::vector<Job*>& before) {
  for (const Job* other : before) {
    if (other->done.HasBeenNotified()) continue;
    absl::FPrintF(stderr, "%s: waits for %s, whose records it starts from\n",
                  job.name(), other->name());
    other->done.WaitForNotification();
  }
  job.start = absl::Now();
  job.result.status = job.worker->Run();
  job.result.source = job.name();
  job.result.counts = job.worker->counts();
  job.result.time = absl::Now() - job.start;
  job.done.Notify();
}

void ShowProgress(const Jobs& jobs) {
  std::vector<Job*> open;
  for (const auto& job : jobs) open.push_back(job.get());
  size_t turn = 0;
  while (!open.empty()) {
    Job& job = *open[turn++ % open.size()];
    const bool done =
        job.done.WaitForNotificationWithTimeout(absl::Milliseconds(200));
    if (!done) {
      if (job.worker->counts().fetched() > 0) job.progress.Update(job.Line());
      continue;
    }
    job.progress.Finish(absl::StrCat(job.name(), ": ",
                                     FormatCounts(job.result.counts), " in ",
                                     HumanDuration(job.result.time)));
    open.erase(std::find(open.begin(), open.end(), &job));
  }
}

// For people who wonder who holds a lease.
std::string SessionName() {
  return absl::StrCat(ThisWorker().worker, " process ", getpid());
}

// Sources by name; the time left is a guess from the rate of the last minute.
std::string FormatTable(const StatusResponse& status, absl::Time now) {
  std::string table = absl::StrFormat(
      "%-10s %8s %8s %8s %9s %11s %9s %8s %9s %10s  %s\n", "source", "queued",
      "leased", "stored", "duplicate", "quarantined", "unchanged", "refused",
      "images/s", "time left", "why");
  const std::map<std::string, SourceStatus> sources(status.source().begin(),
                                                    status.source().end());
  for (const auto& [name, source] : sources) {
    const SourceCounts& counts = source.counts();
    const double rate = ImagesPerSecond(source, now);
    const int64_t queued = counts.queued() - source.leased();
    const std::string left =
        rate == 0 || counts.queued() == 0
            ? "-"
            : HumanDuration(
                  absl::Seconds(static_cast<double>(counts.queued()) / rate));
    absl::StrAppendFormat(
        &table, "%-10s %8d %8d %8d %9d %11d %9d %8d %9.1f %10s  %s\n", name,
        std::max<int64_t>(queued, 0), source.leased(), counts.stored(),
        counts.duplicate(), counts.quarantined(), counts.unchanged(),
        TotalRefused(counts), rate, left, FormatRefused(counts));
  }
  absl::StrAppendFormat(&table, "%d worker%s at work\n", status.sessions(),
                        status.sessions() == 1 ? "" : "s");
  return table;
}

}  // namespace

absl::Status CheckOptions(const IngestOptions& options) {
  if (options.limit < 0) {
    return absl::InvalidArgumentError("the limit must not be negative");
  }
  if (options.parallel < 1 || options.parallel > 256) {
    return absl::InvalidArgumentError("parallel must lie in 1..256");
  }
  RETURN_IF_ERROR(CheckImageSandboxOptions(
      {.limits = LimitsForPixels(options.max_pixels)}));
  if (options.recrawl_after < absl::ZeroDuration() ||
      options.retry_base < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        "retry_base and recrawl_after must not be negative");
  }
  if (!options.metrics.empty() && !ParseHostPort(options.metrics)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot serve metrics on \"",
                                                   options.metrics,
                                                   "\": it must be HOST:PORT"));
  }
  ASSIGN_OR_RETURN(const Jobs jobs, MakeJobs(options));
  for (const auto& job : jobs) {
    RETURN_IF_ERROR(CheckUrls(*job, options.contact));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SourceResult>> RunIngest(
    const IngestOptions& options, ShardStore& store) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const Jobs jobs, MakeJobs(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<Frontier> frontier,
                   OpenFrontier(options.frontier));
  ASSIGN_OR_RETURN(const std::unique_ptr<FrontierSession> session,
                   FrontierSession::Open(frontier.get(), SessionName()));
  std::unique_ptr<MetricsServer> metrics;
  if (!options.metrics.empty()) {
    ASSIGN_OR_RETURN(metrics, ServeMetrics(*frontier, options.metrics));
  }
  HttpFetcherOptions http;
  http.contact = options.contact;
  for (const auto& job : jobs) {
    for (const std::string& base : job->source.base_urls) {
      if (IsChosen(base)) http.base_urls.push_back(base);
    }
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpFetcher> fetcher,
                   HttpFetcher::Create(std::move(http)));
  ASSIGN_OR_RETURN(const std::unique_ptr<ImageSandbox> images,
                   MakeImageSandbox(jobs, options));
  GroupAppender appender(&store);
  std::vector<std::thread> threads;
  for (const auto& job : jobs) {
    job->worker = std::make_unique<IngestWorker>(
        job->source.scraper.get(),
        WorkerTools{session.get(), fetcher.get(), &store, &appender,
                    images.get()},
        OptionsOf(*job, options));
  }
  for (const auto& job : jobs) {
    threads.emplace_back([&, before = JobsBefore(*job, jobs), job = job.get()] {
      RunJob(*job, before);
    });
  }
  ShowProgress(jobs);
  for (std::thread& thread : threads) thread.join();
  std::vector<SourceResult> results;
  for (const auto& job : jobs) results.push_back(std::move(job->result));
  return results;
}

std::string FormatResults(const std::vector<SourceResult>& results) {
  std::string table = absl::StrFormat(
      "%-10s %8s %8s %9s %11s %8s %9s  %s\n", "source", "fetched", "stored",
      "duplicate", "quarantined", "refused", "images/s", "why");
  for (const SourceResult& result : results) {
    const SourceCounts& counts = result.counts;
    absl::StrAppendFormat(&table, "%-10s %8d %8d %9d %11d %8d %9.1f  %s\n",
                          result.source, counts.fetched(), counts.stored(),
                          counts.duplicate(), counts.quarantined(),
                          TotalRefused(counts), RunRate(counts, result.time),
                          FormatRefused(counts));
  }
  return table;
}

absl::StatusOr<std::string> FormatStatus(const std::string& location) {
  StatusResponse status;
  if (IsServerAddress(location)) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Frontier> frontier,
                     OpenFrontier(location));
    ASSIGN_OR_RETURN(status, frontier->GetStatus(StatusRequest()));
  } else {
    absl::StatusOr<StatusResponse> read =
        ReadFrontierStatus(ResolveUserPath(location));
    if (absl::IsNotFound(read.status())) {
      return absl::NotFoundError(
          absl::StrCat("there is no frontier in ", location,
                       ": nothing was ingested yet with it, see --frontier"));
    }
    ASSIGN_OR_RETURN(status, std::move(read));
  }
  return FormatTable(status, absl::Now());
}

}  // namespace verso
