#include "ingest/post_body.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {

absl::StatusOr<std::string> PostBodyOf(const Scraper& scraper,
                                       const WorkItem& item,
                                       ShardStore& store) {
  if (!scraper.PostsParent()) return item.post_body();
  const std::string& parent = item.provenance().parent();
  RecordQuery query;
  query.add_record_id(parent);
  query.set_limit(1);
  query.set_include_bytes(true);
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   store.Query(query));
  const absl::StatusOr<std::optional<Record>> record = reader->Next();
  if (absl::IsDataLoss(record.status())) {
    return Malformed("damaged parent", record.status().message());
  }
  RETURN_IF_ERROR(record.status());
  if (!record->has_value()) {
    return Malformed("no parent",
                     absl::StrCat("the store has no record ", parent));
  }
  return scraper.PostBody(item, **record);
}

}  // namespace verso
