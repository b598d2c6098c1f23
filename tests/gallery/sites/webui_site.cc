#include "tests/gallery/sites/webui_site.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/sites/answers.h"

namespace verso {
namespace {

using nlohmann::json;

constexpr int64_t kMaxSeed = 4294967293;
constexpr int64_t kMaxPictures = 16;
constexpr int64_t kMinSide = 64;
constexpr int64_t kMaxSide = 2048;
constexpr int64_t kMaxSteps = 150;

absl::Status WrongField(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", what));
}

absl::StatusOr<std::string> TextField(const json& body, const char* name,
                                      const std::string& otherwise) {
  const auto it = body.find(name);
  if (it == body.end() || it->is_null()) return otherwise;
  if (!it->is_string()) return WrongField(name, "str type expected");
  return it->get<std::string>();
}

absl::StatusOr<double> NumberField(const json& body, const char* name,
                                   double otherwise, double min, double max) {
  const auto it = body.find(name);
  if (it == body.end() || it->is_null()) return otherwise;
  if (!it->is_number()) return WrongField(name, "value is not a number");
  const auto value = it->get<double>();
  if (value < min || value > max) {
    return WrongField(name, absl::StrCat("must be from ", min, " to ", max));
  }
  return value;
}

absl::StatusOr<int64_t> IntegerField(const json& body, const char* name,
                                     int64_t otherwise, int64_t min,
                                     int64_t max) {
  const auto it = body.find(name);
  if (it != body.end() && it->is_number() && !it->is_number_integer()) {
    return WrongField(name, "value is not a valid integer");
  }
  ASSIGN_OR_RETURN(
      const double value,
      NumberField(body, name, static_cast<double>(otherwise),
                  static_cast<double>(min), static_cast<double>(max)));
  return static_cast<int64_t>(value);
}

absl::StatusOr<int> SideField(const json& body, const char* name) {
  ASSIGN_OR_RETURN(const int64_t side,
                   IntegerField(body, name, 512, kMinSide, kMaxSide));
  if (side % 8 != 0) return WrongField(name, "must be a multiple of 8");
  return static_cast<int>(side);
}

absl::StatusOr<Image> InitImage(const json& body) {
  const auto it = body.find("init_images");
  if (it == body.end() || !it->is_array() || it->empty()) {
    return absl::NotFoundError("Init image not found");
  }
  std::string bytes;
  if (!(*it)[0].is_string() ||
      !absl::Base64Unescape((*it)[0].get<std::string>(), &bytes)) {
    return WrongField("init_images", "invalid encoded image");
  }
  absl::StatusOr<Image> image = DecodeImage(bytes);
  if (!image.ok()) return WrongField("init_images", image.status().message());
  return image;
}

absl::StatusOr<GenerateRequest> ParseRequest(const json& body,
                                             bool from_image) {
  GenerateRequest request;
  ASSIGN_OR_RETURN(request.prompt, TextField(body, "prompt", ""));
  ASSIGN_OR_RETURN(request.negative_prompt,
                   TextField(body, "negative_prompt", ""));
  ASSIGN_OR_RETURN(const std::string sampler,
                   TextField(body, "sampler_index", "Euler"));
  ASSIGN_OR_RETURN(request.sampler, TextField(body, "sampler_name", sampler));
  ASSIGN_OR_RETURN(const int64_t seed,
                   IntegerField(body, "seed", -1, -1, kMaxSeed));
  // -1 asks for any seed; this one makes tests repeatable.
  request.seed = static_cast<uint32_t>(
      seed >= 0 ? seed : SeedFor(0, request.prompt) % (kMaxSeed + 1));
  ASSIGN_OR_RETURN(const int64_t steps,
                   IntegerField(body, "steps", 50, 1, kMaxSteps));
  request.steps = static_cast<int>(steps);
  ASSIGN_OR_RETURN(request.guidance, NumberField(body, "cfg_scale", 7, 0, 100));
  ASSIGN_OR_RETURN(request.width, SideField(body, "width"));
  ASSIGN_OR_RETURN(request.height, SideField(body, "height"));
  ASSIGN_OR_RETURN(request.denoising_strength,
                   NumberField(body, "denoising_strength", 0.75, 0, 1));
  if (from_image) {
    ASSIGN_OR_RETURN(request.init, InitImage(body));
  }
  return request;
}

// One value per picture of each list, and the same facts for all.
json InfoOf(const GenerateRequest& first, const std::string& model, int64_t n,
            int64_t batch_size) {
  json info = {
      {"prompt", first.prompt},
      {"all_prompts", std::vector<std::string>(n, first.prompt)},
      {"negative_prompt", first.negative_prompt},
      {"all_negative_prompts",
       std::vector<std::string>(n, first.negative_prompt)},
      {"seed", first.seed},
      {"all_seeds", json::array()},
      {"subseed", first.seed},
      {"all_subseeds", json::array()},
      {"subseed_strength", 0},
      {"width", first.width},
      {"height", first.height},
      {"sampler_name", first.sampler},
      {"cfg_scale", first.guidance},
      {"steps", first.steps},
      {"batch_size", batch_size},
      {"restore_faces", false},
      {"face_restoration_model", nullptr},
      {"sd_model_name", model},
      {"sd_model_hash", Sha256Hex(model).substr(0, 10)},
      {"sd_vae_name", nullptr},
      {"sd_vae_hash", nullptr},
      {"seed_resize_from_w", -1},
      {"seed_resize_from_h", -1},
      {"denoising_strength", nullptr},
      {"extra_generation_params", json::object()},
      {"index_of_first_image", 0},
      {"infotexts", json::array()},
      {"styles", json::array()},
      {"job_timestamp", "20220622000000"},
      {"clip_skip", 1},
      {"is_using_inpainting_conditioning", false},
  };
  if (first.init) info["denoising_strength"] = first.denoising_strength;
  return info;
}

// FastAPI's answer to a request that does not fit.
json WrongFieldJson(const absl::Status& status) {
  return {{"detail",
           {{{"loc", {"body"}},
             {"msg", std::string(status.message())},
             {"type", "value_error"}}}}};
}

}  // namespace

absl::StatusOr<json> WebuiSite::Generate(const json& body,
                                         bool from_image) const {
  ASSIGN_OR_RETURN(GenerateRequest request, ParseRequest(body, from_image));
  ASSIGN_OR_RETURN(const int64_t batch_size,
                   IntegerField(body, "batch_size", 1, 1, kMaxPictures));
  ASSIGN_OR_RETURN(
      const int64_t batches,
      IntegerField(body, "n_iter", 1, 1, kMaxPictures / batch_size));
  const GenerateRequest first = request;
  json images = json::array();
  json info;
  for (int64_t i = 0; i < batches * batch_size; ++i) {
    request.seed = first.seed + static_cast<uint32_t>(i);
    ASSIGN_OR_RETURN(const GeneratedPicture picture,
                     gallery_->Generate(request));
    if (i == 0) {
      info = InfoOf(first, picture.model, batches * batch_size, batch_size);
    }
    images.push_back(absl::Base64Escape(picture.bytes));
    info["all_seeds"].push_back(request.seed);
    info["all_subseeds"].push_back(request.seed);
    info["infotexts"].push_back(InfoText(request, picture.model));
  }
  json parameters = body;
  // As the web UI does, unless include_init_images asks for them.
  parameters.erase("init_images");
  return json{
      {"images", std::move(images)},
      {"parameters", std::move(parameters)},
      {"info", info.dump(-1, ' ', false, json::error_handler_t::replace)}};
}

void WebuiSite::Answer(const httplib::Request& request, bool from_image,
                       httplib::Response& response) const {
  const json body = json::parse(request.body, nullptr, false);
  const absl::StatusOr<json> answer =
      body.is_object()
          ? Generate(body, from_image)
          : absl::StatusOr<json>(WrongField("body", "not a JSON object"));
  if (answer.ok()) return AnswerJson(*answer, response);
  const absl::Status& status = answer.status();
  if (absl::IsInvalidArgument(status)) {
    response.status = 422;
    return AnswerJson(WrongFieldJson(status), response);
  }
  response.status = absl::IsNotFound(status) && from_image ? 404 : 500;
  AnswerJson({{"error", std::string(absl::StatusCodeToString(status.code()))},
              {"detail", std::string(status.message())},
              {"errors", ""}},
             response);
}

void WebuiSite::AddTo(httplib::Server& server) {
  for (const bool from_image : {false, true}) {
    server.Post(
        from_image ? "/a1111/sdapi/v1/img2img" : "/a1111/sdapi/v1/txt2img",
        [this, from_image](const httplib::Request& request,
                           httplib::Response& response) {
          Answer(request, from_image, response);
        });
  }
}

}  // namespace verso
