#include "common/base/main.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/image/decode_limits.h"
#include "common/image/sandbox/image_sandbox.h"
#include "common/rpc/server_address.h"
#include "ingest/cluster/cluster_main.h"
#include "ingest/frontier/frontier_server.h"
#include "ingest/frontier/local_frontier.h"
#include "ingest/import/picture_import.h"
#include "ingest/ingest.h"
#include "ingest/ingest_metrics.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_store.h"

ABSL_FLAG(std::string, store, "127.0.0.1:7701",
          "where records go: a server's host:port or a directory");
ABSL_FLAG(std::vector<std::string>, sources, verso::DefaultSources(),
          "which sites to ingest; twin, which is not among them by default, "
          "generates a twin of each painting of wga and artbench");
ABSL_FLAG(std::string, wga_url, verso::SiteUrls().wga, "base URL of WGA");
ABSL_FLAG(std::string, artbench_url, verso::SiteUrls().artbench,
          "base URL of ArtBench; its files lie in /files below it");
ABSL_FLAG(std::string, lexica_url, verso::SiteUrls().lexica,
          "base URL of Lexica's search");
ABSL_FLAG(std::string, lexica_image_url, verso::SiteUrls().lexica_image,
          "base URL of Lexica's images");
ABSL_FLAG(std::string, dalle_url, verso::SiteUrls().dalle,
          "base URL of dalle2.gallery");
ABSL_FLAG(std::string, dalle_image_url, verso::SiteUrls().dalle_image,
          "base URL of its images");
ABSL_FLAG(
    std::string, dalle_manifest_url, "",
    "URL of a file of JSON lines with \"id\" and \"caption\", to start from "
    "instead of dalle2.gallery's pages, should they be gone");
ABSL_FLAG(std::string, lofi_url, verso::SiteUrls().lofi,
          "base URL of a Stable Diffusion web UI started with --api");
ABSL_FLAG(std::string, twin_url, verso::SiteUrls().twin,
          "base URL of such a web UI for the twins");
ABSL_FLAG(std::string, lexica_api, verso::SourceChoices().lexica_api,
          "v1: the documented search, by text and by picture; "
          "infinite_prompts: what Lexica's own page asks, by text alone, with "
          "pages for more than v1's 50 results; both give the same ids");
ABSL_FLAG(std::string, artbench_files, verso::SourceChoices().artbench_files,
          "split_tar: JPEG files of 256x256; binary: raw pixels of 32x32, "
          "stored as PNGs of our making, as collection artbench-32");
ABSL_FLAG(double, twin_strength, verso::SourceChoices().twin_strength,
          "how much of a painting its twin may change (img2img's "
          "denoising_strength), above 0 to 1");
ABSL_FLAG(int64_t, limit, 0,
          "records per source, over all runs; 0 is all there are");
ABSL_FLAG(int, parallel, 4,
          "requests at a time per source, over all workers of the frontier "
          "(lofi, twin: always 1)");
ABSL_FLAG(std::string, host_interval, "",
          "least time between two requests to one host (\"0s\", \"2s\"); "
          "empty is each site's own: wga 5s, artbench 1s, lexica 3s, dalle "
          "5s, lofi and twin 0s");
ABSL_FLAG(
    bool, decode, true,
    "decode each picture, in a sandbox, to see that it is whole, and hash "
    "what it shows; --nodecode judges by its header alone, which is faster");
ABSL_FLAG(int64_t, max_pixels, verso::DecodeLimits().max_pixels,
          "largest picture that is taken, width times height; more memory and "
          "processor time is granted in proportion");
ABSL_FLAG(absl::Duration, retry_base, absl::Seconds(1),
          "wait before the first retry; it doubles with each one");
ABSL_FLAG(
    absl::Duration, recrawl_after, absl::InfiniteDuration(),
    "what was fetched longer ago (\"720h\") is asked for again, and "
    "fetched if the site says that it has changed (not what lofi and twin "
    "generate); inf: never");
ABSL_FLAG(std::string, contact, "",
          "a URL or address by which the sites' owners can reach you; "
          "without it only this machine is asked");
ABSL_FLAG(std::string, source, "",
          "import: name of the source; empty is the recipe's, else the name of "
          "the folder or archive");
ABSL_FLAG(std::string, label, "unknown",
          "import: human, generated, mixed or unknown; of pictures that "
          "nothing else labels");
ABSL_FLAG(std::string, recipe, "plain",
          "import: how paths and tables are read: plain, prompts, ai_artbench, "
          "diffusiondb, or your own FILE.textproto");
ABSL_FLAG(std::string, metadata, "",
          "import: a .csv, .jsonl or .json beside what is imported; in a "
          "folder or archive metadata.csv is found by itself");
ABSL_FLAG(std::string, frontier, "",
          "what remembers what was fetched: a directory, or the host:port of a "
          "running frontier, which many workers share; empty is "
          "$VERSO_HOME/frontier");
