#include "tests/gallery/fault_answers.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/image/encode.h"
#include "common/image/image.h"

namespace verso {
namespace {

constexpr absl::Duration kLate = absl::Seconds(1);
constexpr size_t kDripBytes = 1;
constexpr absl::Duration kDripInterval = absl::Milliseconds(100);

// 16x16 half transparent pixels, written by the definition of the format.
constexpr uint8_t kAlphaWebp[] = {
    0x52, 0x49, 0x46, 0x46, 0x1a, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50,
    0x56, 0x50, 0x38, 0x4c, 0x0d, 0x00, 0x00, 0x00, 0x2f, 0x0f, 0xc0, 0x03,
    0x10, 0xa8, 0x56, 0x41, 0x8b, 0x52, 0xc0, 0x02, 0x00, 0x00};

// The body in place of whatever was answered before. Its length is announced by
// the library, unless that has happened already.
void SetBody(const std::string& body, const std::string& content_type,
             httplib::Response& response) {
  response.content_provider_ = nullptr;
  response.content_length_ = 0;
  response.headers.erase("ETag");
  response.headers.erase("Last-Modified");
  response.set_content(body, content_type);
  if (response.headers.erase("Content-Length") > 0) {
    response.set_header("Content-Length", absl::StrCat(body.size()));
  }
}

void AnswerPage(int status, const std::string& title,
                httplib::Response& response) {
  response.status = status;
  if (status == 304) return SetBody("", "text/html", response);
  SetBody(absl::StrCat("<!DOCTYPE html>\n<html><head><title>", title,
                       "</title></head>\n<body><h1>", title,
                       "</h1></body></html>\n"),
          "text/html", response);
}

void AnswerBusy(const std::string& retry_after, httplib::Response& response) {
  response.set_header("Retry-After", retry_after);
  AnswerPage(429, "Too Many Requests", response);
}

void Redirect(const std::string& location, httplib::Response& response) {
  response.set_header("Location", location);
  AnswerPage(302, "Found", response);
}

void AnswerSamePicture(httplib::Response& response) {
  Image image{16, 16, {}};
  for (int i = 0; i < 16 * 16 * 3; ++i) {
    image.rgb.push_back(static_cast<uint8_t>(i * 7));
  }
  response.status = 200;
  SetBody(EncodePng(image).value(), "image/png", response);
}

void AnswerAlphaPicture(httplib::Response& response) {
  response.status = 200;
  SetBody(std::string(std::begin(kAlphaWebp), std::end(kAlphaWebp)),
          "image/webp", response);
}

void AnswerRobots(const std::string& rules, httplib::Response& response) {
  response.status = 200;
  SetBody(absl::StrCat("User-agent: *\n", rules, "\n"), "text/plain", response);
}

// The whole body, also where it is made while it is sent.
std::string TakeBody(httplib::Response& response) {
  std::string body = std::exchange(response.body, "");
  if (!response.content_provider_) return body;
  httplib::DataSink sink;
  sink.write = [&body](const char* data, size_t size) {
    body.append(data, size);
    return true;
  };
  sink.is_writable = [] { return true; };
  while (body.size() < response.content_length_ &&
         response.content_provider_(
             body.size(), response.content_length_ - body.size(), sink)) {
  }
  response.content_provider_ = nullptr;
  response.content_length_ = 0;
  return body;
}

// Sends `body` in parts of `part` bytes, `interval` apart, and ends the
// connection after `end` bytes. The length that is announced stays.
void SendSlowly(const std::string& body, size_t part, absl::Duration interval,
                size_t end, httplib::Response& response) {
  response.content_length_ = body.size();
  response.content_provider_ = [=](size_t offset, size_t,
                                   httplib::DataSink& sink) {
    if (offset >= end) return false;
    absl::SleepFor(interval);
    return sink.write(body.data() + offset, std::min(part, end - offset));
  };
}

void Damage(httplib::Response& response) {
  response.body = TakeBody(response);
  if (!response.body.empty()) response.body[response.body.size() / 2] ^= 0x55;
}

void Cut(httplib::Response& response) {
  std::string body = TakeBody(response);
  body.resize(body.size() / 2);
  SetBody(body, response.get_header_value("Content-Type"), response);
}

void NameAsPng(httplib::Response& response) {
  response.headers.erase("Content-Type");
  response.set_header("Content-Type", "image/png");
  response.set_header("Content-Disposition",
                      "inline; filename=\"picture.png\"");
}

}  // namespace

bool AnswerFault(const FaultType& fault, const httplib::Request& request,
                 httplib::Response& response) {
  switch (fault.kind) {
    case FaultKind::kStatus:
      AnswerPage(fault.status, absl::StrCat("Error ", fault.status), response);
      return true;
    case FaultKind::kRetrySeconds:
      AnswerBusy("1", response);
      return true;
    case FaultKind::kRetryDate:
      // Such dates have whole seconds.
      AnswerBusy(
          absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                           absl::Now() + absl::Seconds(2), absl::UTCTimeZone()),
          response);
      return true;
    case FaultKind::kHtml:
      AnswerPage(200, "Just a moment...", response);
      return true;
    case FaultKind::kLoop:
      Redirect(request.target, response);
      return true;
    case FaultKind::kMoved:
      Redirect(absl::StrCat(kMovedPrefix, request.target), response);
      return true;
    case FaultKind::kSame:
      AnswerSamePicture(response);
      return true;
    case FaultKind::kAlpha:
      AnswerAlphaPicture(response);
      return true;
    case FaultKind::kDisallow:
      AnswerRobots("Disallow: /", response);
      return true;
    case FaultKind::kCrawlDelay:
      AnswerRobots("Allow: /\nCrawl-delay: 1", response);
      return true;
    default:
      return false;
  }
}

void SpoilAnswer(const FaultType& fault, httplib::Response& response) {
  switch (fault.kind) {
    case FaultKind::kHalf: {
      const std::string body = TakeBody(response);
      return SendSlowly(body, body.size(), absl::ZeroDuration(),
                        body.size() / 2, response);
    }
    case FaultKind::kDrip: {
      const std::string body = TakeBody(response);
      return SendSlowly(body, kDripBytes, kDripInterval, body.size(), response);
    }
    case FaultKind::kCut:
      return Cut(response);
    case FaultKind::kDamaged:
      return Damage(response);
    case FaultKind::kDelay:
      return absl::SleepFor(kLate);
    case FaultKind::kNoai:
      return response.set_header("X-Robots-Tag", "noai, noimageai");
    case FaultKind::kNoaiForUs:
      return response.set_header("X-Robots-Tag", "verso: noai");
    case FaultKind::kNoaiForOther:
      return response.set_header("X-Robots-Tag", "otherbot: noai");
    case FaultKind::kAsPng:
      return NameAsPng(response);
    default:
      return;
  }
}

}  // namespace verso
