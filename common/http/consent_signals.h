#ifndef VERSO_COMMON_HTTP_CONSENT_SIGNALS_H_
#define VERSO_COMMON_HTTP_CONSENT_SIGNALS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/http/http_fetcher.h"

namespace verso {

// What the headers of an answer say of its use by machines.
struct ConsentSignals {
  // As sent, each with its header's name: "x-robots-tag: noai".
  std::vector<std::string> seen;
  // The first one that forbids training on the answer ("noai",
  // "tdm-reservation", "content-usage"); empty: none does.
  std::string refusal;
};

// Whether a robots directive, as headers and meta tags have it, forbids
// training: "noai" and "noimageai", without regard to case.
bool ForbidsTraining(absl::string_view directive);

// Reads
//   X-Robots-Tag: [TOKEN:] DIRECTIVE, ...   "noai" and "noimageai" forbid,
//                                           for all or for `product_token`
//   TDM-Reservation: 1                      (W3C TDMRep) forbids
//   Content-Usage: train-ai=n               (IETF AIPREF) forbids
ConsentSignals ReadConsentSignals(const HttpHead& head,
                                  absl::string_view product_token);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_CONSENT_SIGNALS_H_
