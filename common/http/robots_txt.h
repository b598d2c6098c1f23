#ifndef VERSO_COMMON_HTTP_ROBOTS_TXT_H_
#define VERSO_COMMON_HTTP_ROBOTS_TXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace verso {

// What a site's robots.txt says to one crawler (RFC 9309). Thread-compatible.
class RobotsTxt {
 public:
  // At least 500 KiB must be read of such a file (RFC 9309, 2.5); this much is.
  static constexpr size_t kMaxBytes = 512 << 10;

  // Without rules: everything may be fetched.
  RobotsTxt() = default;

  // The rules of all groups for `product_token` ("verso", compared without
  // case), or, where there is none, of those for "*". Never fails: lines that
  // are not understood, and what lies behind kMaxBytes, say nothing.
  static RobotsTxt Parse(absl::string_view text,
                         absl::string_view product_token);

  // `path`: from the first "/", with the query, as it is requested. The rule
  // whose pattern is longest decides, of equal ones the allowing one. "*" in a
  // pattern stands for any bytes, "$" at its end for the end of the path.
  bool Allows(absl::string_view path) const;

  // The largest Crawl-delay of the group: not in the RFC, but in use.
  std::optional<absl::Duration> crawl_delay() const { return crawl_delay_; }

 private:
  struct Rule {
    std::string pattern;  // Normalized, see the source.
    bool allows = false;
  };
  std::vector<Rule> rules_;
  std::optional<absl::Duration> crawl_delay_;
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_ROBOTS_TXT_H_
