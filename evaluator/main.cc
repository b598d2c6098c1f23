#include "common/base/main.h"

#include <cstdio>
#include <memory>
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
#include "evaluator/dashboard_server.h"
#include "evaluator/foreign_scores.h"
#include "evaluator/report_catalog.h"
#include "evaluator/report_writer.h"
#include "evaluator/run_folder.h"
#include "evaluator/table_markdown.h"
#include "evaluator/watch.h"
#include "shardstore/shard_store.h"

ABSL_FLAG(std::string, run, "",
          "The run: its name in $VERSO_HOME/runs, or its folder. Empty: the "
          "newest run there.");
ABSL_FLAG(std::string, store, "",
          "The store with the run's snapshot: a folder, host:port or "
          "unix:/path. Empty: $VERSO_HOME/store.");
ABSL_FLAG(bool, once, false,
          "watch: score the checkpoints that are there, print a table on "
          "stdout, and end.");
ABSL_FLAG(std::string, checkpoint, "newest",
          "Whose table is printed: newest, best (lowest validation loss) or a "
          "checkpoint's name.");
ABSL_FLAG(std::string, listen, "127.0.0.1:7780",
          "Where the page is served, HOST:PORT; port 0 = any free port. Empty: "
          "no page.");
ABSL_FLAG(std::vector<std::string>, allowed_hosts, {},
          "Further host names by which browsers may call the page, separated "
          "by commas; those of this machine's loopback and of --listen always "
          "may.");
ABSL_FLAG(std::string, port_file, "",
          "File for the page's port, written once it is served.");
ABSL_FLAG(std::string, device, "auto",
          "auto (a GPU where there is one), cpu, "
          "cuda.");
ABSL_FLAG(int, batch_size, 64, "Pictures scored at a time.");
ABSL_FLAG(int, draws, 1,
          "Noise draws per picture, averaged; for checkpoints trained with "
          "noise.");
ABSL_FLAG(std::string, scores, "",
          "report: a CSV of another detector's scores (sample_id and logit or "
          "probability).");
ABSL_FLAG(std::string, snapshot, "", "report --scores: the snapshot scored.");
ABSL_FLAG(double, threshold, 0.5,
          "report --scores: the other detector's threshold of probability, "
          "chosen without the test split.");
ABSL_FLAG(std::string, out, "",
          "report --scores: folder to write the report to. Empty: print it "
          "only.");

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kUsage[] =
    R"(Shows, source by source, what each checkpoint of a run gets wrong.

  bazel run //evaluator -- watch [--run=NAME]
      Scores each checkpoint of a run once, as they come, on the test split of
      its snapshot; serves the newest table at http://127.0.0.1:7780/.
  bazel run //evaluator -- watch --once --run=NAME --checkpoint=best
      Scores what is there, prints the best checkpoint's table, and ends.
  bazel run //evaluator -- serve [--run=NAME]
      Serves the reports that are there.
  bazel run //evaluator -- report [--run=NAME] [--checkpoint=best]
      Prints a table.
  bazel run //evaluator -- report --scores=FILE.csv --snapshot=ID
      Prints another detector's table.

Without a subcommand it watches the newest run. Reports are written to
<run>/reports/<checkpoint>/{scores.csv,report.json,table.csv,table.md}.
Exit codes: 0 done, 1 failed, 2 usage, 75 stopped on request.)";

std::string StoreLocation() {
  const std::string store = absl::GetFlag(FLAGS_store);
  return store.empty() ? DefaultStoreDir().string() : store;
}

absl::StatusOr<Device> DeviceFlag() {
  const std::string device = absl::GetFlag(FLAGS_device);
  if (device == "auto") return Device::kAuto;
  if (device == "cpu") return Device::kCpu;
  if (device == "cuda") return Device::kCuda;
  return absl::InvalidArgumentError(absl::StrCat(
      "--device cannot be \"", device, "\"; give auto, cpu or cuda"));
}

// Says on stderr which run it is where the user did not.
absl::StatusOr<fs::path> ChooseRun() {
  const std::string run = absl::GetFlag(FLAGS_run);
  ASSIGN_OR_RETURN(fs::path run_dir, FindRun(run));
  if (run.empty()) {
    absl::FPrintF(stderr, "the newest run: %s\n", run_dir.string());
  }
  return run_dir;
}

// nullptr when --listen is empty. Says on stderr where the page is.
absl::StatusOr<std::unique_ptr<DashboardServer>> ServePage(
    const ReportCatalog& catalog) {
  const std::string listen = absl::GetFlag(FLAGS_listen);
  if (listen.empty()) return nullptr;
  ASSIGN_OR_RETURN(
      std::unique_ptr<DashboardServer> server,
      DashboardServer::Start(
          catalog, {.listen = listen,
                    .allowed_hosts = absl::GetFlag(FLAGS_allowed_hosts)}));
  absl::FPrintF(stderr, "the newest table is at http://%s:%d/\n",
                listen.substr(0, listen.rfind(':')), server->port());
  if (!server->is_loopback()) {
    absl::FPrintF(stderr,
                  "anybody who reaches this port can read the tables: there is "
                  "no password\n");
  }
  if (const std::string file = absl::GetFlag(FLAGS_port_file); !file.empty()) {
    RETURN_IF_ERROR(WriteFileAtomically(ResolveUserPath(file),
                                        absl::StrCat(server->port(), "\n")));
  }
  return server;
}

