#include "tests/gallery/sites/answers.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/sha256.h"
#include "tests/gallery/folder_manifest.h"

namespace verso {
namespace {

// Nothing here ever changes.
constexpr char kLastModified[] = "Wed, 22 Jun 2022 00:00:00 GMT";

// Whether one of the tags that the client has (RFC 9110, 13.1.2) is `etag`.
bool HasTag(const httplib::Request& request, absl::string_view etag) {
  const std::string known = request.get_header_value("If-None-Match");
  for (absl::string_view tag : absl::StrSplit(known, ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    absl::ConsumePrefix(&tag, "W/");
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

bool HasIt(const httplib::Request& request, absl::string_view etag) {
  if (request.has_header("If-None-Match")) return HasTag(request, etag);
  return request.get_header_value("If-Modified-Since") == kLastModified;
}

}  // namespace

void AnswerFile(const httplib::Request& request, const std::string& body,
                const std::string& content_type, httplib::Response& response) {
  const std::string etag =
      absl::StrCat("\"", Sha256Hex(body).substr(0, 32), "\"");
  response.set_header("ETag", etag);
  response.set_header("Last-Modified", kLastModified);
  if (HasIt(request, etag)) {
    response.status = 304;
    return;
  }
  response.set_content(body, content_type);
}

void AnswerPicture(const httplib::Request& request, Gallery& gallery, Site site,
                   size_t index, httplib::Response& response) {
  const absl::StatusOr<std::string> picture = gallery.Picture(site, index);
  if (!picture.ok()) return AnswerFailure(picture.status(), response);
  AnswerFile(request, *picture, "image/" + PictureFormatOf(*picture), response);
}

void AnswerJson(const nlohmann::json& body, httplib::Response& response) {
  // Texts of a folder's manifest may be cut anywhere: never throw.
  response.set_content(
      body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
      "application/json");
}

void AnswerNotFound(httplib::Response& response) {
  response.status = 404;
  response.set_content("<HTML><BODY><H1>404 Not Found</H1></BODY></HTML>\n",
                       "text/html");
}

void AnswerFailure(const absl::Status& status, httplib::Response& response) {
  response.status = 500;
  response.set_content(absl::StrCat(std::string(status.message()), "\n"),
                       "text/plain");
}

}  // namespace verso
