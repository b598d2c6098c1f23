#ifndef VERSO_INGEST_SCRAPERS_HTML_SCAN_H_
#define VERSO_INGEST_SCRAPERS_HTML_SCAN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace verso {

// Both look for tags by pattern and build no tree, so that a hostile page costs
// time in proportion to its length and no stack.

// The addresses of links to JPEG files, as written, in the page's order.
std::vector<std::string> FindJpegLinks(absl::string_view html);

// "noai" or "noimageai" where a robots meta tag of the page says so, to all or
// to `product_token`; else empty.
std::string ForbiddenByMetaTag(absl::string_view html,
                               absl::string_view product_token);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_HTML_SCAN_H_
