#ifndef VERSO_TESTS_GALLERY_SITES_SITE_ROUTES_H_
#define VERSO_TESTS_GALLERY_SITES_SITE_ROUTES_H_

#include <httplib.h>

namespace verso {

// One web site of the gallery, below a path of its own. Thread-safe.
class SiteRoutes {
 public:
  virtual ~SiteRoutes() = default;

  // Adds its routes to a server that must not outlive this.
  virtual void AddTo(httplib::Server& server) = 0;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_SITE_ROUTES_H_
