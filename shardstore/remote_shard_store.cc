#include "shardstore/remote_shard_store.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/rpc_channel.h"
#include "shardstore/grpc_status.h"
#include "shardstore/message_parts.h"
#include "shardstore/progress_reader.h"

namespace verso {
namespace {

constexpr auto kCallTimeout = std::chrono::minutes(1);
constexpr auto kAppendTimeout = std::chrono::minutes(2);
constexpr auto kCreateSnapshotTimeout = std::chrono::minutes(30);

void SetTimeout(grpc::ClientContext& context, std::chrono::seconds timeout) {
  context.set_deadline(std::chrono::system_clock::now() + timeout);
}

// Thread use as RecordReader.
class RemoteRecordReader : public RecordReader {
 public:
  RemoteRecordReader(std::shared_ptr<ShardService::Stub> stub,
                     const RecordQuery& query, const std::string& address,
                     absl::Duration timeout)
      : stub_(std::move(stub)) {
    request_.mutable_query()->CopyFrom(query);
    const auto prepare = [this](grpc::ClientContext* context,
                                grpc::CompletionQueue* queue) {
      return stub_->PrepareAsyncQuery(context, request_, queue);
    };
    reader_.emplace(prepare, address, timeout);
  }

  // Asks for the first record already, so that a malformed query is seen.
  absl::Status Start() {
    first_.emplace(Fetch());
    const absl::Status status = first_->status();
    return absl::IsDataLoss(status) ? absl::OkStatus() : status;
  }

  absl::StatusOr<std::optional<Record>> Next() override {
    if (!first_.has_value()) return Fetch();
    absl::StatusOr<std::optional<Record>> first = *std::move(first_);
    first_.reset();
    return first;
  }

 private:
  absl::StatusOr<std::optional<Record>> Fetch() {
    while (!ended_) {
      absl::StatusOr<std::optional<RecordPart>> part = reader_->Next();
      ended_ = !part.ok() || !part->has_value();
      RETURN_IF_ERROR(part.status());
      if (ended_) break;
      if (!(*part)->damaged().empty()) {
        return absl::DataLossError((*part)->damaged());
      }
      ASSIGN_OR_RETURN(std::optional<Record> record,
                       assembler_.Add(**std::move(part)));
      if (record.has_value()) return record;
    }
    return std::nullopt;
  }

  const std::shared_ptr<ShardService::Stub> stub_;
  QueryRequest request_;
  std::optional<ProgressReader<RecordPart>> reader_;
  RecordAssembler assembler_;
  std::optional<absl::StatusOr<std::optional<Record>>> first_;
  bool ended_ = false;
};

}  // namespace

RemoteShardStore::RemoteShardStore(std::string address,
                                   const RemoteStoreOptions& options,
                                   std::shared_ptr<ShardService::Stub> stub)
    : address_(std::move(address)), options_(options), stub_(std::move(stub)) {}

absl::StatusOr<std::unique_ptr<RemoteShardStore>> RemoteShardStore::Connect(
    absl::string_view address, const RemoteStoreOptions& options) {
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   ConnectRpc(StorePeer(address), options.connect_timeout));
  return std::unique_ptr<RemoteShardStore>(new RemoteShardStore(
      std::string(address), options, ShardService::NewStub(channel)));
}

absl::StatusOr<std::vector<AppendedRecord>> RemoteShardStore::Append(
    absl::Span<const Record> records) {
  grpc::ClientContext context;
  SetTimeout(context, kAppendTimeout);
  AppendResponse response;
  const auto writer = stub_->Append(&context, &response);
  const auto write = [&](const RecordPart& part) {
    return writer->Write(part);
  };
  for (const Record& record : records) {
    if (!SendRecord(record, write)) break;  // Finish() says why.
  }
  writer->WritesDone();
  RETURN_IF_ERROR(FromGrpcStatus(writer->Finish(), address_));
  if (static_cast<size_t>(response.record_size()) != records.size()) {
    return absl::InternalError(absl::StrCat(
        "the store server ", address_, " answered for ", response.record_size(),
        " of ", records.size(), " records"));
  }
  return std::vector<AppendedRecord>(response.record().begin(),
                                     response.record().end());
}

