#ifndef VERSO_SHARDSTORE_SHARD_SERVICE_H_
#define VERSO_SHARDSTORE_SHARD_SERVICE_H_

#include <atomic>

#include "proto/shard_service.grpc.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

// A ShardStore over gRPC: no logic of its own but cutting records and batches
// into parts (message_parts.h). Thread-safe.
class ShardServiceImpl final : public ShardService::Service {
 public:
  // `store` is not owned and must outlive the service.
  explicit ShardServiceImpl(ShardStore* store) : store_(store) {}

  // Ends every stream with UNAVAILABLE at its next message: clients go on
  // elsewhere, or here once a server is back.
  void BeginShutdown() { stopping_ = true; }

  grpc::Status Append(grpc::ServerContext* context,
                      grpc::ServerReader<RecordPart>* reader,
                      AppendResponse* response) override;
  grpc::Status Judge(grpc::ServerContext* context,
                     grpc::ServerReader<Judgement>* reader,
                     JudgeResponse* response) override;
  grpc::Status Query(grpc::ServerContext* context, const QueryRequest* request,
                     grpc::ServerWriter<RecordPart>* writer) override;
  grpc::Status CreateSnapshot(grpc::ServerContext* context,
                              const CreateSnapshotRequest* request,
                              SnapshotResponse* response) override;
  grpc::Status GetSnapshot(grpc::ServerContext* context,
                           const SnapshotRequest* request,
                           SnapshotResponse* response) override;
  grpc::Status ListSnapshots(grpc::ServerContext* context,
                             const ListSnapshotsRequest* request,
                             ListSnapshotsResponse* response) override;
  grpc::Status ReadSamplesCsv(grpc::ServerContext* context,
                              const SnapshotFileRequest* request,
                              grpc::ServerWriter<FilePart>* writer) override;
  grpc::Status StreamSamples(
      grpc::ServerContext* context, const StreamSamplesRequest* request,
      grpc::ServerWriter<SampleBatchPart>* writer) override;
  grpc::Status AddLinks(grpc::ServerContext* context,
                        const AddLinksRequest* request,
                        AddLinksResponse* response) override;
  grpc::Status ReadLinks(grpc::ServerContext* context,
                         const ReadLinksRequest* request,
                         grpc::ServerWriter<ReadLinksPart>* writer) override;

 private:
  ShardStore* const store_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_SERVICE_H_
