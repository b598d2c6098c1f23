#ifndef VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_

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
//   /lexica-images/full_jpg/<id>
// A search gives at most 50 results. Words find what shares a word with them,
// what shares more first; each picture is also found by one of ArtBench's ten
// styles. A URL of ArtBench's table finds 20 pictures, and all of its URLs
// together find all pictures.
class LexicaSite : public SiteRoutes {
 public:
  // `gallery` is not owned and must outlive the site.
  explicit LexicaSite(Gallery* gallery);

  void AddTo(httplib::Server& server) override;

  // The answer to a search.
  nlohmann::json Search(const std::string& query) const;

 private:
  std::vector<size_t> FindByWords(absl::string_view query) const;
  std::vector<size_t> FindByPicture(const std::string& url) const;
  nlohmann::json ImageJson(size_t index) const;

  Gallery* const gallery_;
  std::vector<std::set<std::string>> words_;  // By item.
  std::map<std::string, size_t> index_of_id_;
  std::map<std::string, size_t> artbench_urls_;  // To their index there.
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_LEXICA_SITE_H_
