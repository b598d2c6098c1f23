#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/scrapers/html_scan.h"
#include "ingest/scrapers/semicolon_csv.h"
#include "ingest/scrapers/wga.h"
#include "tests/ingest/archives.h"
#include "tests/ingest/scrapers/fuzz/fuzz_sink.h"

// The first byte chooses: a catalogue behind its header, or a page.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const wga = new verso::WgaScraper();
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  verso::FakeSink sink;
  if (data[0] % 2 == 0) {
    const std::string csv =
        "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;SCHOOL;"
        "TIMEFRAME\n" +
        text;
    verso::ParseAndCheck(*wga, wga->Seeds()[0],
                         verso::MakeZip({{"catalog.csv", csv}}), sink);
    verso::SplitSemicolonLine(text);
    return 0;
  }
  verso::WorkItem picture;
  picture.set_source("wga");
  picture.set_id("a/b");
  verso::ParseAndCheck(*wga, wga->Instead(picture).value(), text, sink);
  verso::ForbiddenByMetaTag(text, "verso");
  return 0;
}
