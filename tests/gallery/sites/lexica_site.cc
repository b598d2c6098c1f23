#include "tests/gallery/sites/lexica_site.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/sites/answers.h"
#include "tests/gallery/sites/artbench_site.h"
#include "tests/gallery/uuid.h"

namespace verso {
namespace {

constexpr size_t kMaxByWords = 50;
constexpr size_t kByPicture = 20;
constexpr size_t kPerPage = 20;  // Of prompts.

// Lower-case words; a dash is part of its word ("post-impressionism").
std::set<std::string> WordsOf(absl::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : absl::StrCat(text, " ")) {
    if (absl::ascii_isalnum(c) || c == '-' || (c & 0x80) != 0) {
      word.push_back(absl::ascii_tolower(c));
    } else if (!word.empty()) {
      words.insert(std::exchange(word, ""));
    }
  }
  return words;
}

bool IsUrl(absl::string_view query) {
  return absl::StartsWith(query, "http://") ||
         absl::StartsWith(query, "https://");
}

}  // namespace

LexicaSite::LexicaSite(Gallery* gallery) : gallery_(gallery) {
  const std::vector<GalleryItem>& items = gallery_->items(Site::kLexica);
  for (size_t i = 0; i < items.size(); ++i) {
    index_of_id_[items[i].id] = i;
    // Lexica's search compares pictures with words, so it finds by style what
    // does not name one.
    const ArtStyle* style = FindArtStyle(items[i].prompt);
    if (style == nullptr) style = &ArtStyles()[i % ArtStyles().size()];
    words_.push_back(WordsOf(absl::StrCat(items[i].prompt, " ", style->words)));
  }
  const std::vector<GalleryItem>& queries = gallery_->items(Site::kArtbench);
  for (size_t i = 0; i < queries.size(); ++i) {
    artbench_urls_[ArtbenchSite::UrlOf(queries[i])] = i;
  }
}

std::vector<size_t> LexicaSite::FindByWords(absl::string_view query,
                                            size_t max_results) const {
  const std::set<std::string> wanted = WordsOf(query);
  std::vector<std::pair<int, size_t>> found;  // Less is better.
  for (size_t i = 0; i < words_.size(); ++i) {
    int shared = 0;
    for (const std::string& word : wanted) shared += words_[i].count(word);
    if (shared > 0) found.emplace_back(-shared, i);
  }
  std::sort(found.begin(), found.end());
  if (found.size() > max_results) found.resize(max_results);
  std::vector<size_t> indexes;
  for (const auto& [unused, index] : found) indexes.push_back(index);
  return indexes;
}

std::vector<size_t> LexicaSite::FindByPicture(const std::string& url) const {
  const size_t n = words_.size();
  std::vector<size_t> indexes;
  if (n == 0) return indexes;
  const auto it = artbench_urls_.find(url);
  const size_t first =
      it != artbench_urls_.end() ? it->second * kByPicture : SeedFor(0, url);
  for (size_t i = 0; i < std::min(n, kByPicture); ++i) {
    indexes.push_back((first % n + i) % n);
  }
  return indexes;
}

nlohmann::json LexicaSite::ImageJson(size_t index) const {
  const GalleryItem& item = gallery_->items(Site::kLexica)[index];
  const uint64_t seed = SeedFor(1, item.id) % 4294967294u;
  nlohmann::json json = {
      {"id", item.id},
      {"gallery", "https://lexica.art?q=" + item.id},
      {"src", "https://image.lexica.art/full_jpg/" + item.id},
      {"srcSmall", "https://image.lexica.art/md2/" + item.id},
      {"prompt", item.prompt},
      {"width", item.width},
      {"height", item.height},
      {"seed", absl::StrCat(seed)},
      {"grid", item.grid},
      {"model", item.generator},
      {"guidance", 7},
      {"promptid", UuidOf("prompt/" + item.work)},
      {"nsfw", item.nsfw},
  };
  // Some answers have the seed as a number.
  if (index % 7 == 3) json["seed"] = seed;
  return json;
}

nlohmann::json LexicaSite::Search(const std::string& query) const {
  nlohmann::json images = nlohmann::json::array();
  const std::vector<size_t> found =
      IsUrl(query) ? FindByPicture(query) : FindByWords(query, kMaxByWords);
  for (const size_t index : found) images.push_back(ImageJson(index));
  return {{"images", std::move(images)}};
}

