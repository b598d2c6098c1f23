#include "ingest/frontier/local_frontier.h"

#include <random>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "ingest/frontier/frontier_rows.h"

namespace verso {
namespace {

namespace rows = frontier_rows;

// Hard to guess, so that no client speaks for another by mistake.
std::string RandomSession() {
  std::random_device random;
  return absl::StrFormat("%08x%08x", random(), random());
}

}  // namespace

LocalFrontier::LocalFrontier(std::unique_ptr<KvStore> kv,
                             LocalFrontierOptions options)
    : kv_(std::move(kv)), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<LocalFrontier>> LocalFrontier::Open(
    const std::filesystem::path& dir, LocalFrontierOptions options) {
  std::error_code ignored;
  if (std::filesystem::exists(dir, ignored) &&
      !std::filesystem::is_empty(dir, ignored) &&
      !std::filesystem::exists(dir / "CURRENT", ignored)) {
    return absl::FailedPreconditionError(absl::StrCat(
        dir.string(),
        " holds other files and is no frontier; give another --frontier"));
  }
  absl::StatusOr<std::unique_ptr<KvStore>> kv = KvStore::Open(dir);
  if (absl::IsFailedPrecondition(kv.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the frontier ", dir.string(),
        " is in use by another process; if that is `ingest frontier`, give its "
        "--frontier=HOST:PORT, else wait for it or give another --frontier"));
  }
  RETURN_IF_ERROR(kv.status());
  std::unique_ptr<LocalFrontier> frontier(
      new LocalFrontier(*std::move(kv), std::move(options)));
  absl::MutexLock lock(&frontier->mu_);
  RETURN_IF_ERROR(frontier->CheckFormat(dir));
  RETURN_IF_ERROR(frontier->Load());
  RETURN_IF_ERROR(frontier->LoadLeases());
  return frontier;
}

absl::Status LocalFrontier::Write(const KvBatch& batch) {
  if (batch.empty()) return absl::OkStatus();
  return kv_->Write(batch, KvSync::kNo);
}

// ----- Opening

absl::Status LocalFrontier::CheckFormat(const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(const std::optional<std::string> format,
                   kv_->Get(rows::kVersion));
  if (format == rows::kFormat) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> row,
                   kv_->ScanPrefix(rows::kItems));
  if (row->Next()) {
    return absl::FailedPreconditionError(absl::StrCat(
        dir.string(),
        " is a frontier of another version; give another --frontier: what is "
        "in the store already will be seen as such"));
  }
  RETURN_IF_ERROR(row->status());
  KvBatch batch;
  batch.Put(rows::kVersion, rows::kFormat);
  return Write(batch);
}

absl::Status LocalFrontier::Load() {
  ASSIGN_OR_RETURN(std::unique_ptr<KvCursor> row,
                   kv_->ScanPrefix(rows::kSources));
  while (row->Next()) {
    const std::string source(absl::StripPrefix(row->key(), rows::kSources));
    ASSIGN_OR_RETURN(sources_[source].status,
                     rows::Parse<SourceStatus>(row->key(), row->value()));
  }
  RETURN_IF_ERROR(row->status());
  ASSIGN_OR_RETURN(row, kv_->ScanPrefix(rows::kHosts));
  while (row->Next()) {
    ASSIGN_OR_RETURN(const HostState state,
                     rows::Parse<HostState>(row->key(), row->value()));
    hosts_.Restore(std::string(absl::StripPrefix(row->key(), rows::kHosts)),
                   state);
  }
  RETURN_IF_ERROR(row->status());
  ASSIGN_OR_RETURN(row, kv_->ScanPrefix(rows::kSessions));
  KvBatch ended;
  while (row->Next()) {
    if (options_.session_lifetime == absl::InfiniteDuration()) {
      ended.Delete(row->key());
      continue;
    }
    const std::string session(absl::StripPrefix(row->key(), rows::kSessions));
    sessions_[session] = options_.now() + options_.session_lifetime;
  }
  RETURN_IF_ERROR(row->status());
  return Write(ended);
}

absl::Status LocalFrontier::LoadLeases() {
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> row,
                   kv_->ScanPrefix(rows::kLeases));
  std::set<std::string> dead;
  while (row->Next()) {
    const absl::string_view name = absl::StripPrefix(row->key(), rows::kLeases);
    const size_t slash = name.find('/');
    if (slash == absl::string_view::npos) continue;
    const std::string source(name.substr(0, slash));
    ASSIGN_OR_RETURN(ItemLease lease,
                     rows::Parse<ItemLease>(row->key(), row->value()));
    ASSIGN_OR_RETURN(std::optional<FrontierEntry> entry,
                     rows::Find<FrontierEntry>(
                         *kv_, rows::Item(source, name.substr(slash + 1))));
    if (!entry || entry->state() != ITEM_STATE_QUEUED) continue;
    if (!sessions_.contains(lease.session())) dead.insert(lease.session());
    sources_[source].queue.AddLease(*std::move(entry), std::move(lease));
  }
  RETURN_IF_ERROR(row->status());
  for (const std::string& session : dead) {
    RETURN_IF_ERROR(EndSession(session, /*died=*/true));
  }
  return absl::OkStatus();
}

// ----- Sessions

absl::StatusOr<OpenSessionResponse> LocalFrontier::OpenSession(
    const OpenSessionRequest& request) {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(ExpireSessions());
  const std::string session = RandomSession();
  WorkerSession row;
  row.set_worker(request.worker());
  KvBatch batch;
  batch.Put(rows::Session(session), row.SerializeAsString());
  RETURN_IF_ERROR(Write(batch));
  sessions_[session] = options_.now() + options_.session_lifetime;
  for (auto& [name, source] : sources_) source.queue.OfferDeferred();
  OpenSessionResponse response;
  response.set_session(session);
  response.set_lifetime_micros(
      absl::ToInt64Microseconds(options_.session_lifetime));
  return response;
}

