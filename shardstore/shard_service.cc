#include "shardstore/shard_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "shardstore/grpc_status.h"
#include "shardstore/message_parts.h"

namespace verso {
namespace {

// What one Append call may hold in memory.
constexpr size_t kMaxAppendBytes = size_t{256} << 20;
constexpr size_t kMaxJudgeBytes = size_t{64} << 20;
constexpr int kLinksInPart = 4096;  // Some 100 bytes each.

absl::Status ClientIsGone() {
  return absl::CancelledError("the client is gone");
}

absl::Status Stopping() {
  return absl::UnavailableError("the server is stopping");
}

SampleStreamOptions OptionsOf(const StreamSamplesRequest& request) {
  SampleStreamOptions options;
  options.snapshot = request.snapshot();
  options.split = request.split();
  options.seed = request.seed();
  options.epochs = request.epochs();
  options.rank = request.rank();
  options.world_size = request.world_size();
  options.global_batch = request.global_batch();
  options.cursor = request.cursor();
  options.shuffle = request.shuffle();
  return options;
}

absl::StatusOr<std::vector<Record>> ReceiveRecords(
    grpc::ServerReader<RecordPart>& reader) {
  std::vector<Record> records;
  RecordAssembler assembler;
  size_t bytes = 0;
  for (RecordPart part; reader.Read(&part); part = RecordPart()) {
    bytes += part.ByteSizeLong();
    if (bytes > kMaxAppendBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("one Append has more than ", kMaxAppendBytes >> 20,
                       " MiB: use several"));
    }
    ASSIGN_OR_RETURN(std::optional<Record> record,
                     assembler.Add(std::move(part)));
    if (record.has_value()) records.push_back(*std::move(record));
  }
  if (!assembler.idle()) {
    return absl::InvalidArgumentError("the last record is cut short");
  }
  return records;
}

absl::StatusOr<std::vector<Judgement>> ReceiveJudgements(
    grpc::ServerReader<Judgement>& reader) {
  std::vector<Judgement> judgements;
  size_t bytes = 0;
  for (Judgement judgement; reader.Read(&judgement);) {
    bytes += judgement.ByteSizeLong();
    if (bytes > kMaxJudgeBytes) {
      return absl::InvalidArgumentError(absl::StrCat("one Judge has more than ",
                                                     kMaxJudgeBytes >> 20,
                                                     " MiB: use several"));
    }
    judgements.push_back(std::move(judgement));
  }
  return judgements;
}

absl::Status SendRecords(RecordReader& records,
                         const std::atomic<bool>& stopping,
                         grpc::ServerWriter<RecordPart>& writer) {
  const auto write = [&](const RecordPart& part) { return writer.Write(part); };
  while (true) {
    if (stopping) return Stopping();
    const absl::StatusOr<std::optional<Record>> record = records.Next();
    if (absl::IsDataLoss(record.status())) {
      RecordPart part;
      part.set_damaged(std::string(record.status().message()));
      if (!writer.Write(part)) return ClientIsGone();
      continue;
    }
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) return absl::OkStatus();
    if (!SendRecord(**record, write)) return ClientIsGone();
  }
}

absl::Status SendSamples(SampleStream& stream,
                         const std::atomic<bool>& stopping,
                         grpc::ServerWriter<SampleBatchPart>& writer) {
  const auto write = [&](const SampleBatchPart& part) {
    return !stopping && writer.Write(part);
  };
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<SampleBatch> batch, stream.Next());
    if (!batch.has_value()) {
      SampleBatchPart end;
      end.set_end_of_stream(true);
      return write(end) ? absl::OkStatus() : ClientIsGone();
    }
    if (!SendBatch(*batch, write)) {
      return stopping ? Stopping() : ClientIsGone();
    }
  }
}

absl::Status SendBytes(absl::string_view bytes,
                       grpc::ServerWriter<FilePart>& writer) {
  FilePart part;
  while (!bytes.empty()) {
    part.set_bytes(std::string(bytes.substr(0, kPartBytes)));
    if (!writer.Write(part)) return ClientIsGone();
    bytes.remove_prefix(part.bytes().size());
  }
  return absl::OkStatus();
}

}  // namespace

grpc::Status ShardServiceImpl::Append(grpc::ServerContext*,
                                      grpc::ServerReader<RecordPart>* reader,
                                      AppendResponse* response) {
  const absl::StatusOr<std::vector<Record>> records = ReceiveRecords(*reader);
  if (!records.ok()) return ToGrpcStatus(records.status());
  const absl::StatusOr<std::vector<AppendedRecord>> outcomes =
      store_->Append(*records);
  if (!outcomes.ok()) return ToGrpcStatus(outcomes.status());
  response->mutable_record()->Assign(outcomes->begin(), outcomes->end());
  return grpc::Status::OK;
}

