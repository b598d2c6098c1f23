#ifndef VERSO_COMMON_HTTP_TDM_RESERVATION_H_
#define VERSO_COMMON_HTTP_TDM_RESERVATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace verso {

// What a site says of text and data mining in /.well-known/tdmrep.json, as the
// TDM Reservation Protocol of the W3C's community group has it: an array of
//   {"location": PATTERN, "tdm-reservation": 0 or 1, "tdm-policy": URL}
// A TDM-Reservation header of an answer (consent_signals.h) has precedence over
// this file, and a meta element of a page over both. Thread-compatible.
class TdmReservations {
 public:
  static constexpr absl::string_view kPath = "/.well-known/tdmrep.json";
  static constexpr size_t kMaxBytes = 512 << 10;

  struct Rule {
    std::string pattern;  // Normalized, see path_pattern.h.
    bool reserved = false;
    std::string policy;  // A URL, as written; may be empty.
  };

  // Without rules: nothing is declared.
  TdmReservations() = default;

  // Never fails: text that is no such array, what lies behind kMaxBytes (which
  // makes it none), and rules without a location or without a value of 0 or 1
  // declare nothing, as the protocol wants it. The value may be written as a
  // text ("1") or as true and false, too: people do.
  static TdmReservations Parse(absl::string_view text);

  // The first rule whose pattern fits `path` (from the first "/", with the
  // query); nullptr: nothing is declared. Valid as long as this object.
  const Rule* Find(absl::string_view path) const;

  // True when text and data mining of `path` is reserved.
  bool Forbids(absl::string_view path) const;

 private:
  std::vector<Rule> rules_;
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_TDM_RESERVATION_H_
