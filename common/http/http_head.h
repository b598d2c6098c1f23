#ifndef VERSO_COMMON_HTTP_HTTP_HEAD_H_
#define VERSO_COMMON_HTTP_HTTP_HEAD_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// What came before the body of an answer.
struct HttpHead {
  int status = 0;
  std::string url;  // Where it came from, after redirects.
  // Names in lower case; repeated ones are joined by a line feed, which no
  // value can hold.
  std::map<std::string, std::string> headers;

  // Empty when there is none. `name` in lower case.
  std::string Header(absl::string_view name) const {
    const auto it = headers.find(std::string(name));
    return it == headers.end() ? "" : it->second;
  }
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_HTTP_HEAD_H_
