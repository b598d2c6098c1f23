#include "trainer/checkpoint_manifest.h"

#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace verso {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kFormat[] = "verso-checkpoint";
constexpr int kVersion = 1;
constexpr int64_t kMaxManifestBytes = int64_t{4} << 20;

json TransformsToJson(const TransformOptions& t) {
  return {{"image_size", t.image_size}, {"image_fit", t.image_fit},
          {"blur_sigma", t.blur_sigma}, {"noise_sigma", t.noise_sigma},
          {"grayscale", t.grayscale},   {"normalize", t.normalize}};
}

// JSON has no NaN: it is null, and read back as NaN.
double NumberOf(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                         : value.get<double>();
}

TransformOptions TransformsFromJson(const json& j) {
  TransformOptions t;
  t.image_size = j.at("image_size").get<int>();
  t.image_fit = j.at("image_fit").get<std::string>();
  t.blur_sigma = j.at("blur_sigma").get<double>();
  t.noise_sigma = j.at("noise_sigma").get<double>();
  t.grayscale = j.at("grayscale").get<bool>();
  t.normalize = j.at("normalize").get<bool>();
  return t;
}

json ValidationToJson(const CheckpointManifest& m) {
  json rates = json::object();
  for (const auto& [source, rate] : m.human_rates) {
    rates[source] = {{"samples", rate.samples},
                     {"rate", rate.rate},
                     {"wilson_high", rate.wilson_high}};
  }
  return {{"loss", m.validation_loss},
          {"accuracy", m.validation_accuracy},
          {"samples", m.validation_samples},
          {"threshold", m.threshold},
          {"alpha", m.alpha},
          {"human_rates", std::move(rates)}};
}

void ValidationFromJson(const json& j, CheckpointManifest& m) {
  m.validation_loss = NumberOf(j.at("loss"));
  m.validation_accuracy = NumberOf(j.at("accuracy"));
  m.validation_samples = j.at("samples").get<int64_t>();
  m.threshold = j.at("threshold").get<double>();
  m.alpha = j.at("alpha").get<double>();
  for (const auto& [source, rate] : j.at("human_rates").items()) {
    m.human_rates[source] = {.samples = rate.at("samples").get<int64_t>(),
                             .rate = NumberOf(rate.at("rate")),
                             .wilson_high = NumberOf(rate.at("wilson_high"))};
  }
}

// A name inside the folder: nothing that leads out of it.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name[0] != '.' &&
         name.find_first_of(std::string("/\0", 2)) == std::string::npos;
}

// Throws json::exception on a missing or mistyped field.
CheckpointManifest Parse(const json& j) {
  CheckpointManifest m;
  m.kind = j.at("kind") == "scored" ? CheckpointKind::kScored
                                    : CheckpointKind::kResume;
  m.run = j.at("run").get<std::string>();
  m.model = j.at("model").get<std::string>();
  m.step = j.at("step").get<int64_t>();
  m.epoch = j.at("epoch").get<int64_t>();
  m.cursor = j.at("cursor").get<uint64_t>();
  m.world_size = j.at("world_size").get<int>();
  m.seed = j.at("seed").get<uint64_t>();
  m.snapshot = j.at("snapshot").get<std::string>();
  m.transforms = TransformsFromJson(j.at("transforms"));
  m.weights_kind = j.at("weights_kind").get<std::string>();
  for (const auto& [name, file] : j.at("files").items()) {
    m.files[name] = {.size_bytes = file.at("size_bytes").get<int64_t>(),
                     .sha256 = file.at("sha256").get<std::string>()};
  }
  if (m.kind == CheckpointKind::kScored) {
    ValidationFromJson(j.at("validation"), m);
  }
  return m;
}

bool IsKind(const json& kind) { return kind == "scored" || kind == "resume"; }

