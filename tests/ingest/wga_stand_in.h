#ifndef VERSO_TESTS_INGEST_WGA_STAND_IN_H_
#define VERSO_TESTS_INGEST_WGA_STAND_IN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/image/encode.h"
#include "tests/common/http/local_server.h"
#include "tests/ingest/archives.h"

namespace verso {

// A WGA of so many small pictures, all different. Routes are thread-safe.
class WgaStandIn {
 public:
  // `on_request` is called before each answer, with what was asked for: a
  // picture's number, "catalogue" or "rules".
  WgaStandIn(int pictures,
             std::function<void(const std::string& what)> on_request)
      : catalogue_(Catalogue(pictures)), on_request_(std::move(on_request)) {
    server_.routes().Get("/database/download/data_txt.zip",
                         [this](const auto&, auto& response) {
                           on_request_("catalogue");
                           response.set_content(catalogue_, "application/zip");
                         });
    server_.routes().Get(R"(/art/(\d+)\.jpg)", [this](const auto& request,
                                                      auto& response) {
      on_request_(request.matches[1]);
      response.set_content(Picture(std::stoi(request.matches[1])), "image/png");
    });
    for (const char* path : {"/robots.txt", "/.well-known/tdmrep.json"}) {
      server_.routes().Get(path, [this](const auto&, auto& response) {
        on_request_("rules");
        response.status = 404;
      });
    }
    server_.Start();
  }

  std::string Url() const { return server_.Url(); }

 private:
  static std::string Picture(int number) {
    Image image{8, 8, {}};
    for (int i = 0; i < 8 * 8 * 3; ++i) {
      image.rgb.push_back(static_cast<uint8_t>(i * (number + 1)));
    }
    for (int byte = 0; byte < 4; ++byte) {
      image.rgb[byte] = static_cast<uint8_t>(number >> (8 * byte));
    }
    return EncodePng(image).value();
  }

  static std::string Catalogue(int pictures) {
    std::string csv =
        "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;SCHOOL;"
        "TIMEFRAME\n";
    for (int i = 0; i < pictures; ++i) {
      absl::StrAppend(&csv, "A;;Work ", i, ";1500;;;http://www.wga.hu/html/", i,
                      ".html;painting;;;\n");
    }
    return MakeZip({{"catalog.csv", csv}});
  }

  const std::string catalogue_;
  const std::function<void(const std::string& what)> on_request_;
  LocalServer server_;
};

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_WGA_STAND_IN_H_
