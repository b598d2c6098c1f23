#ifndef VERSO_TESTS_GALLERY_SITES_WGA_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_WGA_SITE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace verso {

// www.wga.hu below /wga:
//   /wga/database/download/data_txt.zip  holds catalog.csv
//   /wga/html/<letter>/<artist>/<name>.html
//   /wga/art/<letter>/<artist>/<name>.jpg
// The catalogue has eleven columns, parted by ";", in lines that end in CR LF.
// Its URLs name the real host, half of them with http and half with https.
class WgaSite : public SiteRoutes {
 public:
  // `encoding` is that of the catalogue ("CP850"), as iconv calls it. `gallery`
  // is not owned and must outlive the site.
  WgaSite(Gallery* gallery, std::string encoding);

  void AddTo(httplib::Server& server) override;

  // "b/bruckmond/1a2b3c4d" of each item, in their order.
  const std::vector<std::string>& paths() const { return paths_; }

  // The catalogue in UTF-8.
  std::string CatalogueCsv() const;

  // kInvalidArgument: the encoding is not known.
  absl::StatusOr<std::string> CatalogueZip() const;

 private:
  void AnswerPage(const httplib::Request& request,
                  httplib::Response& response) const;
  void AnswerArt(const httplib::Request& request,
                 httplib::Response& response) const;

  Gallery* const gallery_;
  const std::string encoding_;
  std::vector<std::string> paths_;
  std::map<std::string, size_t> index_of_path_;
  std::vector<std::string> art_paths_;  // Of the pictures, by index.
  std::map<std::string, size_t> index_of_art_;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_WGA_SITE_H_
