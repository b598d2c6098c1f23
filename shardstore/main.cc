// The binary //shardstore: serve a store, look into it, freeze data sets.

#include "common/base/main.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/server_address.h"
#include "shardstore/fsck.h"
#include "shardstore/judgement.h"
#include "shardstore/judgement_table.h"
#include "shardstore/ledger.h"
#include "shardstore/listing.h"
#include "shardstore/near_duplicates/link_records.h"
#include "shardstore/recipe.h"
#include "shardstore/record_query.h"
#include "shardstore/record_storage.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_server.h"
#include "shardstore/shard_store.h"
#include "shardstore/store_stats.h"

ABSL_FLAG(std::string, store, "",
          "Directory of the store, or host:port or unix:/path of a running "
          "one; empty: $VERSO_HOME/store");
ABSL_FLAG(std::string, listen, "127.0.0.1:7701",
          "serve: where to listen; port 0 takes any free one");
ABSL_FLAG(std::string, port_file, "",
          "serve: file that gets the port once the store can be reached");
ABSL_FLAG(std::vector<std::string>, source, {}, "query: any of these sources");
ABSL_FLAG(std::vector<std::string>, label, {},
          "query: any of human, generated, mixed, unknown");
ABSL_FLAG(std::string, collection, "", "query: of this collection");
ABSL_FLAG(std::string, work, "", "query: showing the work of this key");
ABSL_FLAG(std::string, item, "", "query: with this id at its source");
ABSL_FLAG(int, min_width, 0, "query: at least so many pixels wide");
ABSL_FLAG(int, min_height, 0, "query: at least so many pixels high");
ABSL_FLAG(int64_t, limit, 0, "query: at most so many records; 0: all");
ABSL_FLAG(bool, include_quarantined, false,
          "query, cat: quarantined records too, with the reason");
ABSL_FLAG(std::string, reason, "",
          "quarantine, release: why, for those who come later");
ABSL_FLAG(std::string, format, "text",
          "query: text (a line each) or json (a line each, all provenance)");
ABSL_FLAG(bool, rebuild_index, false,
          "fsck: throw the index away and build it from the shards");
ABSL_FLAG(std::string, recipe, "d4_fair",
          "snapshot: name of a data set (d1_paper, d1_fair, ... d4_fair) or a "
          ".textproto file");
ABSL_FLAG(double, fraction, 0,
          "snapshot: scales the recipe's counts; 0: as the recipe says");

namespace verso {
namespace {

constexpr char kUsage[] =
    R"(shardstore: keeps images with their provenance in tar shards.

  bazel run //shardstore -- serve                      serve $VERSO_HOME/store
  bazel run //shardstore -- serve --store=/data/art --listen=127.0.0.1:7701
  bazel run //shardstore -- stats                      records by source
  bazel run //shardstore -- ls --store=/data/art       shards of a directory
  bazel run //shardstore -- query --source=lexica,dalle --min_width=512
  bazel run //shardstore -- query --label=human --limit=10 --format=json
  bazel run //shardstore -- query --include_quarantined --source=wga
  bazel run //shardstore -- cat RECORD_ID > image.jpg
  bazel run //shardstore -- quarantine RECORD_ID... --reason="a print of 2023"
  bazel run //shardstore -- release RECORD_ID... --reason="looked at it"
  bazel run //shardstore -- judge FILE.csv             many at once: columns
              record_id,action,label,reason; action: quarantine, release, label
              (a label alone releases nothing)
  bazel run //shardstore -- snapshot --recipe=d4_fair --fraction=0.01
  bazel run //shardstore -- snapshots                  data sets frozen so far
  bazel run //shardstore -- link                       find near-duplicates
  bazel run //shardstore -- fsck                       read and check everything
  bazel run //shardstore -- fsck --rebuild_index

Without a subcommand: stats. One process at a time may serve, take snapshots,
judge records, link or check a directory; any number may read it meanwhile. What is
quarantined is kept and in no later data set, until it is released.)";

// A directory as the user means it, or the address of a server.
std::string Location() {
  const std::string given = absl::GetFlag(FLAGS_store);
  if (given.empty()) return DefaultStoreDir().string();
  if (IsServerAddress(given)) return given;
  return ResolveUserPath(given).string();
}

absl::StatusOr<std::filesystem::path> Directory(absl::string_view subcommand) {
  const std::string location = Location();
  if (!IsServerAddress(location)) return std::filesystem::path(location);
  return absl::InvalidArgumentError(
      absl::StrCat(subcommand,
                   " needs the directory of a store, not the "
                   "server ",
                   location));
}

absl::Status EmptyStore() {
  return absl::FailedPreconditionError(
      absl::StrCat("store ", Location(),
                   " has no records yet: fill it with bazel run "
                   "//ingest -- run --contact=URL_OR_ADDRESS --store=",
                   Location(), ", or with pictures of your own (-- import)"));
}

absl::Status Serve() {
  ASSIGN_OR_RETURN(const std::filesystem::path dir, Directory("serve"));
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(dir.string(), StoreAccess::kWrite));
  const std::string port_file = absl::GetFlag(FLAGS_port_file);
  return ServeShards(
      *store, absl::GetFlag(FLAGS_listen),
      port_file.empty() ? std::filesystem::path() : ResolveUserPath(port_file));
}

