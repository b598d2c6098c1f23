#ifndef VERSO_TESTS_GALLERY_SITES_WEBUI_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_WEBUI_SITE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace verso {

// The web UI of AUTOMATIC1111 with its API, below /a1111:
//   POST /a1111/sdapi/v1/txt2img
//   POST /a1111/sdapi/v1/img2img
// Answers with base64 pictures and "info", which is JSON in JSON. Wrong fields
// are a 422, no init image a 404, what the gallery cannot do a 500.
class WebuiSite : public SiteRoutes {
 public:
  // `gallery` is not owned and must outlive the site.
  explicit WebuiSite(Gallery* gallery) : gallery_(gallery) {}

  void AddTo(httplib::Server& server) override;

 private:
  void Answer(const httplib::Request& request, bool from_image,
              httplib::Response& response) const;
  absl::StatusOr<nlohmann::json> Generate(const nlohmann::json& body,
                                          bool from_image) const;

  Gallery* const gallery_;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_WEBUI_SITE_H_
