#ifndef VERSO_INGEST_ITEM_SINK_H_
#define VERSO_INGEST_ITEM_SINK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/group_appender.h"
#include "ingest/record_completer.h"
#include "ingest/run_counts.h"
#include "ingest/scraper.h"

namespace verso {

// Where one item's findings go: records are completed and appended in batches,
// further items go to the frontier, and what was acknowledged is marked there.
// Not thread-safe.
class ItemSink : public ScrapeSink {
 public:
  struct Context {
    FrontierSession* frontier;
    GroupAppender* appender;
    RunCounts* counts;
    ImageSandbox* images;
    WorkerName worker;
    int64_t limit = 0;  // Records of the source over all runs; 0: none.
    std::vector<std::string> consent_signals = {};  // Of each record.
  };

  // All are borrowed and must outlive the sink.
  ItemSink(const Context& context, const WorkItem& item, const HttpHead& head);

  absl::Status AddItem(WorkItem item) override;
  absl::Status AddRecord(Record record) override;
  absl::Status Refuse(absl::string_view reason,
                      absl::string_view item_id) override;
  absl::Status AddNote(absl::string_view key, const Provenance& note) override;
  absl::StatusOr<std::optional<Provenance>> FindNote(
      absl::string_view key) override;

  // Hands over what is still held back. Call it once, after parsing, whether
  // that went well or not.
  absl::Status Flush();

  // A failure that is not the item's: the store or the frontier is gone.
  const absl::Status& fatal() const { return fatal_; }
  // The limit was reached before the response's end.
  bool limit_reached() const { return limit_reached_; }
  // What FrontierSession::Complete() or Fail() has to add for this item.
  const SourceCounts& counts() const { return delta_; }
  // Why the item's one picture was refused; OK for archives and listings.
  const absl::Status& refused() const { return refused_; }

 private:
  bool IsArchive() const { return item_.kind() == FETCH_KIND_ARCHIVE; }
  absl::Status FlushItems();
  absl::Status FlushNotes();
  absl::Status FlushRecords();
  absl::Status CheckRoom();
  absl::Status DropFinished(std::vector<Record>& records);
  absl::Status Complete(std::vector<Record>& records);
  absl::Status Append(std::vector<Record> records);
  absl::Status Fatal(absl::Status status);
  void RefuseRecord(const absl::Status& why, std::string id);

  const Context context_;
  const WorkItem& item_;
  const HttpHead& head_;
  const absl::Time fetched_at_ = absl::Now();
  std::vector<WorkItem> items_;
  std::vector<Note> notes_;
  std::vector<Record> records_;
  size_t record_bytes_ = 0;
  std::vector<std::string> member_ids_;  // Of an archive, since the last flush.
  SourceCounts delta_;
  absl::Status fatal_;
  absl::Status refused_;
  std::optional<int64_t> room_;  // Of an archive, up to the limit.
  bool limit_reached_ = false;
};

}  // namespace verso

#endif  // VERSO_INGEST_ITEM_SINK_H_