// Addresses of documentation's range, names of nobody.
nlohmann::json LexicaSite::PromptImageJson(size_t index) const {
  const GalleryItem& item = gallery_->items(Site::kLexica)[index];
  nlohmann::json json = {
      {"id", item.id},
      {"promptid", UuidOf("prompt/" + item.work)},
      {"width", item.width},
      {"height", item.height},
      {"upscaled_width", nullptr},
      {"upscaled_height", nullptr},
      {"userid", UuidOf("user/" + item.id)},
      {"ip_address", absl::StrCat("192.0.2.", index % 250)},
      {"fingerprint_id", UuidOf("fingerprint/" + item.id)},
      {"model_mode", nullptr},
      {"raw_mode", false},
      {"variationForImageUrl", nullptr},
      {"image_prompt_strength", nullptr},
  };
  if (index % 11 == 4) {
    json["variationForImageUrl"] =
        "https://image.lexica.art/full_jpg/" + UuidOf("varied/" + item.id);
  }
  return json;
}

nlohmann::json LexicaSite::PromptJson(size_t index) const {
  const GalleryItem& item = gallery_->items(Site::kLexica)[index];
  const uint64_t seed = SeedFor(1, item.id) % 4294967294u;
  nlohmann::json json = {
      {"id", UuidOf("prompt/" + item.work)},
      {"prompt", item.prompt},
      {"negativePrompt", ""},
      {"timestamp", "2023-02-01T00:00:00.000Z"},
      {"grid", item.grid},
      {"seed", absl::StrCat(seed)},
      {"c", 7},
      {"model", "lexica-aperture-v2"},
      {"width", item.width},
      {"height", item.height},
      {"initImage", nullptr},
      {"initImageStrength", nullptr},
      {"is_private", item.nsfw},
      {"cleanedPrompt", nullptr},
      {"userid", UuidOf("user/" + item.id)},
  };
  if (index % 7 == 3) json["seed"] = seed;
  if (index % 11 == 8) {
    json["initImage"] = "https://user.invalid/" + item.id + ".jpg";
    json["initImageStrength"] = 0.5;
  }
  return json;
}

nlohmann::json LexicaSite::Prompts(absl::string_view text,
                                   int64_t cursor) const {
  const std::vector<size_t> found = FindByWords(text, words_.size());
  const size_t begin = std::min(static_cast<size_t>(cursor), found.size());
  const size_t end = std::min(begin + kPerPage, found.size());
  const bool is_older_shape = begin / kPerPage % 2 == 1;
  nlohmann::json answer = {{"prompts", nlohmann::json::array()}};
  if (is_older_shape) answer["images"] = nlohmann::json::array();
  for (size_t i = begin; i < end; ++i) {
    nlohmann::json prompt = PromptJson(found[i]);
    nlohmann::json image = PromptImageJson(found[i]);
    if (is_older_shape) {
      answer["images"].push_back(std::move(image));
    } else {
      prompt["images"] = nlohmann::json::array({std::move(image)});
    }
    answer["prompts"].push_back(std::move(prompt));
  }
  if (end < found.size()) answer["nextCursor"] = end;
  return answer;
}

void LexicaSite::AnswerPrompts(const httplib::Request& request,
                               httplib::Response& response) const {
  const nlohmann::json body =
      nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("text") ||
      !body["text"].is_string()) {
    response.status = 400;
    return AnswerJson({{"error", "no text"}}, response);
  }
  const auto cursor = body.find("cursor");
  const bool has_cursor = cursor != body.end() && cursor->is_number_unsigned();
  AnswerJson(Prompts(body["text"].get<std::string>(),
                     has_cursor ? cursor->get<int64_t>() : 0),
             response);
}

void LexicaSite::AddTo(httplib::Server& server) {
  server.Get("/lexica/api/v1/search",
             [this](const auto& request, auto& response) {
               AnswerJson(Search(request.get_param_value("q")), response);
             });
  server.Post("/lexica/api/infinite-prompts",
              [this](const auto& request, auto& response) {
                AnswerPrompts(request, response);
              });
  server.Get("/lexica-images/full_jpg/([^/]+)", [this](const auto& request,
                                                       auto& response) {
    const auto it = index_of_id_.find(request.matches[1].str());
    if (it == index_of_id_.end()) return AnswerNotFound(response);
    AnswerPicture(request, *gallery_, Site::kLexica, it->second, response);
  });
}

}  // namespace verso
