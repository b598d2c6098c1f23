#include "evaluator/html_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace verso {

std::string EscapeHtml(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '\t':
      case '\n':
        escaped.push_back(c);
        break;
      default:
        if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
          escaped += "\xEF\xBF\xBD";
        } else {
          escaped.push_back(c);
        }
    }
  }
  return escaped;
}

std::string EscapeUrl(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", byte);
    }
  }
  return escaped;
}

void HtmlWriter::Open(absl::string_view tag, absl::string_view css_class,
                      absl::string_view attributes) {
  absl::StrAppend(&html_, "<", tag);
  if (!css_class.empty()) absl::StrAppend(&html_, " class=\"", css_class, "\"");
  if (!attributes.empty()) absl::StrAppend(&html_, " ", attributes);
  html_.push_back('>');
}

void HtmlWriter::Close(absl::string_view tag) {
  absl::StrAppend(&html_, "</", tag, ">\n");
}

void HtmlWriter::Text(absl::string_view text) { html_ += EscapeHtml(text); }

void HtmlWriter::Element(absl::string_view tag, absl::string_view text,
                         absl::string_view css_class,
                         absl::string_view attributes) {
  Open(tag, css_class, attributes);
  Text(text);
  Close(tag);
}

void HtmlWriter::Link(absl::string_view path, absl::string_view text) {
  absl::StrAppend(&html_, "<a href=\"", EscapeHtml(path), "\">",
                  EscapeHtml(text), "</a>");
}

}  // namespace verso
