#ifndef VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace verso {

// lexica.art below /lexica and image.lexica.art below /lexica-images:
//   /lexica/api/v1/search?q=<words, or the URL of a picture>
//   POST /lexica/api/infinite-prompts {"text": <words>, "cursor": <number>}
//   /lexica-images/full_jpg/<id>
// A search gives at most 50 results. Words find what shares a word with them,
// what shares more first; each picture is also found by one of ArtBench's ten
// styles. A URL of ArtBench's table finds 20 pictures, and all of its URLs
// together find all pictures. The prompts' pages are of 20 pictures, every
// other one in the older of the two shapes that were seen; they carry person
// fields, private pictures (those that are nsfw in the search), and pictures
// made from others, as the real ones do.
class LexicaSite : public SiteRoutes {
 public:
  // `gallery` is not owned and must outlive the site.
  explicit LexicaSite(Gallery* gallery);

  void AddTo(httplib::Server& server) override;

  // The answer to a search.
  nlohmann::json Search(const std::string& query) const;
  // A page of prompts, from picture number `cursor` of the results on.
  nlohmann::json Prompts(absl::string_view text, int64_t cursor) const;

 private:
  std::vector<size_t> FindByWords(absl::string_view query,
                                  size_t max_results) const;
  std::vector<size_t> FindByPicture(const std::string& url) const;
  nlohmann::json ImageJson(size_t index) const;
  nlohmann::json PromptJson(size_t index) const;
  nlohmann::json PromptImageJson(size_t index) const;
  void AnswerPrompts(const httplib::Request& request,
                     httplib::Response& response) const;

  Gallery* const gallery_;
  std::vector<std::set<std::string>> words_;  // By item.
  std::map<std::string, size_t> index_of_id_;
  std::map<std::string, size_t> artbench_urls_;  // To their index there.
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_
