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

std::vector<size_t> LexicaSite::FindByWords(absl::string_view query) const {
  const std::set<std::string> wanted = WordsOf(query);
  std::vector<std::pair<int, size_t>> found;  // Less is better.
  for (size_t i = 0; i < words_.size(); ++i) {
    int shared = 0;
    for (const std::string& word : wanted) shared += words_[i].count(word);
    if (shared > 0) found.emplace_back(-shared, i);
  }
  std::sort(found.begin(), found.end());
  if (found.size() > kMaxByWords) found.resize(kMaxByWords);
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
      IsUrl(query) ? FindByPicture(query) : FindByWords(query);
  for (const size_t index : found) images.push_back(ImageJson(index));
  return {{"images", std::move(images)}};
}

void LexicaSite::AddTo(httplib::Server& server) {
  server.Get("/lexica/api/v1/search",
             [this](const auto& request, auto& response) {
               AnswerJson(Search(request.get_param_value("q")), response);
             });
  server.Get("/lexica-images/full_jpg/([^/]+)", [this](const auto& request,
                                                       auto& response) {
    const auto it = index_of_id_.find(request.matches[1].str());
    if (it == index_of_id_.end()) return AnswerNotFound(response);
    AnswerPicture(request, *gallery_, Site::kLexica, it->second, response);
  });
}

}  // namespace verso
