#ifndef VERSO_TESTS_GALLERY_SITES_ANSWERS_H_
#define VERSO_TESTS_GALLERY_SITES_ANSWERS_H_

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/gallery/gallery.h"

namespace verso {

// Answers 200 with `body`, an ETag of its content and a Last-Modified; 304
// without a body to a client that has it (If-None-Match, If-Modified-Since).
void AnswerFile(const httplib::Request& request, const std::string& body,
                const std::string& content_type, httplib::Response& response);

// Answers with a picture as AnswerFile() does, with its true content type.
void AnswerPicture(const httplib::Request& request, Gallery& gallery, Site site,
                   size_t index, httplib::Response& response);

void AnswerJson(const nlohmann::json& body, httplib::Response& response);

// A plain page, as web servers send it: 404.
void AnswerNotFound(httplib::Response& response);

// 500 with the message of `status`.
void AnswerFailure(const absl::Status& status, httplib::Response& response);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_ANSWERS_H_
