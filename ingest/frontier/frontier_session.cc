#include "ingest/frontier/frontier_session.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/message_limit.h"

namespace verso {
namespace {

constexpr absl::Duration kLongestSilence = absl::Minutes(1);
constexpr size_t kMaxPartBytes = kMaxMessageBytes / 2;
constexpr int kMaxPartItems = 1000;

SettleRequest Because(ItemOutcome outcome, const Setback& why) {
  SettleRequest request;
  request.set_outcome(outcome);
  request.set_reason(why.reason);
  request.set_detail(why.detail);
  request.set_retry_in_micros(
      std::max<int64_t>(0, absl::ToInt64Microseconds(why.retry_in)));
  return request;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FrontierSession>> FrontierSession::Open(
    Frontier* frontier, std::string worker) {
  std::unique_ptr<FrontierSession> session(
      new FrontierSession(frontier, std::move(worker)));
  RETURN_IF_ERROR(session->OpenAnother());
  session->alive_ = std::thread([self = session.get()] { self->StayAlive(); });
  return session;
}

FrontierSession::~FrontierSession() {
  ended_.Notify();
  if (alive_.joinable()) alive_.join();
  SessionRequest request;
  request.set_session(session());
  // It expires by itself when this cannot be said.
  if (!request.session().empty()) {
    frontier_->CloseSession(request).status().IgnoreError();
  }
}

absl::Status FrontierSession::OpenAnother() {
  OpenSessionRequest request;
  request.set_worker(worker_);
  ASSIGN_OR_RETURN(const OpenSessionResponse response,
                   frontier_->OpenSession(request));
  absl::MutexLock lock(&mu_);
  session_ = response.session();
  lifetime_ = absl::Microseconds(response.lifetime_micros());
  return absl::OkStatus();
}

std::string FrontierSession::session() const {
  absl::MutexLock lock(&mu_);
  return session_;
}

absl::Duration FrontierSession::KeepAlivePause() const {
  absl::MutexLock lock(&mu_);
  return std::min(lifetime_ / 3, kLongestSilence);
}

void FrontierSession::StayAlive() {
  while (!ended_.WaitForNotificationWithTimeout(KeepAlivePause())) {
    SessionRequest request;
    request.set_session(session());
    // A session that has ended is replaced by the next lease.
    frontier_->KeepAlive(request).status().IgnoreError();
  }
}

absl::StatusOr<int64_t> FrontierSession::Add(absl::Span<const WorkItem> items) {
  int64_t added = 0;
  size_t bytes = 0;
  AddItemsRequest request;
  const auto send = [&]() -> absl::Status {
    if (request.item().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const AddItemsResponse response,
                     frontier_->AddItems(request));
    added += response.added();
    request.Clear();
    bytes = 0;
    return absl::OkStatus();
  };
  for (const WorkItem& item : items) {
    bytes += item.ByteSizeLong();
    if (bytes > kMaxPartBytes || request.item_size() >= kMaxPartItems) {
      RETURN_IF_ERROR(send());
      bytes = item.ByteSizeLong();
    }
    *request.add_item() = item;
  }
  RETURN_IF_ERROR(send());
  return added;
}

absl::StatusOr<LeaseResponse> FrontierSession::Lease(LeaseRequest request) {
  request.set_session(session());
  absl::StatusOr<LeaseResponse> response = frontier_->Lease(request);
  if (!absl::IsNotFound(response.status())) return response;
  if (request.session() == session()) RETURN_IF_ERROR(OpenAnother());
  request.set_session(session());
  return frontier_->Lease(request);
}

absl::Status FrontierSession::Settle(const WorkItem& item,
                                     SettleRequest request) {
  request.set_session(session());
  request.set_source(item.source());
  request.set_item_id(item.id());
  return frontier_->Settle(request).status();
}

absl::Status FrontierSession::Complete(const WorkItem& item,
                                       const SourceCounts& delta,
                                       const Validators& validators) {
  SettleRequest request;
  request.set_outcome(ITEM_OUTCOME_DONE);
  *request.mutable_delta() = delta;
  request.set_etag(validators.etag);
  request.set_last_modified(validators.last_modified);
  return Settle(item, std::move(request));
}

absl::Status FrontierSession::Fail(const WorkItem& item, const Setback& why,
                                   const SourceCounts& delta) {
  SettleRequest request = Because(ITEM_OUTCOME_REFUSED, why);
  *request.mutable_delta() = delta;
  return Settle(item, std::move(request));
}

absl::Status FrontierSession::Retry(const WorkItem& item, const Setback& why) {
  return Settle(item, Because(ITEM_OUTCOME_RETRY, why));
}

absl::Status FrontierSession::Defer(const WorkItem& item, const Setback& why) {
  return Settle(item, Because(ITEM_OUTCOME_DEFERRED, why));
}

absl::Status FrontierSession::MarkDone(const std::string& source,
                                       absl::Span<const std::string> ids,
                                       const SourceCounts& delta) {
  MarkItemsRequest request;
  request.set_source(source);
  request.set_state(ITEM_STATE_DONE);
  for (const std::string& id : ids) request.add_item_id(id);
  *request.mutable_delta() = delta;
  return frontier_->MarkItems(request).status();
}

absl::StatusOr<bool> FrontierSession::MarkRefused(const std::string& source,
                                                  absl::string_view id,
                                                  absl::string_view reason) {
  MarkItemsRequest request;
  request.set_source(source);
  request.set_state(ITEM_STATE_FAILED);
  request.set_reason(std::string(reason));
  request.add_item_id(std::string(id));
  ASSIGN_OR_RETURN(const MarkItemsResponse response,
                   frontier_->MarkItems(request));
  return response.marked() > 0;
}

absl::StatusOr<std::vector<bool>> FrontierSession::FindFinished(
    const std::string& source, absl::Span<const std::string> ids) {
  FindFinishedRequest request;
  request.set_source(source);
  for (const std::string& id : ids) request.add_item_id(id);
  ASSIGN_OR_RETURN(const FindFinishedResponse response,
                   frontier_->FindFinished(request));
  if (static_cast<size_t>(response.finished_size()) != ids.size()) {
    return absl::InternalError(
        "the frontier answered for another number of "
        "items");
  }
  return std::vector<bool>(response.finished().begin(),
                           response.finished().end());
}

absl::Status FrontierSession::PutNotes(const std::string& scope,
                                       std::vector<Note> notes) {
  PutNotesRequest request;
  request.set_scope(scope);
  for (Note& note : notes) *request.add_note() = std::move(note);
  return frontier_->PutNotes(request).status();
}

absl::StatusOr<std::optional<std::string>> FrontierSession::FindNote(
    const std::string& scope, absl::string_view key) {
  FindNoteRequest request;
  request.set_scope(scope);
  request.set_key(std::string(key));
  ASSIGN_OR_RETURN(FindNoteResponse response, frontier_->FindNote(request));
  if (!response.found()) return std::nullopt;
  return std::move(*response.mutable_value());
}

absl::StatusOr<ReserveStartResponse> FrontierSession::ReserveStart(
    const std::string& authority, absl::Duration interval) {
  ReserveStartRequest request;
  request.set_authority(authority);
  request.set_interval_micros(absl::ToInt64Microseconds(interval));
  return frontier_->ReserveStart(request);
}

absl::Status FrontierSession::SetCrawlDelay(const std::string& authority,
                                            absl::Duration delay) {
  LimitHostRequest request;
  request.set_authority(authority);
  request.set_crawl_delay_micros(absl::ToInt64Microseconds(delay));
  return frontier_->LimitHost(request).status();
}

absl::Status FrontierSession::CloseHost(const std::string& authority,
                                        absl::Duration time) {
  LimitHostRequest request;
  request.set_authority(authority);
  request.set_closed_for_micros(absl::ToInt64Microseconds(time));
  return frontier_->LimitHost(request).status();
}

absl::StatusOr<int64_t> FrontierSession::Requeue(const std::string& source,
                                                 absl::Duration age) {
  RequeueRequest request;
  request.set_source(source);
  request.set_older_than_micros(absl::ToInt64Microseconds(age));
  ASSIGN_OR_RETURN(const RequeueResponse response, frontier_->Requeue(request));
  return response.queued();
}

absl::StatusOr<SourceStatus> FrontierSession::StatusOf(
    const std::string& source) {
  ASSIGN_OR_RETURN(StatusResponse response,
                   frontier_->GetStatus(StatusRequest()));
  return std::move((*response.mutable_source())[source]);
}

}  // namespace verso
