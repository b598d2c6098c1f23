#include "common/base/main.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "tests/gallery/faults.h"
#include "tests/gallery/folder_gallery.h"
#include "tests/gallery/gallery_server.h"
#include "tests/gallery/simulated_gallery.h"

namespace verso {

// A flag that may be given several times.
struct FaultFlag {
  std::vector<Fault> faults;
  std::string text;
};

// Abseil parses each occurrence into a new value: the earlier ones are kept
// here. Only used while the command line is parsed.
bool AbslParseFlag(absl::string_view text, FaultFlag* flag,
                   std::string* error) {
  static auto* const all = new FaultFlag();
  absl::StatusOr<std::vector<Fault>> faults = ParseFaults(text);
  if (!faults.ok()) {
    *error = std::string(faults.status().message());
    return false;
  }
  all->faults.insert(all->faults.end(), faults->begin(), faults->end());
  absl::StrAppend(&all->text, all->text.empty() ? "" : ",", text);
  *flag = *all;
  return true;
}

std::string AbslUnparseFlag(const FaultFlag& flag) { return flag.text; }

}  // namespace verso

ABSL_FLAG(int, port, 0, "port on 127.0.0.1; 0 = any free one");
ABSL_FLAG(std::string, port_file, "",
          "file that gets the port once the server is ready");
ABSL_FLAG(std::string, gallery, "",
          "folder of pictures with a manifest.csv; without it they are drawn");
ABSL_FLAG(uint64_t, seed, 1, "of the drawn pictures");
ABSL_FLAG(int, wga, 240, "drawn paintings of WGA, details included");
ABSL_FLAG(int, artbench, 400, "drawn paintings of ArtBench");
ABSL_FLAG(int, lexica, 240,
          "drawn pictures of Lexica; a few that a client "
          "must leave out come on top");
ABSL_FLAG(int, dalle, 80, "drawn pictures of dalle2.gallery");
ABSL_FLAG(int, lofi, 0,
          "different pictures that the generator draws; 0 = no limit");
ABSL_FLAG(std::string, wga_encoding, "CP850",
          "of WGA's catalogue; also seen: ISO-8859-1, UTF-8");
ABSL_FLAG(verso::FaultFlag, fault, {},
          absl::StrCat("PATH_PREFIX=KIND[:COUNT]: answers below the path go "
                       "wrong, the first COUNT ones or all; may be repeated; "
                       "KIND is one of ",
                       verso::FaultKinds()));
ABSL_FLAG(std::string, access_log, "",
          "file that gets a line per answer: microseconds since 1970 when the "
          "request came, method, host, path, status");

namespace verso {
namespace {

constexpr char kUsage[] =
    R"(Serves stand-ins for the web sites that //ingest takes pictures from:
WGA, ArtBench, Lexica, dalle2.gallery and AUTOMATIC1111's web UI (LoFi), in
their own formats, over plain HTTP on 127.0.0.1, until it is stopped (Ctrl-C).

  # Pictures drawn by program, on any free port:
  bazel run //tests/gallery:gallery_server
  # The pictures of a folder with a manifest.csv, on port 8080:
  bazel run //tests/gallery:gallery_server -- --gallery=DIR --port=8080
  # Lexica's first three searches answer 429, WGA's pictures come in halves:
  bazel run //tests/gallery:gallery_server -- \
      --fault=/lexica/api=429:3 --fault=/wga/art=half
  # What was asked for so far:
  curl http://127.0.0.1:8080/stats)";

constexpr int kMaxPictures = 1'000'000;

absl::StatusOr<int> CountOf(absl::string_view name, int count) {
  if (count < 0 || count > kMaxPictures) {
    return absl::InvalidArgumentError(absl::StrCat(
        "flag --", name, " is ", count, "; it can be 0 to ", kMaxPictures));
  }
  return count;
}

absl::StatusOr<std::unique_ptr<Gallery>> OpenGallery() {
  const std::string folder = absl::GetFlag(FLAGS_gallery);
  if (!folder.empty()) return FolderGallery::Open(ResolveUserPath(folder));
  SimulatedGalleryOptions options;
  options.seed = absl::GetFlag(FLAGS_seed);
  ASSIGN_OR_RETURN(options.wga, CountOf("wga", absl::GetFlag(FLAGS_wga)));
  ASSIGN_OR_RETURN(options.artbench,
                   CountOf("artbench", absl::GetFlag(FLAGS_artbench)));
  ASSIGN_OR_RETURN(options.lexica,
                   CountOf("lexica", absl::GetFlag(FLAGS_lexica)));
  ASSIGN_OR_RETURN(options.dalle, CountOf("dalle", absl::GetFlag(FLAGS_dalle)));
  ASSIGN_OR_RETURN(options.lofi, CountOf("lofi", absl::GetFlag(FLAGS_lofi)));
  return std::make_unique<SimulatedGallery>(options);
}

void PrintAddresses(const Gallery& gallery, int port) {
  const std::string site = absl::StrCat("http://127.0.0.1:", port);
  absl::PrintF("%s web sites on %s\n", gallery.kind(), site);
  absl::PrintF(
      "  wga %s/wga (%d pictures)\n  artbench %s/artbench (%d)\n"
      "  lexica %s/lexica and %s/lexica-images (%d)\n"
      "  dalle %s/dalle and %s/dalle-images (%d)\n  lofi %s/a1111\n",
      site, gallery.items(Site::kWga).size(), site,
      gallery.items(Site::kArtbench).size(), site, site,
      gallery.items(Site::kLexica).size(), site, site,
      gallery.items(Site::kDalle).size(), site);
  std::fflush(stdout);
}

absl::Status Run() {
  ASSIGN_OR_RETURN(std::unique_ptr<Gallery> gallery, OpenGallery());
  const Gallery& pictures = *gallery;  // Owned by the server from here on.
  GalleryServerOptions options;
  options.port = absl::GetFlag(FLAGS_port);
  options.faults = absl::GetFlag(FLAGS_fault).faults;
  options.wga_encoding = absl::GetFlag(FLAGS_wga_encoding);
  options.access_log = absl::GetFlag(FLAGS_access_log);
  if (!options.access_log.empty()) {
    options.access_log = ResolveUserPath(options.access_log).string();
  }
  if (options.port < 0 || options.port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "flag --port is ", options.port, "; it can be 0 to 65535"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<GalleryServer> server,
                   GalleryServer::Start(std::move(gallery), options));
  PrintAddresses(pictures, server->port());
  const std::string port_file = absl::GetFlag(FLAGS_port_file);
  if (!port_file.empty()) {
    RETURN_IF_ERROR(WriteFileAtomically(ResolveUserPath(port_file),
                                        absl::StrCat(server->port(), "\n")));
  }
  while (!WaitForStop(absl::Hours(24))) {
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  const verso::CommandLine line =
      verso::ParseCommandLine(argc, argv, verso::kUsage);
  if (!line.subcommand.empty()) {
    return verso::UsageError(
        absl::StrCat("unexpected argument \"", line.subcommand, "\""));
  }
  verso::InstallStopSignals();
  return verso::ExitCodeOf(verso::Run());
}
