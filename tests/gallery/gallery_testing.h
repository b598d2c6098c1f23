#ifndef VERSO_TESTS_GALLERY_GALLERY_TESTING_H_
#define VERSO_TESTS_GALLERY_GALLERY_TESTING_H_

#include <httplib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "tests/gallery/gallery_server.h"
#include "tests/gallery/simulated_gallery.h"

namespace verso::testing {

// A few drawn pictures of each site.
inline SimulatedGalleryOptions SmallGallery() {
  SimulatedGalleryOptions options;
  options.wga = 12;
  options.artbench = 11;
  options.lexica = 40;
  options.dalle = 13;
  return options;
}

// A running server of drawn pictures and a client of it. Thread-compatible.
class ServedGallery {
 public:
  explicit ServedGallery(GalleryServerOptions options = {},
                         std::unique_ptr<Gallery> gallery = nullptr) {
    if (gallery == nullptr) {
      gallery = std::make_unique<SimulatedGallery>(SmallGallery());
    }
    absl::StatusOr<std::unique_ptr<GalleryServer>> server =
        GalleryServer::Start(std::move(gallery), options);
    VERSO_CHECK(server.ok());
    server_ = *std::move(server);
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
  }

  GalleryServer& server() { return *server_; }

  // The answer to a GET; status -1 when the connection ended early.
  httplib::Response Get(const std::string& path,
                        const httplib::Headers& headers = {}) {
    const httplib::Result result = client_->Get(path, headers);
    return result ? *result : httplib::Response();
  }

  nlohmann::json GetJson(const std::string& path) {
    return nlohmann::json::parse(Get(path).body);
  }

  httplib::Response Post(const std::string& path, const std::string& body) {
    const httplib::Result result =
        client_->Post(path, body, "application/json");
    return result ? *result : httplib::Response();
  }

 private:
  std::unique_ptr<GalleryServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

// One file of an archive.
struct ArchiveFile {
  std::string path;
  std::string content;
};

// The files of a zip, tar or gzip'd tar, by libarchive; empty when it cannot be
// read.
std::vector<ArchiveFile> ReadArchive(const std::string& bytes);

}  // namespace verso::testing

#endif  // VERSO_TESTS_GALLERY_GALLERY_TESTING_H_