absl::Status Ls() {
  ASSIGN_OR_RETURN(const std::filesystem::path dir, Directory("ls"));
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordStorage> storage,
                   RecordStorage::Open(dir, StoreAccess::kRead));
  const LedgerSummary ledger = storage->Ledger();
  if (ledger.shards.empty()) return EmptyStore();
  absl::PrintF("%s", ListShards(ledger));
  return absl::OkStatus();
}

absl::Status Stats() {
  StoreStats stats;
  const std::string location = Location();
  if (IsServerAddress(location)) {
    ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                     OpenShardStore(location, StoreAccess::kRead));
    RecordQuery all;
    all.set_include_quarantined(true);
    ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                     store->Query(all));
    ASSIGN_OR_RETURN(stats, CountRecords(*reader));
  } else {
    ASSIGN_OR_RETURN(const std::unique_ptr<RecordStorage> storage,
                     RecordStorage::Open(location, StoreAccess::kRead));
    ASSIGN_OR_RETURN(stats, storage->Stats());
  }
  if (stats.records + stats.quarantined == 0) return EmptyStore();
  absl::PrintF("store %s\n%s", location, ListStats(stats));
  return absl::OkStatus();
}

// kInvalidArgument is wrong use of the program.
absl::StatusOr<RecordQuery> QueryOfFlags() {
  RecordQuery query;
  for (const std::string& source : absl::GetFlag(FLAGS_source)) {
    query.add_source(source);
  }
  for (const std::string& name : absl::GetFlag(FLAGS_label)) {
    ASSIGN_OR_RETURN(const Label label, LabelOfName(name));
    query.add_label(label);
  }
  query.set_collection(absl::GetFlag(FLAGS_collection));
  query.set_work_key(absl::GetFlag(FLAGS_work));
  query.set_source_item_id(absl::GetFlag(FLAGS_item));
  query.set_min_width(absl::GetFlag(FLAGS_min_width));
  query.set_min_height(absl::GetFlag(FLAGS_min_height));
  query.set_limit(absl::GetFlag(FLAGS_limit));
  query.set_include_quarantined(absl::GetFlag(FLAGS_include_quarantined));
  RETURN_IF_ERROR(CheckQuery(query));
  const std::string format = absl::GetFlag(FLAGS_format);
  if (format != "text" && format != "json") {
    return absl::InvalidArgumentError("--format must be text or json");
  }
  return query;
}

// Prints records to the reader's end; damaged ones go to stderr and make it
// fail once all others are printed.
absl::StatusOr<int64_t> PrintRecords(RecordReader& reader, bool as_json) {
  int64_t printed = 0;
  absl::Status damage;
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    const absl::StatusOr<std::optional<Record>> next = reader.Next();
    if (absl::IsDataLoss(next.status())) {
      absl::FPrintF(stderr, "shardstore: %s\n", next.status().message());
      damage.Update(next.status());
      continue;
    }
    RETURN_IF_ERROR(next.status());
    if (!next->has_value()) break;
    ASSIGN_OR_RETURN(const std::string line,
                     as_json
                         ? RecordAsJson(**next)
                         : absl::StatusOr<std::string>(RecordAsText(**next)));
    absl::PrintF("%s\n", line);
    ++printed;
  }
  RETURN_IF_ERROR(damage);
  return printed;
}

