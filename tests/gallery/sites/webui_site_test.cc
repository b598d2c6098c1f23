#include "tests/gallery/sites/webui_site.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::ServedGallery;
using ::testing::SizeIs;

constexpr char kTextToImage[] = "/a1111/sdapi/v1/txt2img";
constexpr char kImageToImage[] = "/a1111/sdapi/v1/img2img";

json Request(const std::string& prompt) {
  return {{"prompt", prompt}, {"seed", 5},     {"steps", 32},
          {"width", 64},      {"height", 128}, {"sampler_name", "DDIM"}};
}

std::string BytesOf(const json& answer, size_t i = 0) {
  std::string bytes;
  absl::Base64Unescape(answer["images"][i].get<std::string>(), &bytes);
  return bytes;
}

class WebuiSiteTest : public ::testing::Test {
 protected:
  json Answer(const json& request, const char* route = kTextToImage) {
    return json::parse(gallery_.Post(route, request.dump()).body);
  }
  int Status(const std::string& request, const char* route = kTextToImage) {
    return gallery_.Post(route, request).status;
  }
  ServedGallery gallery_;
};

TEST_F(WebuiSiteTest, APictureHasTheSizeThatWasAskedFor) {
  const json answer = Answer(Request("ukiyo-e painting of a wave"));
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(BytesOf(answer)));
  EXPECT_EQ(image.width, 64);
  EXPECT_EQ(image.height, 128);
}

TEST_F(WebuiSiteTest, ThePngCarriesItsParameters) {
  const std::string png = BytesOf(Answer(Request("a wave")));
  EXPECT_THAT(png, HasSubstr("tEXtparameters"));
  EXPECT_THAT(png, HasSubstr("a wave\nSteps: 32, Sampler: DDIM, CFG scale: 7, "
                             "Seed: 5, Size: 64x128, Model: "));
}

TEST_F(WebuiSiteTest, TheInfoIsJsonInJsonWithAllKeys) {
  const json answer = Answer(Request("a wave"));
  EXPECT_EQ(answer["parameters"], Request("a wave"));
  const json info = json::parse(answer["info"].get<std::string>());
  for (const char* key : {"prompt",
                          "all_prompts",
                          "negative_prompt",
                          "all_negative_prompts",
                          "seed",
                          "all_seeds",
                          "subseed",
                          "all_subseeds",
                          "subseed_strength",
                          "width",
                          "height",
                          "sampler_name",
                          "cfg_scale",
                          "steps",
                          "batch_size",
                          "restore_faces",
                          "face_restoration_model",
                          "sd_model_name",
                          "sd_model_hash",
                          "sd_vae_name",
                          "sd_vae_hash",
                          "seed_resize_from_w",
                          "seed_resize_from_h",
                          "denoising_strength",
                          "extra_generation_params",
                          "index_of_first_image",
                          "infotexts",
                          "styles",
                          "job_timestamp",
                          "clip_skip",
                          "is_using_inpainting_conditioning"}) {
    EXPECT_TRUE(info.contains(key)) << key;
  }
  EXPECT_EQ(info["seed"], 5);
  EXPECT_EQ(info["sampler_name"], "DDIM");
}

TEST_F(WebuiSiteTest, PromptAndSeedMakeThePicture) {
  const json first = Answer(Request("a wave"));
  EXPECT_EQ(BytesOf(first), BytesOf(Answer(Request("a wave"))));
  EXPECT_NE(BytesOf(first), BytesOf(Answer(Request("a hill"))));
}

TEST_F(WebuiSiteTest, ABatchHasRisingSeeds) {
  json request = Request("a wave");
  request["batch_size"] = 2;
  request["n_iter"] = 2;
  const json answer = Answer(request);
  EXPECT_THAT(answer["images"], SizeIs(4));
  const json info = json::parse(answer["info"].get<std::string>());
  EXPECT_EQ(info["all_seeds"], json({5, 6, 7, 8}));
  EXPECT_THAT(info["infotexts"][3].get<std::string>(), HasSubstr("Seed: 8"));
}

TEST_F(WebuiSiteTest, WrongFieldsAreA422) {
  EXPECT_EQ(Status("{"), 422);
  EXPECT_EQ(Status("[]"), 422);
  EXPECT_EQ(Status(R"({"prompt": 5})"), 422);
  EXPECT_EQ(Status(R"({"width": 1000000})"), 422);
  EXPECT_EQ(Status(R"({"width": 65})"), 422);
  EXPECT_EQ(Status(R"({"seed": "x"})"), 422);
  EXPECT_EQ(Status(R"({"batch_size": 1000})"), 422);
}

TEST_F(WebuiSiteTest, ImageToImageKeepsThePictureThatItStartsFrom) {
  json request = Request("a wave");
  const std::string init = BytesOf(Answer(request));
  request["init_images"] = {absl::Base64Escape(init)};
  request["denoising_strength"] = 0.1;
  ASSERT_OK_AND_ASSIGN(const Image before, DecodeImage(init));
  ASSERT_OK_AND_ASSIGN(const Image after,
                       DecodeImage(BytesOf(Answer(request, kImageToImage))));
  ASSERT_EQ(after.rgb.size(), before.rgb.size());
  EXPECT_FALSE(
      Answer(request, kImageToImage)["parameters"].contains("init_images"));
  double difference = 0;
  for (size_t i = 0; i < before.rgb.size(); ++i) {
    difference += std::abs(before.rgb[i] - after.rgb[i]);
  }
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference / static_cast<double>(before.rgb.size()), 25);
}

TEST_F(WebuiSiteTest, ImageToImageNeedsAnImage) {
  EXPECT_EQ(Status(R"({"prompt": "a"})", kImageToImage), 404);
  EXPECT_EQ(Status(R"({"init_images": ["bm8="]})", kImageToImage), 422);
}

}  // namespace
}  // namespace verso
