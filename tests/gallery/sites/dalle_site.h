#ifndef VERSO_TESTS_GALLERY_SITES_DALLE_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_DALLE_SITE_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace verso {

// dalle2.gallery below /dalle and its picture host below /dalle-images:
//   /dalle/api/images/aggregated?pagesize=20&page=0  a JSON array of entries,
//                                                    empty behind the last page
//   /dalle/manifest.jsonl  what somebody might have kept of it: a line each
//   /dalle-images/<id>/generated
class DalleSite : public SiteRoutes {
 public:
  // `gallery` is not owned and must outlive the site.
  explicit DalleSite(Gallery* gallery);

  void AddTo(httplib::Server& server) override;

  nlohmann::json Page(int64_t page_size, int64_t page) const;
  std::string Manifest() const;

 private:
  nlohmann::json EntryJson(size_t entry) const;

  Gallery* const gallery_;
  std::vector<std::vector<size_t>> entries_;  // Items of one work each.
  std::map<std::string, size_t> index_of_id_;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_DALLE_SITE_H_
