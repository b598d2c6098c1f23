#include "tests/gallery/sites/dalle_site.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/gallery/sites/answers.h"
#include "tests/gallery/uuid.h"

namespace verso {
namespace {

constexpr int64_t kMaxPageSize = 100;

int64_t NumberOf(const httplib::Request& request, const char* name,
                 int64_t otherwise) {
  int64_t number = 0;
  const bool valid =
      absl::SimpleAtoi(request.get_param_value(name), &number) && number >= 0;
  return valid ? number : otherwise;
}

}  // namespace

DalleSite::DalleSite(Gallery* gallery) : gallery_(gallery) {
  std::map<std::string, size_t> entry_of_work;
  const std::vector<GalleryItem>& items = gallery_->items(Site::kDalle);
  for (size_t i = 0; i < items.size(); ++i) {
    index_of_id_[items[i].id] = i;
    const auto [it, added] =
        entry_of_work.emplace(items[i].work, entries_.size());
    if (added) entries_.emplace_back();
    entries_[it->second].push_back(i);
  }
}

nlohmann::json DalleSite::EntryJson(size_t entry) const {
  const std::vector<GalleryItem>& items = gallery_->items(Site::kDalle);
  nlohmann::json json = {{"Ids", nlohmann::json::array()},
                         {"Caption", nullptr},
                         {"PromptImagePath", nullptr}};
  for (const size_t index : entries_[entry]) {
    json["Ids"].push_back(items[index].id);
  }
  const GalleryItem& first = items[entries_[entry].front()];
  if (!first.prompt.empty()) json["Caption"] = first.prompt;
  // Now and then the picture that was edited: not one to be taken.
  if (entry % 9 == 4) {
    json["PromptImagePath"] =
        absl::StrCat("https://ditlgf0hrcl4j.cloudfront.net/",
                     UuidOf("edited/" + first.id), "/prompt");
  }
  return json;
}

nlohmann::json DalleSite::Page(int64_t page_size, int64_t page) const {
  nlohmann::json entries = nlohmann::json::array();
  const auto n = static_cast<int64_t>(entries_.size());
  page_size = std::clamp<int64_t>(page_size, 1, kMaxPageSize);
  if (page > n / page_size) return entries;
  const int64_t end = std::min(n, (page + 1) * page_size);
  for (int64_t i = page * page_size; i < end; ++i) {
    entries.push_back(EntryJson(static_cast<size_t>(i)));
  }
  return entries;
}

std::string DalleSite::Manifest() const {
  std::string lines;
  for (const GalleryItem& item : gallery_->items(Site::kDalle)) {
    const nlohmann::json row = {
        {"id", item.id},
        {"caption", item.prompt},
        {"url", absl::StrCat("https://ditlgf0hrcl4j.cloudfront.net/", item.id,
                             "/generated")}};
    absl::StrAppend(
        &lines,
        row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
        "\n");
  }
  return lines;
}

void DalleSite::AddTo(httplib::Server& server) {
  server.Get("/dalle/manifest.jsonl",
             [this](const auto& request, auto& response) {
               AnswerFile(request, Manifest(), "application/jsonl", response);
             });
  server.Get("/dalle/api/images/aggregated",
             [this](const auto& request, auto& response) {
               AnswerJson(Page(NumberOf(request, "pagesize", 20),
                               NumberOf(request, "page", 0)),
                          response);
             });
  server.Get("/dalle-images/([^/]+)/generated", [this](const auto& request,
                                                       auto& response) {
    const auto it = index_of_id_.find(request.matches[1].str());
    if (it == index_of_id_.end()) return AnswerNotFound(response);
    AnswerPicture(request, *gallery_, Site::kDalle, it->second, response);
  });
}

}  // namespace verso
