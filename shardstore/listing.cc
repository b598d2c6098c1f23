#include "shardstore/listing.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "shardstore/provenance_json.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_format.h"

namespace verso {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::Utf8SafeCHexEscape(text);
}

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

std::string RecordAsText(const Record& record) {
  const Provenance& from = record.provenance();
  const std::string& title =
      from.work().title().empty() ? from.source_item_id() : from.work().title();
  std::string line = absl::StrFormat(
      "%s  %-10s %-9s %5dx%-5d %9d  %s", RecordIdOf(from.sha256()),
      Escaped(from.source()), LabelName(from.label()), from.width(),
      from.height(), from.size_bytes(), Escaped(title));
  if (!from.quarantine().empty()) {
    absl::StrAppend(&line, "  quarantined: ", Escaped(from.quarantine()));
  }
  return line;
}

absl::StatusOr<std::string> RecordAsJson(const Record& record) {
  const Provenance& from = record.provenance();
  ASSIGN_OR_RETURN(const std::string json, ProvenanceToJson(from));
  return absl::StrCat("{\"record_id\":\"", RecordIdOf(from.sha256()),
                      "\",\"provenance\":", json, "}");
}

std::string ListShards(const LedgerSummary& ledger) {
  std::string text;
  for (const auto& [number, shard] : ledger.shards) {
    absl::StrAppendFormat(&text, "%s %9d records %12d bytes  %s\n",
                          ShardName(number), shard.records, shard.end_offset,
                          shard.sealed ? shard.sha256 : "open");
  }
  return text;
}

std::string ListStats(const StoreStats& stats) {
  std::string text =
      absl::StrFormat("%-12s %-10s %10s %14s %11s  %s\n", "source", "label",
                      "records", "images", "quarantined", "");
  for (const SourceStats& source : stats.sources) {
    absl::StrAppendFormat(&text, "%-12s %-10s %10d %14s %11d  %s\n",
                          Escaped(source.source), LabelName(source.label),
                          source.records, Megabytes(source.image_bytes),
                          source.quarantined, Escaped(source.stand_in));
  }
  absl::StrAppendFormat(&text, "%-12s %-10s %10d %14s %11d\n", "all", "",
                        stats.records, Megabytes(stats.image_bytes),
                        stats.quarantined);
  if (stats.shards > 0) {
    absl::StrAppendFormat(&text, "%d shards of %s, %d sightings\n",
                          stats.shards, Megabytes(stats.shard_bytes),
                          stats.sightings);
  }
  if (stats.damaged > 0) {
    absl::StrAppendFormat(&text, "%d damaged places: fsck names them\n",
                          stats.damaged);
  }
  return text;
}

std::string ListCounts(const SnapshotInfo& info) {
  std::string text =
      absl::StrFormat("%-12s %-10s %-11s %8s %8s %8s\n", "source", "label",
                      "split", "samples", "works", "left out");
  for (const SourceCount& count : info.count()) {
    absl::StrAppendFormat(
        &text, "%-12s %-10s %-11s %8d %8d %8d%s\n", Escaped(count.source()),
        LabelName(count.label()), SplitName(count.split()), count.samples(),
        count.works(), count.left_out(), count.held_out() ? "  held out" : "");
  }
  const auto is_left_out = [](const SourceCount& count) {
    return count.left_out() > 0;
  };
  if (std::any_of(info.count().begin(), info.count().end(), is_left_out)) {
    text +=
        "left out: too small for the recipe's crop, or of a held-out source "
        "and of a work that is trained on\n";
  }
  return text;
}

std::string ListSnapshotLines(const std::vector<SnapshotInfo>& snapshots) {
  std::string text;
  for (const SnapshotInfo& info : snapshots) {
    absl::StrAppendFormat(
        &text, "%s  %-12s train %d, validation %d, test %d  %s%s\n", info.id(),
        Escaped(info.recipe().name()), info.train_samples(),
        info.validation_samples(), info.test_samples(), info.created_at(),
        info.stand_in().empty() ? ""
                                : absl::StrCat("  ", Escaped(info.stand_in())));
  }
  return text;
}

}  // namespace verso