absl::Status CheckFormat(const json& j, absl::string_view name) {
  if (!j.is_object() || !j.contains("format") || j["format"] != kFormat ||
      !j.contains("version") || !j["version"].is_number_integer()) {
    return absl::DataLossError(absl::StrCat(
        name, " is not the manifest of a checkpoint: use another one"));
  }
  if (j["version"] > kVersion) {
    return absl::DataLossError(
        absl::StrCat(name, " is of version ", j["version"].dump(),
                     ", this program knows versions up to ", kVersion,
                     ": use a newer Verso"));
  }
  if (!j.contains("kind") || !IsKind(j["kind"])) {
    return absl::DataLossError(absl::StrCat(
        name, " is damaged: its kind is neither resume nor scored"));
  }
  return absl::OkStatus();
}

// The step of a committed checkpoint's folder name; -1 for any other name.
int64_t StepOf(absl::string_view name) {
  constexpr absl::string_view kPrefix = "step-";
  int64_t step = -1;
  if (name.size() != kPrefix.size() + 10 ||
      name.substr(0, kPrefix.size()) != kPrefix ||
      name.find_first_not_of("0123456789", kPrefix.size()) !=
          absl::string_view::npos ||
      !absl::SimpleAtoi(name.substr(kPrefix.size()), &step)) {
    return -1;
  }
  return step;
}

}  // namespace

std::string ManifestToJson(const CheckpointManifest& m) {
  json files = json::object();
  for (const auto& [name, file] : m.files) {
    files[name] = {{"size_bytes", file.size_bytes}, {"sha256", file.sha256}};
  }
  const bool scored = m.kind == CheckpointKind::kScored;
  json j = {{"format", kFormat},
            {"version", kVersion},
            {"kind", scored ? "scored" : "resume"},
            {"run", m.run},
            {"model", m.model},
            {"step", m.step},
            {"epoch", m.epoch},
            {"cursor", m.cursor},
            {"world_size", m.world_size},
            {"seed", m.seed},
            {"snapshot", m.snapshot},
            {"transforms", TransformsToJson(m.transforms)},
            {"weights_kind", m.weights_kind},
            {"files", std::move(files)}};
  if (scored) j["validation"] = ValidationToJson(m);
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

absl::StatusOr<CheckpointManifest> ManifestFromJson(absl::string_view text,
                                                    absl::string_view name) {
  const json j = json::parse(text.begin(), text.end(), nullptr,
                             /*allow_exceptions=*/false);
  RETURN_IF_ERROR(CheckFormat(j, name));
  CheckpointManifest manifest;
  try {
    manifest = Parse(j);
  } catch (const json::exception& e) {
    return absl::DataLossError(absl::StrCat(name, " is damaged: ", e.what()));
  }
  for (const auto& [file, unused] : manifest.files) {
    if (!IsPlainName(file)) {
      return absl::DataLossError(absl::StrCat(
          name, " lists ", file, ", which is no name inside the folder"));
    }
  }
  return manifest;
}

absl::StatusOr<CheckpointManifest> ReadManifest(const fs::path& checkpoint) {
  const fs::path path = checkpoint / std::string(kManifestName);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxManifestBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(absl::StrCat("there is no checkpoint in ",
                                            checkpoint.string(), " (no ",
                                            kManifestName,
                                            "); give a folder like RUN/best or "
                                            "RUN/checkpoints/step-0000000100"));
  }
  RETURN_IF_ERROR(text.status());
  return ManifestFromJson(*text, path.string());
}

absl::StatusOr<std::map<int64_t, fs::path>> ListCheckpoints(
    const fs::path& run_dir) {
  std::map<int64_t, fs::path> checkpoints;
  const fs::path dir = run_dir / "checkpoints";
  std::error_code error;
  fs::directory_iterator it(dir, error);
  if (error == std::errc::no_such_file_or_directory) return checkpoints;
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const int64_t step = StepOf(it->path().filename().string());
    if (step >= 0) checkpoints[step] = it->path();
  }
  if (error) return ErrnoStatus("list", dir, error.value());
  return checkpoints;
}

}  // namespace verso