absl::StatusOr<SessionResponse> LocalFrontier::KeepAlive(
    const SessionRequest& request) {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(CheckSession(request.session()));
  return SessionResponse();
}

absl::StatusOr<SessionResponse> LocalFrontier::CloseSession(
    const SessionRequest& request) {
  absl::MutexLock lock(&mu_);
  if (sessions_.contains(request.session())) {
    RETURN_IF_ERROR(EndSession(request.session(), /*died=*/false));
  }
  return SessionResponse();
}

// Any call of a session is a sign of life.
absl::Status LocalFrontier::CheckSession(const std::string& session) {
  RETURN_IF_ERROR(ExpireSessions());
  const auto it = sessions_.find(session);
  if (it == sessions_.end()) {
    return absl::NotFoundError(
        absl::StrCat("session ", session,
                     " of the frontier has ended: it was silent for too long; "
                     "open another one"));
  }
  it->second = options_.now() + options_.session_lifetime;
  return absl::OkStatus();
}

absl::Status LocalFrontier::ExpireSessions() {
  std::vector<std::string> silent;
  for (const auto& [session, expiry] : sessions_) {
    if (expiry < options_.now()) silent.push_back(session);
  }
  for (const std::string& session : silent) {
    RETURN_IF_ERROR(EndSession(session, /*died=*/true));
  }
  return absl::OkStatus();
}

absl::Status LocalFrontier::EndSession(const std::string& session, bool died) {
  KvBatch batch;
  batch.Delete(rows::Session(session));
  for (const auto& [name, source] : sources_) {
    for (const std::string& id : source.queue.LeasesOf(session)) {
      batch.Delete(rows::Lease(name, id));
      FrontierEntry entry = source.queue.FindLease(id)->entry;
      entry.set_tries(entry.tries() + (died ? 1 : 0));
      batch.Put(rows::Item(name, id), entry.SerializeAsString());
    }
  }
  RETURN_IF_ERROR(Write(batch));
  for (auto& [name, source] : sources_) {
    for (const std::string& id : source.queue.LeasesOf(session)) {
      FrontierEntry entry = source.queue.EndLease(id);
      entry.set_tries(entry.tries() + (died ? 1 : 0));
      source.queue.Offer(std::move(entry), options_.now(), /*first=*/true);
    }
  }
  sessions_.erase(session);
  return absl::OkStatus();
}

// ----- Notes and hosts

absl::StatusOr<PutNotesResponse> LocalFrontier::PutNotes(
    const PutNotesRequest& request) {
  KvBatch batch;
  for (const Note& note : request.note()) {
    batch.Put(rows::Note(request.scope(), note.key()), note.value());
  }
  RETURN_IF_ERROR(Write(batch));
  return PutNotesResponse();
}

absl::StatusOr<FindNoteResponse> LocalFrontier::FindNote(
    const FindNoteRequest& request) {
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   kv_->Get(rows::Note(request.scope(), request.key())));
  FindNoteResponse response;
  response.set_found(value.has_value());
  if (value) response.set_value(*std::move(value));
  return response;
}

absl::StatusOr<ReserveStartResponse> LocalFrontier::ReserveStart(
    const ReserveStartRequest& request) {
  absl::MutexLock lock(&mu_);
  const absl::Time now = options_.now();
  const ReservedStart reserved = hosts_.Reserve(
      request.authority(), absl::Microseconds(request.interval_micros()), now);
  // A start without an interval limits nobody after it.
  if (reserved.interval > absl::ZeroDuration()) {
    KvBatch batch;
    batch.Put(rows::Host(request.authority()),
              hosts_.StateOf(request.authority()).SerializeAsString());
    RETURN_IF_ERROR(Write(batch));
  }
  ReserveStartResponse response;
  response.set_wait_micros(absl::ToInt64Microseconds(reserved.start - now));
  response.set_interval_micros(absl::ToInt64Microseconds(reserved.interval));
  response.set_good_for_micros(absl::ToInt64Microseconds(reserved.good_for));
  return response;
}

absl::StatusOr<LimitHostResponse> LocalFrontier::LimitHost(
    const LimitHostRequest& request) {
  absl::MutexLock lock(&mu_);
  if (request.crawl_delay_micros() > 0) {
    hosts_.SetCrawlDelay(request.authority(),
                         absl::Microseconds(request.crawl_delay_micros()));
  }
  if (request.closed_for_micros() > 0) {
    hosts_.CloseUntil(
        request.authority(),
        options_.now() + absl::Microseconds(request.closed_for_micros()));
  }
  KvBatch batch;
  batch.Put(rows::Host(request.authority()),
            hosts_.StateOf(request.authority()).SerializeAsString());
  RETURN_IF_ERROR(Write(batch));
  return LimitHostResponse();
}

// ----- Status

absl::StatusOr<StatusResponse> LocalFrontier::GetStatus(const StatusRequest&) {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(ExpireSessions());
  StatusResponse response;
  response.set_sessions(static_cast<int64_t>(sessions_.size()));
  for (const auto& [name, source] : sources_) {
    SourceStatus& status = (*response.mutable_source())[name];
    status = source.status;
    status.set_leased(static_cast<int64_t>(source.queue.leased()));
  }
  return response;
}

}  // namespace verso