grpc::Status ShardServiceImpl::Judge(grpc::ServerContext* context,
                                     grpc::ServerReader<Judgement>* reader,
                                     JudgeResponse*) {
  const absl::StatusOr<std::vector<Judgement>> judgements =
      ReceiveJudgements(*reader);
  if (!judgements.ok()) return ToGrpcStatus(judgements.status());
  // A client that was cut off in the middle asked for all or none.
  if (context->IsCancelled()) return ToGrpcStatus(ClientIsGone());
  return ToGrpcStatus(store_->Judge(*judgements));
}

grpc::Status ShardServiceImpl::Query(grpc::ServerContext*,
                                     const QueryRequest* request,
                                     grpc::ServerWriter<RecordPart>* writer) {
  const auto records = store_->Query(request->query());
  if (!records.ok()) return ToGrpcStatus(records.status());
  return ToGrpcStatus(SendRecords(**records, stopping_, *writer));
}

grpc::Status ShardServiceImpl::CreateSnapshot(
    grpc::ServerContext*, const CreateSnapshotRequest* request,
    SnapshotResponse* response) {
  absl::StatusOr<SnapshotInfo> info = store_->CreateSnapshot(request->recipe());
  if (!info.ok()) return ToGrpcStatus(info.status());
  *response->mutable_info() = *std::move(info);
  return grpc::Status::OK;
}

grpc::Status ShardServiceImpl::GetSnapshot(grpc::ServerContext*,
                                           const SnapshotRequest* request,
                                           SnapshotResponse* response) {
  absl::StatusOr<SnapshotInfo> info = store_->GetSnapshot(request->id());
  if (!info.ok()) return ToGrpcStatus(info.status());
  *response->mutable_info() = *std::move(info);
  return grpc::Status::OK;
}

grpc::Status ShardServiceImpl::ListSnapshots(grpc::ServerContext*,
                                             const ListSnapshotsRequest*,
                                             ListSnapshotsResponse* response) {
  const absl::StatusOr<std::vector<SnapshotInfo>> infos =
      store_->ListSnapshots();
  if (!infos.ok()) return ToGrpcStatus(infos.status());
  response->mutable_info()->Assign(infos->begin(), infos->end());
  return grpc::Status::OK;
}

grpc::Status ShardServiceImpl::ReadSamplesCsv(
    grpc::ServerContext*, const SnapshotFileRequest* request,
    grpc::ServerWriter<FilePart>* writer) {
  const absl::StatusOr<std::vector<SampleRow>> rows =
      store_->ReadSampleTable(request->id());
  if (!rows.ok()) return ToGrpcStatus(rows.status());
  return ToGrpcStatus(SendBytes(SamplesToCsv(*rows), *writer));
}

grpc::Status ShardServiceImpl::StreamSamples(
    grpc::ServerContext*, const StreamSamplesRequest* request,
    grpc::ServerWriter<SampleBatchPart>* writer) {
  const auto stream = store_->StreamSamples(OptionsOf(*request));
  if (!stream.ok()) return ToGrpcStatus(stream.status());
  return ToGrpcStatus(SendSamples(**stream, stopping_, *writer));
}

grpc::Status ShardServiceImpl::AddLinks(grpc::ServerContext*,
                                        const AddLinksRequest* request,
                                        AddLinksResponse*) {
  return ToGrpcStatus(store_->AddLinks(
      std::vector<WorkLink>(request->link().begin(), request->link().end())));
}

grpc::Status ShardServiceImpl::ReadLinks(
    grpc::ServerContext*, const ReadLinksRequest*,
    grpc::ServerWriter<ReadLinksPart>* writer) {
  const absl::StatusOr<std::vector<WorkLink>> links = store_->ReadLinks();
  if (!links.ok()) return ToGrpcStatus(links.status());
  ReadLinksPart part;
  for (size_t i = 0; i < links->size(); ++i) {
    *part.add_link() = (*links)[i];
    const bool is_full = part.link_size() == kLinksInPart;
    if (!is_full && i + 1 < links->size()) continue;
    if (!writer->Write(part)) return ToGrpcStatus(ClientIsGone());
    part.clear_link();
  }
  return grpc::Status::OK;
}

}  // namespace verso
