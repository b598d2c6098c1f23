#ifndef VERSO_EVALUATOR_HTML_WRITER_H_
#define VERSO_EVALUATOR_HTML_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// Text as HTML that shows it, in an element or a quoted attribute: & < > " '
// become entities; control characters, which HTML forbids, become U+FFFD.
std::string EscapeHtml(absl::string_view text);

// Text as one segment of a URL's path: all but letters, digits and -_.~ is
// percent-encoded.
std::string EscapeUrl(absl::string_view text);

// A page built tag by tag. Whatever comes from outside goes through Text() or
// Element(), so that it cannot become a tag or an attribute. Not thread-safe.
class HtmlWriter {
 public:
  // `tag`, `css_class` and `attributes` are constants of this program; values
  // of attributes are escaped by the caller.
  void Open(absl::string_view tag, absl::string_view css_class = "",
            absl::string_view attributes = "");
  void Close(absl::string_view tag);
  void Text(absl::string_view text);
  // Open, Text, Close.
  void Element(absl::string_view tag, absl::string_view text,
               absl::string_view css_class = "",
               absl::string_view attributes = "");
  // <a href="PATH">, where `path` is built with EscapeUrl().
  void Link(absl::string_view path, absl::string_view text);

  std::string Take() { return std::move(html_); }

 private:
  std::string html_ = "<!doctype html>\n";
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_HTML_WRITER_H_
