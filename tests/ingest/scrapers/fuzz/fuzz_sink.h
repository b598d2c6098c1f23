#ifndef VERSO_TESTS_INGEST_SCRAPERS_FUZZ_FUZZ_SINK_H_
#define VERSO_TESTS_INGEST_SCRAPERS_FUZZ_FUZZ_SINK_H_

#include <string>

#include "ingest/scraper.h"
#include "tests/ingest/scrape_fakes.h"

namespace verso {

// Lets a scraper read `body` as the answer to `item`, and traps where what it
// makes of it could not be queued or stored: a protobuf text must be UTF-8, and
// no id or path may lead out of the site.
inline void ParseAndCheck(const Scraper& scraper, const WorkItem& item,
                          const std::string& body, FakeSink& sink) {
  FakeResponse response(body);
  (void)scraper.Parse(item, response, sink);
  for (const WorkItem& found : sink.items) {
    WorkItem copy;
    if (!copy.ParseFromString(found.SerializeAsString())) __builtin_trap();
    if (found.url().empty() || found.url()[0] != '/') __builtin_trap();
    if (found.url().find("/../") != std::string::npos) __builtin_trap();
    if (found.id().empty() || found.source() != scraper.source()) {
      __builtin_trap();
    }
  }
  for (const Record& record : sink.records) {
    Record copy;
    if (!copy.ParseFromString(record.SerializeAsString())) __builtin_trap();
  }
}

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_SCRAPERS_FUZZ_FUZZ_SINK_H_
