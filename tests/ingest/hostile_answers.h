#ifndef VERSO_TESTS_INGEST_HOSTILE_ANSWERS_H_
#define VERSO_TESTS_INGEST_HOSTILE_ANSWERS_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/http_fetcher.h"
#include "tests/testing/scripted_server.h"

namespace verso {

// What a hostile or broken site may answer, and what comes of it.
struct HostileAnswer {
  std::string name;  // A sentence.
  testing::ScriptedServer::Script script;
  absl::StatusCode code = absl::StatusCode::kOk;  // Of HttpFetcher::Fetch().
  FetchClass fetch_class = FetchClass::kPage;
  int status = 200;       // HTTP's, when `code` is OK.
  std::string body = {};  // The whole of it, when `code` is OK.
  // The fetcher's time for it all is a second.
  bool hurried = false;
};

// For messages of gtest.
inline void PrintTo(const HostileAnswer& answer, std::ostream* out) {
  *out << answer.name;
}

// All of them; the order is fixed.
std::vector<HostileAnswer> HostileAnswers();

// What the cases were written for: small enough to be quick, large enough that
// a busy machine does not change what comes out.
inline HttpFetcherOptions OptionsFor(const HostileAnswer& answer) {
  HttpFetcherOptions options;
  options.max_archive_bytes = 4 << 20;
  options.page_timeout = answer.hurried ? absl::Seconds(1) : absl::Seconds(25);
  const bool is_slow = answer.code == absl::StatusCode::kDeadlineExceeded;
  options.stall_timeout = absl::Seconds(is_slow ? 1 : 5);
  return options;
}

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_HOSTILE_ANSWERS_H_