absl::Status PrintTable(const ReportList& list, const fs::path& run_dir) {
  const std::string name = absl::GetFlag(FLAGS_checkpoint);
  const CatalogEntry* entry = list.Find(name);
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        "run ", run_dir.string(), " has no report of checkpoint ", name,
        list.reports.empty()
            ? "; score one with `bazel run //evaluator -- watch --once`"
            : absl::StrCat("; the newest is ", list.newest)));
  }
  absl::PrintF("%s", entry->table_markdown);
  return absl::OkStatus();
}

absl::Status RunWatch() {
  WatchOptions options;
  ASSIGN_OR_RETURN(options.run_dir, ChooseRun());
  ASSIGN_OR_RETURN(options.classifier.device, DeviceFlag());
  options.classifier.batch_size = absl::GetFlag(FLAGS_batch_size);
  options.classifier.draws = absl::GetFlag(FLAGS_draws);
  options.store = StoreLocation();
  options.once = absl::GetFlag(FLAGS_once);
  ReportCatalog catalog(ReportsDir(options.run_dir));
  if (options.once) {
    // One checkpoint that cannot be scored does not hide the others' tables.
    const absl::Status watched = Watch(options, catalog);
    if (!watched.ok() && catalog.Get()->reports.empty()) return watched;
    const absl::Status printed = PrintTable(*catalog.Get(), options.run_dir);
    return watched.ok() ? printed : watched;
  }
  ASSIGN_OR_RETURN(const auto server, ServePage(catalog));
  return Watch(options, catalog);
}

absl::Status RunServe() {
  ASSIGN_OR_RETURN(const fs::path run_dir, ChooseRun());
  ReportCatalog catalog(ReportsDir(run_dir));
  absl::Status last = catalog.Refresh();
  if (!last.ok()) absl::FPrintF(stderr, "error: %s\n", last.message());
  ASSIGN_OR_RETURN(const auto server, ServePage(catalog));
  while (!WaitForStop(absl::Seconds(2))) {
    const absl::Status status = catalog.Refresh();
    if (!status.ok() && status != last) {
      absl::FPrintF(stderr, "error: %s\n", status.message());
    }
    last = status;
  }
  return absl::OkStatus();
}

absl::Status RunForeignReport(const std::string& scores) {
  const fs::path path = ResolveUserPath(scores);
  ASSIGN_OR_RETURN(const std::string csv, ReadFile(path));
  ASSIGN_OR_RETURN(const auto store,
                   OpenShardStore(StoreLocation(), StoreAccess::kRead));
  ASSIGN_OR_RETURN(
      const EvaluationReport report,
      EvaluateForeignScores(csv, *store,
                            {.name = path.stem().string(),
                             .snapshot = absl::GetFlag(FLAGS_snapshot),
                             .threshold = absl::GetFlag(FLAGS_threshold)}));
  if (const std::string out = absl::GetFlag(FLAGS_out); !out.empty()) {
    RETURN_IF_ERROR(WriteReport(ResolveUserPath(out), report));
    absl::FPrintF(stderr, "the report is in %s\n",
                  (ResolveUserPath(out) / report.subject.checkpoint).string());
  }
  absl::PrintF("%s", TableMarkdown(report));
  return absl::OkStatus();
}

absl::Status RunReport() {
  if (const std::string scores = absl::GetFlag(FLAGS_scores); !scores.empty()) {
    return RunForeignReport(scores);
  }
  ASSIGN_OR_RETURN(const fs::path run_dir, ChooseRun());
  ReportCatalog catalog(ReportsDir(run_dir));
  RETURN_IF_ERROR(catalog.Refresh());
  return PrintTable(*catalog.Get(), run_dir);
}

// What can be seen to be wrong before anything is done.
absl::Status CheckFlags() {
  RETURN_IF_ERROR(DeviceFlag().status());
  if (absl::GetFlag(FLAGS_batch_size) < 1 || absl::GetFlag(FLAGS_draws) < 1) {
    return absl::InvalidArgumentError(
        "--batch_size and --draws must be at least 1");
  }
  const double threshold = absl::GetFlag(FLAGS_threshold);
  if (!(threshold >= 0 && threshold <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--threshold=", threshold, " must be a probability, in [0, 1]"));
  }
  if (!absl::GetFlag(FLAGS_scores).empty() &&
      absl::GetFlag(FLAGS_snapshot).empty()) {
    return absl::InvalidArgumentError(
        "report --scores needs --snapshot, the id or name of the snapshot that "
        "was scored");
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  const CommandLine line = ParseCommandLine(argc, argv, kUsage);
  if (!line.args.empty()) {
    return UsageError(absl::StrCat("unknown argument ", line.args[0]));
  }
  if (const absl::Status flags = CheckFlags(); !flags.ok()) {
    return UsageError(flags.message());
  }
  InstallStopSignals();
  if (line.subcommand.empty() || line.subcommand == "watch") {
    return ExitCodeOf(RunWatch());
  }
  if (line.subcommand == "serve") {
    if (absl::GetFlag(FLAGS_listen).empty()) {
      return UsageError("serve needs --listen=HOST:PORT");
    }
    return ExitCodeOf(RunServe());
  }
  if (line.subcommand == "report") return ExitCodeOf(RunReport());
  return UsageError(absl::StrCat("unknown subcommand ", line.subcommand,
                                 "; there are watch, serve and report"));
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) { return verso::Main(argc, argv); }
