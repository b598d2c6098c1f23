#ifndef VERSO_INGEST_IMPORT_IMPORT_SINK_H_
#define VERSO_INGEST_IMPORT_IMPORT_SINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/image/sandbox/image_sandbox.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/group_appender.h"
#include "ingest/record_completer.h"
#include "ingest/run_counts.h"
#include "proto/record.pb.h"

namespace verso {

// A picture on its way to the store.
struct ImportedPicture {
  std::string id;  // Its path inside the set: what the frontier remembers.
  Record record;   // Source and item id are set.
  // The record comes from another store: its bytes must have the sha256 that
  // it names, and what it says of its fetching stays.
  bool is_record = false;
};

// Completes pictures (as many at a time as there are decoders), appends them in
// batches, and marks in the frontier what the store acknowledged: a kill costs
// one batch. Not thread-safe.
class ImportSink {
 public:
  struct Context {
    FrontierSession* frontier;
    GroupAppender* appender;
    RunCounts* counts;
    ImageSandbox* images;
    std::string source;  // The frontier's name for the set.
  };

  // All are borrowed and must outlive the sink.
  explicit ImportSink(Context context);

  // Errors of the store and the frontier.
  absl::Status Add(ImportedPicture picture);

  // Left out, and counted under `reason`. Another run looks at it again.
  void Refuse(absl::string_view reason, int64_t count = 1);

  // Appends what is held back.
  absl::Status Flush();

  // How many are held back.
  size_t pending() const { return pictures_.size(); }

 private:
  std::vector<Record> Complete(std::vector<absl::Status>& statuses);

  const Context context_;
  const WorkerName worker_ = ThisWorker();
  std::vector<ImportedPicture> pictures_;
  size_t bytes_ = 0;  // Of pictures_.
  SourceCounts delta_;
};

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_IMPORT_SINK_H_
