#include "tests/integration/pipeline.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace verso::testing {
namespace {

std::vector<std::string> Join(std::vector<std::string> argv,
                              const std::vector<std::string>& more) {
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

}  // namespace

absl::Status Pipeline::StartGallery(const std::vector<std::string>& flags) {
  const std::filesystem::path port_file = dir_ / "gallery.port";
  std::filesystem::remove(port_file);
  gallery_.reset();
  ASSIGN_OR_RETURN(
      gallery_,
      Process::Start(Join({"tests/gallery/gallery_server", "--port=0",
                           absl::StrCat("--port_file=", port_file.string())},
                          flags)));
  ASSIGN_OR_RETURN(gallery_port_, WaitForPort(*gallery_, port_file));
  return absl::OkStatus();
}

absl::Status Pipeline::StartStore() {
  const std::filesystem::path port_file = dir_ / "store.port";
  std::filesystem::remove(port_file);
  store_.reset();
  ASSIGN_OR_RETURN(
      store_,
      Process::Start({"shardstore/shardstore", "serve",
                      absl::StrCat("--store=", store_dir().string()),
                      "--listen=127.0.0.1:0",
                      absl::StrCat("--port_file=", port_file.string())}));
  ASSIGN_OR_RETURN(store_port_, WaitForPort(*store_, port_file));
  return absl::OkStatus();
}

absl::StatusOr<ProcessResult> Pipeline::Ingest(
    const std::vector<std::string>& flags) {
  const std::string site = absl::StrCat("http://127.0.0.1:", gallery_port_);
  return RunProcess(
      Join({"ingest/ingest", "run", absl::StrCat("--store=", store_address()),
            absl::StrCat("--frontier=", (dir_ / "frontier").string()),
            "--host_interval=0s", absl::StrCat("--wga_url=", site, "/wga"),
            absl::StrCat("--artbench_url=", site, "/artbench"),
            absl::StrCat("--lexica_url=", site, "/lexica"),
            absl::StrCat("--lexica_image_url=", site, "/lexica-images"),
            absl::StrCat("--dalle_url=", site, "/dalle"),
            absl::StrCat("--dalle_image_url=", site, "/dalle-images"),
            absl::StrCat("--lofi_url=", site, "/a1111")},
           flags));
}

absl::StatusOr<ProcessResult> Pipeline::Train(
    absl::string_view store, absl::string_view run,
    const std::vector<std::string>& flags) {
  return RunProcess(
      Join({"trainer/trainer", "train", absl::StrCat("--store=", store),
            absl::StrCat("--run_dir=", run_dir(run).string())},
           flags));
}

absl::StatusOr<ProcessResult> Pipeline::Evaluate(absl::string_view run) {
  return RunProcess({"evaluator/evaluator", "watch", "--once",
                     absl::StrCat("--run=", run_dir(run).string()),
                     absl::StrCat("--store=", store_address())});
}

absl::StatusOr<std::string> Pipeline::Freeze(absl::string_view recipe) {
  ASSIGN_OR_RETURN(const ProcessResult result,
                   RunProcess({"shardstore/shardstore", "snapshot",
                               absl::StrCat("--store=", store_address()),
                               absl::StrCat("--recipe=", recipe)}));
  for (const absl::string_view line : absl::StrSplit(result.output, '\n')) {
    if (absl::StartsWith(line, "snapshot ")) {
      return std::string(line.substr(9));
    }
  }
  return absl::InternalError(result.output);
}

absl::StatusOr<int> Pipeline::Requests(absl::string_view prefix) const {
  httplib::Client client("127.0.0.1", gallery_port_);
  const httplib::Result response = client.Get("/stats");
  if (!response) return absl::UnavailableError("the gallery does not answer");
  const nlohmann::json stats =
      nlohmann::json::parse(response->body, nullptr, false);
  if (!stats.is_object()) return absl::InternalError(response->body);
  return stats.value(std::string(prefix), 0);
}

std::string Pipeline::store_address() const {
  return absl::StrCat("127.0.0.1:", store_port_);
}

}  // namespace verso::testing
