#ifndef VERSO_TESTS_GALLERY_FAULT_ANSWERS_H_
#define VERSO_TESTS_GALLERY_FAULT_ANSWERS_H_

#include <httplib.h>

#include "absl/strings/string_view.h"
#include "tests/gallery/faults.h"

namespace verso {

// What "moved" puts before the path that it redirects from.
inline constexpr absl::string_view kMovedPrefix = "/moved";

// Answers in place of the route; false: this fault spoils the route's answer.
// In httplib's pre-routing hook, or in its post-routing hook where the route
// has answered already (its answer is dropped then).
bool AnswerFault(const FaultType& fault, const httplib::Request& request,
                 httplib::Response& response);

// Spoils a finished answer, in httplib's post-routing hook. Waits where the
// fault is to be late. Not for the faults that AnswerFault() answers.
void SpoilAnswer(const FaultType& fault, httplib::Response& response);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_FAULT_ANSWERS_H_