absl::Status Query(const RecordQuery& query) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(Location(), StoreAccess::kRead));
  ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader, store->Query(query));
  ASSIGN_OR_RETURN(
      const int64_t printed,
      PrintRecords(*reader, absl::GetFlag(FLAGS_format) == "json"));
  if (printed > 0) return absl::OkStatus();
  RecordQuery any;
  any.set_limit(1);
  any.set_include_quarantined(true);
  ASSIGN_OR_RETURN(reader, store->Query(any));
  ASSIGN_OR_RETURN(const std::optional<Record> first, reader->Next());
  if (!first.has_value()) return EmptyStore();
  absl::FPrintF(stderr,
                "no record matches; `stats` names the sources and what is "
                "quarantined\n");
  return absl::OkStatus();
}

absl::Status Cat(const RecordQuery& query) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(Location(), StoreAccess::kRead));
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   store->Query(query));
  ASSIGN_OR_RETURN(const std::optional<Record> record, reader->Next());
  if (!record.has_value()) {
    return absl::NotFoundError(absl::StrCat(
        "store ", Location(), " has no record ", query.record_id(0),
        "; query lists those it has, with "
        "--include_quarantined all of them"));
  }
  const std::string& image = record->image();
  if (std::fwrite(image.data(), 1, image.size(), stdout) != image.size() ||
      std::fflush(stdout) != 0) {
    return absl::InternalError("cannot write the image to stdout");
  }
  return absl::OkStatus();
}

// An error is wrong use of the program.
absl::StatusOr<DatasetRecipe> RecipeOfFlags() {
  ASSIGN_OR_RETURN(DatasetRecipe recipe,
                   LoadRecipe(absl::GetFlag(FLAGS_recipe)));
  if (const double fraction = absl::GetFlag(FLAGS_fraction); fraction != 0) {
    recipe.set_fraction(fraction);
  }
  RETURN_IF_ERROR(ValidateRecipe(recipe));
  return recipe;
}

absl::Status MakeSnapshot(const DatasetRecipe& recipe) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(Location(), StoreAccess::kWrite));
  ASSIGN_OR_RETURN(const SnapshotInfo info, store->CreateSnapshot(recipe));
  for (const std::string& warning : info.warning()) {
    absl::FPrintF(stderr, "warning: %s\n", warning);
  }
  absl::PrintF("%ssnapshot %s\n", ListCounts(info), info.id());
  return absl::OkStatus();
}

absl::Status Snapshots() {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(Location(), StoreAccess::kRead));
  ASSIGN_OR_RETURN(const std::vector<SnapshotInfo> snapshots,
                   store->ListSnapshots());
  if (snapshots.empty()) {
    return absl::NotFoundError(
        absl::StrCat("store ", Location(),
                     " has no snapshots yet: freeze one with bazel "
                     "run //shardstore -- snapshot --store=",
                     Location()));
  }
  absl::PrintF("%s", ListSnapshotLines(snapshots));
  return absl::OkStatus();
}

// Frozen splits stay as they are: what was found since is said here.
absl::Status WarnOfCrossedLinks(ShardStore& store) {
  ASSIGN_OR_RETURN(const std::vector<WorkLink> links, store.ReadLinks());
  if (links.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<SnapshotInfo> snapshots,
                   store.ListSnapshots());
  for (const SnapshotInfo& info : snapshots) {
    ASSIGN_OR_RETURN(const std::vector<SampleRow> samples,
                     store.ReadSampleTable(info.id()));
    const int64_t crossed = CountCrossedLinks(samples, links);
    if (crossed == 0) continue;
    absl::PrintF(
        "warning: snapshot %s (%s) has %d pairs of linked samples in two "
        "splits; a new snapshot keeps them together\n",
        info.id(), info.recipe().name(), crossed);
  }
  return absl::OkStatus();
}

absl::Status Link() {
  const std::string location = Location();
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(location, StoreAccess::kWrite));
  ASSIGN_OR_RETURN(
      const LinkReport report,
      LinkRecords(*store, {.judged_file = JudgedFileOf(location)}));
  if (report.records == 0) return EmptyStore();
  absl::PrintF("%s", ListLinkReport(report));
  return WarnOfCrossedLinks(*store);
}

absl::Status Fsck() {
  ASSIGN_OR_RETURN(const std::filesystem::path dir, Directory("fsck"));
  ASSIGN_OR_RETURN(
      const FsckReport report,
      CheckStore(dir, {.rebuild_index = absl::GetFlag(FLAGS_rebuild_index)}));
  for (const std::string& mended : report.mended) {
    absl::PrintF("mended: %s\n", mended);
  }
  for (const std::string& problem : report.problems) {
    absl::PrintF("problem: %s\n", problem);
  }
  absl::PrintF(
      "%d shards, %d whole records (%d quarantined), %d bytes checked; %d "
      "snapshots, %d samples checked; %d problems\n",
      report.shards, report.records, report.quarantined, report.bytes,
      report.snapshots, report.samples, report.problems.size());
  if (report.problems.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("store ", dir.string(), " has ",
                                          report.problems.size(),
                                          " problems, listed above"));
}