ABSL_FLAG(std::string, listen, "127.0.0.1:7702",
          "frontier: where to listen; port 0 takes any free one");
ABSL_FLAG(std::string, port_file, "",
          "frontier: file that gets the port once it can be reached");
ABSL_FLAG(std::string, metrics, "",
          "run, frontier: HOST:PORT where Prometheus finds /metrics "
          "(127.0.0.1:7792); empty serves none. Workers that share a frontier "
          "all have its figures: ask the frontier");
ABSL_FLAG(absl::Duration, worker_silence, absl::Seconds(30),
          "frontier: a worker that is silent for so long is taken for dead, "
          "and its items are given to others");

namespace verso {
namespace {

constexpr char kUsage[] =
    R"(Pulls art images with their provenance into a store.

  bazel run //ingest -- run --contact=https://example.org/me
      every source, into the store at 127.0.0.1:7701, politely
  bazel run //ingest -- run --store=/data/store --sources=wga --limit=1000 \
      --contact=me@example.org
      1000 paintings of WGA, into a directory
  bazel run //ingest -- import PICTURES --source=mine --label=human
      pictures of your own, as a source: a folder, a zip or tars
      ('shard-{000000..000099}.tar'); a metadata.csv or .jsonl in it tells of
      each file_name what is known of it (title, artist, label, generator,
      prompt, licence, ...), or a .json beside each picture does
  bazel run //ingest -- import part-0000*.zip --recipe=diffusiondb
      archives of a known layout; ai_artbench is another, or your own
      FILE.textproto
  bazel run //ingest -- cluster --features=features.safetensors
      groups records that look alike to a trained network (bazel run //trainer
      -- features), and proposes labels for those of unknown label
  bazel run //ingest -- accept proposals.csv 3 7
      labels the records of groups 3 and 7 as was proposed, evidence: inferred
  bazel run //ingest -- status
      what is queued, leased, stored and refused, per source
  bazel run //ingest -- frontier --listen=0.0.0.0:7702
      serves $VERSO_HOME/frontier to workers on many machines, which are run
      with --frontier=THIS_HOST:7702 and share the work and the sites' limits

By default (run) nothing that was fetched before is fetched again. Ctrl-C stops
cleanly; run again to go on.)";

// A directory or the address of a server. kInvalidArgument: a store's
// directory, among whose files RocksDB would strew its own.
absl::StatusOr<std::string> FrontierLocation() {
  const std::string given = absl::GetFlag(FLAGS_frontier);
  if (IsServerAddress(given)) return given;
  const std::filesystem::path dir =
      given.empty() ? VersoHome() / "frontier" : ResolveUserPath(given);
  if (!std::filesystem::exists(dir / "ledger")) return dir.string();
  return absl::InvalidArgumentError(
      absl::StrCat("--frontier=", dir.string(),
                   " is the directory of a store; give another one"));
}

absl::StatusOr<IngestOptions> OptionsFromFlags() {
  IngestOptions options;
  options.sources = absl::GetFlag(FLAGS_sources);
  options.urls = {absl::GetFlag(FLAGS_wga_url),
                  absl::GetFlag(FLAGS_artbench_url),
                  absl::GetFlag(FLAGS_lexica_url),
                  absl::GetFlag(FLAGS_lexica_image_url),
                  absl::GetFlag(FLAGS_dalle_url),
                  absl::GetFlag(FLAGS_dalle_image_url),
                  absl::GetFlag(FLAGS_lofi_url),
                  absl::GetFlag(FLAGS_twin_url),
                  absl::GetFlag(FLAGS_dalle_manifest_url)};
  options.choices = {absl::GetFlag(FLAGS_lexica_api),
                     absl::GetFlag(FLAGS_artbench_files),
                     absl::GetFlag(FLAGS_twin_strength)};
  options.limit = absl::GetFlag(FLAGS_limit);
  options.parallel = absl::GetFlag(FLAGS_parallel);
  options.decode = absl::GetFlag(FLAGS_decode);
  options.max_pixels = absl::GetFlag(FLAGS_max_pixels);
  options.retry_base = absl::GetFlag(FLAGS_retry_base);
  options.recrawl_after = absl::GetFlag(FLAGS_recrawl_after);
  options.contact = absl::GetFlag(FLAGS_contact);
  options.metrics = absl::GetFlag(FLAGS_metrics);
  ASSIGN_OR_RETURN(options.frontier, FrontierLocation());
  const std::string interval = absl::GetFlag(FLAGS_host_interval);
  if (!interval.empty()) {
    absl::Duration duration;
    if (!absl::ParseDuration(interval, &duration) ||
        duration < absl::ZeroDuration()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "flag --host_interval cannot be \"", interval, "\", say \"2s\""));
    }
    options.host_interval = duration;
  }
  RETURN_IF_ERROR(CheckOptions(options));
  return options;
}