absl::Status RemoteShardStore::Judge(absl::Span<const Judgement> judgements) {
  grpc::ClientContext context;
  SetTimeout(context, kAppendTimeout);
  JudgeResponse response;
  const auto writer = stub_->Judge(&context, &response);
  for (const Judgement& judgement : judgements) {
    if (!writer->Write(judgement)) break;  // Finish() says why.
  }
  writer->WritesDone();
  return FromGrpcStatus(writer->Finish(), address_);
}

absl::StatusOr<std::unique_ptr<RecordReader>> RemoteShardStore::Query(
    const RecordQuery& query) {
  auto reader = std::make_unique<RemoteRecordReader>(
      stub_, query, address_, options_.stream.progress_timeout);
  RETURN_IF_ERROR(reader->Start());
  return reader;
}

absl::StatusOr<SnapshotInfo> RemoteShardStore::CreateSnapshot(
    const DatasetRecipe& recipe) {
  grpc::ClientContext context;
  SetTimeout(context, kCreateSnapshotTimeout);
  CreateSnapshotRequest request;
  *request.mutable_recipe() = recipe;
  SnapshotResponse response;
  RETURN_IF_ERROR(FromGrpcStatus(
      stub_->CreateSnapshot(&context, request, &response), address_));
  return std::move(*response.mutable_info());
}

absl::StatusOr<SnapshotInfo> RemoteShardStore::GetSnapshot(
    absl::string_view id) {
  grpc::ClientContext context;
  SetTimeout(context, kCallTimeout);
  SnapshotRequest request;
  request.set_id(std::string(id));
  SnapshotResponse response;
  RETURN_IF_ERROR(FromGrpcStatus(
      stub_->GetSnapshot(&context, request, &response), address_));
  return std::move(*response.mutable_info());
}

absl::StatusOr<std::vector<SnapshotInfo>> RemoteShardStore::ListSnapshots() {
  grpc::ClientContext context;
  SetTimeout(context, kCallTimeout);
  ListSnapshotsResponse response;
  RETURN_IF_ERROR(FromGrpcStatus(
      stub_->ListSnapshots(&context, ListSnapshotsRequest(), &response),
      address_));
  return std::vector<SnapshotInfo>(response.info().begin(),
                                   response.info().end());
}

absl::StatusOr<std::vector<SampleRow>> RemoteShardStore::ReadSampleTable(
    absl::string_view snapshot_id) {
  SnapshotFileRequest request;
  request.set_id(std::string(snapshot_id));
  const auto prepare = [&](grpc::ClientContext* context,
                           grpc::CompletionQueue* queue) {
    return stub_->PrepareAsyncReadSamplesCsv(context, request, queue);
  };
  ProgressReader<FilePart> reader(prepare, address_,
                                  options_.stream.progress_timeout);
  std::string csv;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<FilePart> part, reader.Next());
    if (!part.has_value()) return SamplesFromCsv(csv);
    csv.append(part->bytes());
  }
}

absl::StatusOr<std::unique_ptr<SampleStream>> RemoteShardStore::StreamSamples(
    const SampleStreamOptions& options) {
  auto stream = std::make_unique<RemoteSampleStream>(stub_, address_, options,
                                                     options_.stream);
  RETURN_IF_ERROR(stream->Start());
  return stream;
}

absl::Status RemoteShardStore::AddLinks(absl::Span<const WorkLink> links) {
  grpc::ClientContext context;
  SetTimeout(context, kCallTimeout);
  AddLinksRequest request;
  request.mutable_link()->Assign(links.begin(), links.end());
  AddLinksResponse response;
  return FromGrpcStatus(stub_->AddLinks(&context, request, &response),
                        address_);
}

absl::StatusOr<std::vector<WorkLink>> RemoteShardStore::ReadLinks() {
  const auto prepare = [&](grpc::ClientContext* context,
                           grpc::CompletionQueue* queue) {
    return stub_->PrepareAsyncReadLinks(context, ReadLinksRequest(), queue);
  };
  ProgressReader<ReadLinksPart> reader(prepare, address_,
                                       options_.stream.progress_timeout);
  std::vector<WorkLink> links;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<ReadLinksPart> part, reader.Next());
    if (!part.has_value()) return links;
    links.insert(links.end(), part->link().begin(), part->link().end());
  }
}

}  // namespace verso
