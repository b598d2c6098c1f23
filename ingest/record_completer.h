#ifndef VERSO_INGEST_RECORD_COMPLETER_H_
#define VERSO_INGEST_RECORD_COMPLETER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/http/http_fetcher.h"
#include "common/image/sandbox/image_sandbox.h"
#include "proto/record.pb.h"

namespace verso {

// Who fetched, for Provenance.
struct WorkerName {
  std::string worker;   // Host name.
  std::string version;  // "verso/0.1".
};

// This process on this machine.
WorkerName ThisWorker();

// The refusal of a picture whose decoder took too long.
inline constexpr absl::string_view kDecoderTime = "decoder time";

// Fills in what the response and the bytes say: http_status, etag,
// last_modified, content_type, fetched_at, stand_in, sha256, perceptual_hash,
// size_bytes, width, height, format, encoder, color_profile, claims, worker;
// and what these mean for the label (common/claims/label_check.h): a record
// whose file contradicts it may be quarantined. The image is decoded in full,
// in `images`; its bytes stay as fetched. Thread-safe.
// kInvalidArgument: not a picture that is taken (see RefusalReason()), or one
// that its decoder does not survive.
// kDataLoss: half a picture.
// kUnavailable, kFailedPrecondition: no decoder can be started.
absl::Status CompleteRecord(const HttpHead& head, absl::Time fetched_at,
                            const WorkerName& worker, ImageSandbox& images,
                            Record& record);

// CompleteRecord() of each, as many at a time as `images` has decoders; a
// status per record, in order.
std::vector<absl::Status> CompleteRecords(const HttpHead& head,
                                          absl::Time fetched_at,
                                          const WorkerName& worker,
                                          ImageSandbox& images,
                                          absl::Span<Record> records);

}  // namespace verso

#endif  // VERSO_INGEST_RECORD_COMPLETER_H_