int Run() {
  const absl::StatusOr<IngestOptions> options = OptionsFromFlags();
  if (!options.ok()) return UsageError(options.status().message());
  auto store = OpenShardStore(absl::GetFlag(FLAGS_store), StoreAccess::kWrite);
  if (!store.ok()) return ExitCodeOf(store.status());
  const auto results = RunIngest(*options, **store);
  if (!results.ok()) return ExitCodeOf(results.status());
  std::fputs(FormatResults(*results).c_str(), stdout);
  std::fflush(stdout);
  int exit_code = kExitDone;
  for (const SourceResult& result : *results) {
    if (result.status.ok() || exit_code == kExitStopped) continue;
    exit_code = ExitCodeOf(result.status);
  }
  return exit_code;
}

absl::StatusOr<std::unique_ptr<PictureImport>> ImportFromFlags(
    const std::vector<std::string>& paths) {
  ImportOptions options;
  options.paths = paths;
  options.recipe = absl::GetFlag(FLAGS_recipe);
  options.metadata = absl::GetFlag(FLAGS_metadata);
  options.source = absl::GetFlag(FLAGS_source);
  ASSIGN_OR_RETURN(options.label, LabelOfName(absl::GetFlag(FLAGS_label)));
  options.limit = absl::GetFlag(FLAGS_limit);
  options.max_pixels = absl::GetFlag(FLAGS_max_pixels);
  ASSIGN_OR_RETURN(options.frontier, FrontierLocation());
  return PictureImport::Prepare(options);
}

int Import(const std::vector<std::string>& paths) {
  const auto import = ImportFromFlags(paths);
  if (absl::IsInvalidArgument(import.status()) ||
      absl::IsNotFound(import.status())) {
    return UsageError(import.status().message());
  }
  if (!import.ok()) return ExitCodeOf(import.status());
  auto store = OpenShardStore(absl::GetFlag(FLAGS_store), StoreAccess::kWrite);
  if (!store.ok()) return ExitCodeOf(store.status());
  const auto result = (*import)->Run(**store);
  if (!result.ok()) return ExitCodeOf(result.status());
  std::fputs(FormatResults({*result}).c_str(), stdout);
  std::fflush(stdout);
  return ExitCodeOf(result->status);
}

int Status() {
  const absl::StatusOr<std::string> location = FrontierLocation();
  if (!location.ok()) return UsageError(location.status().message());
  const absl::StatusOr<std::string> table = FormatStatus(*location);
  if (!table.ok()) return ExitCodeOf(table.status());
  std::fputs(table->c_str(), stdout);
  return kExitDone;
}

int ServeFrontierDir() {
  const absl::StatusOr<std::string> dir = FrontierLocation();
  if (!dir.ok()) return UsageError(dir.status().message());
  if (IsServerAddress(*dir)) {
    return UsageError("frontier serves a directory, not a server");
  }
  LocalFrontierOptions options;
  options.session_lifetime = absl::GetFlag(FLAGS_worker_silence);
  if (options.session_lifetime < absl::Seconds(1)) {
    return UsageError("--worker_silence must be at least 1s");
  }
  auto frontier = LocalFrontier::Open(*dir, std::move(options));
  if (!frontier.ok()) return ExitCodeOf(frontier.status());
  absl::StatusOr<std::unique_ptr<MetricsServer>> metrics = nullptr;
  if (!absl::GetFlag(FLAGS_metrics).empty()) {
    metrics = ServeMetrics(**frontier, absl::GetFlag(FLAGS_metrics));
  }
  if (absl::IsInvalidArgument(metrics.status())) {
    return UsageError(metrics.status().message());
  }
  if (!metrics.ok()) return ExitCodeOf(metrics.status());
  const std::string port_file = absl::GetFlag(FLAGS_port_file);
  return ExitCodeOf(ServeFrontier(**frontier, absl::GetFlag(FLAGS_listen),
                                  port_file.empty()
                                      ? std::filesystem::path()
                                      : ResolveUserPath(port_file)));
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::ImageSandboxMain(argc, argv);
  const verso::CommandLine line =
      verso::ParseCommandLine(argc, argv, verso::kUsage);
  const bool is_import = line.subcommand == "import";
  if (is_import && line.args.empty()) {
    return verso::UsageError("import needs a folder or archives of pictures");
  }
  const bool is_accept = line.subcommand == "accept";
  if (!is_import && !is_accept && !line.args.empty()) {
    return verso::UsageError(
        absl::StrCat("unexpected argument \"", line.args[0], "\""));
  }
  verso::InstallStopSignals();
  if (is_import) return verso::Import(line.args);
  if (line.subcommand.empty() || line.subcommand == "run") return verso::Run();
  if (line.subcommand == "status") return verso::Status();
  if (line.subcommand == "cluster") {
    return verso::ClusterMain(absl::GetFlag(FLAGS_store));
  }
  if (is_accept) {
    return verso::AcceptMain(absl::GetFlag(FLAGS_store), line.args);
  }
  if (line.subcommand == "frontier") return verso::ServeFrontierDir();
  return verso::UsageError(
      absl::StrCat("unknown subcommand \"", line.subcommand, "\""));
}