int RunQuery(const CommandLine& line) {
  if (line.subcommand == "cat") {
    RecordQuery query;
    query.add_record_id(line.args[0]);
    query.set_include_bytes(true);
    query.set_include_quarantined(absl::GetFlag(FLAGS_include_quarantined));
    if (absl::Status status = CheckQuery(query); !status.ok()) {
      return UsageError(status.message());
    }
    return ExitCodeOf(Cat(query));
  }
  const absl::StatusOr<RecordQuery> query = QueryOfFlags();
  if (!query.ok()) return UsageError(query.status().message());
  return ExitCodeOf(Query(*query));
}

std::string ThisUser() {
  const char* user = std::getenv("USER");
  return user == nullptr ? "shardstore" : absl::StrCat("shardstore by ", user);
}

// An error is wrong use of the program.
absl::StatusOr<std::vector<Judgement>> JudgementsOf(const CommandLine& line) {
  if (line.subcommand == "judge") {
    if (line.args.size() != 1) {
      return absl::InvalidArgumentError("judge needs one CSV file");
    }
    const std::filesystem::path path = ResolveUserPath(line.args[0]);
    ASSIGN_OR_RETURN(const std::string csv, ReadFile(path));
    return ParseJudgements(csv, path.string(), ThisUser());
  }
  std::vector<Judgement> judgements;
  for (const std::string& id : line.args) {
    Judgement judgement =
        QuarantineOf(id, absl::GetFlag(FLAGS_reason), ThisUser());
    if (line.subcommand == "release") {
      judgement.set_action(JUDGEMENT_ACTION_RELEASE);
    }
    RETURN_IF_ERROR(CheckJudgement(judgement));
    judgements.push_back(std::move(judgement));
  }
  if (judgements.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(line.subcommand, " needs record ids"));
  }
  return judgements;
}

absl::Status Judge(const std::vector<Judgement>& judgements) {
  // Writing would make a store where there is none.
  ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store,
                   OpenShardStore(Location(), StoreAccess::kRead));
  ASSIGN_OR_RETURN(store, OpenShardStore(Location(), StoreAccess::kWrite));
  RETURN_IF_ERROR(store->Judge(judgements));
  absl::PrintF("%d judgements are kept\n", judgements.size());
  return absl::OkStatus();
}

int RunJudge(const CommandLine& line) {
  const absl::StatusOr<std::vector<Judgement>> judgements = JudgementsOf(line);
  if (!judgements.ok()) return UsageError(judgements.status().message());
  return ExitCodeOf(Judge(*judgements));
}

int RunSnapshot() {
  const absl::StatusOr<DatasetRecipe> recipe = RecipeOfFlags();
  if (!recipe.ok()) return UsageError(recipe.status().message());
  return ExitCodeOf(MakeSnapshot(*recipe));
}

int Run(const CommandLine& line) {
  const std::string& subcommand = line.subcommand;
  if (subcommand == "judge" || subcommand == "quarantine" ||
      subcommand == "release") {
    return RunJudge(line);
  }
  const size_t wanted_args = subcommand == "cat" ? 1 : 0;
  if (line.args.size() != wanted_args) {
    return UsageError(wanted_args == 1 ? "cat needs one record id"
                                       : absl::StrCat("unexpected argument '",
                                                      line.args[0], "'"));
  }
  if (subcommand.empty() || subcommand == "stats") return ExitCodeOf(Stats());
  if (subcommand == "serve") return ExitCodeOf(Serve());
  if (subcommand == "ls") return ExitCodeOf(Ls());
  if (subcommand == "query" || subcommand == "cat") return RunQuery(line);
  if (subcommand == "snapshot") return RunSnapshot();
  if (subcommand == "snapshots") return ExitCodeOf(Snapshots());
  if (subcommand == "link") return ExitCodeOf(Link());
  if (subcommand == "fsck") return ExitCodeOf(Fsck());
  return UsageError(absl::StrCat("unknown subcommand '", subcommand, "'"));
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  const verso::CommandLine line =
      verso::ParseCommandLine(argc, argv, verso::kUsage);
  verso::InstallStopSignals();
  return verso::Run(line);
}
