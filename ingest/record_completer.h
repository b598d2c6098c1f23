#ifndef VERSO_INGEST_RECORD_COMPLETER_H_
#define VERSO_INGEST_RECORD_COMPLETER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "proto/record.pb.h"

namespace verso {

// Who fetched, for Provenance.
struct WorkerName {
  std::string worker;   // Host name.
  std::string version;  // "verso/0.1".
};

// This process on this machine.
WorkerName ThisWorker();

// Fills in what the response and the bytes say: http_status, etag,
// last_modified, content_type, fetched_at, stand_in, sha256, perceptual_hash,
// size_bytes, width, height, format, encoder, color_profile, claims, worker.
// The image is decoded in full; its bytes stay as fetched. Thread-safe.
// kInvalidArgument: not a picture that is taken (see RefusalReason()).
// kDataLoss: half a picture.
absl::Status CompleteRecord(const HttpHead& head, absl::Time fetched_at,
                            const WorkerName& worker, Record& record);

}  // namespace verso

#endif  // VERSO_INGEST_RECORD_COMPLETER_H_
