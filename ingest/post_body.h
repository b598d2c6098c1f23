#ifndef VERSO_INGEST_POST_BODY_H_
#define VERSO_INGEST_POST_BODY_H_

#include <string>

#include "absl/status/statusor.h"
#include "ingest/scraper.h"
#include "shardstore/shard_store.h"

namespace verso {

// The POST body of `item` as it is to be sent now: its own, or, where the
// scraper posts the pictures of parents, one made of the parent's record, which
// is read from `store`.
// kInvalidArgument (see RefusalReason()): there can be none, whenever it is
// tried again: the parent is not stored any more ("no parent"), its bytes are
// damaged ("damaged parent"), or as Scraper::PostBody(). Else errors of
// `store`.
absl::StatusOr<std::string> PostBodyOf(const Scraper& scraper,
                                       const WorkItem& item, ShardStore& store);

}  // namespace verso

#endif  // VERSO_INGEST_POST_BODY_H_
