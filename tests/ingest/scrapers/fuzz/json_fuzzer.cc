#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/scrapers/dalle.h"
#include "ingest/scrapers/lexica.h"
#include "ingest/scrapers/lofi.h"
#include "tests/ingest/scrapers/fuzz/fuzz_sink.h"

// The first byte chooses the site and the rest is its answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using verso::LexicaApi;
  static const auto* const v1 = new verso::LexicaScraper("http://a");
  static const auto* const prompts =
      new verso::LexicaScraper("http://a", LexicaApi::kInfinitePrompts);
  static const auto* const dalle = new verso::DalleScraper("http://a");
  static const auto* const lofi = new verso::LofiScraper();
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  verso::FakeSink sink;
  switch (data[0] % 4) {
    case 0:
      verso::ParseAndCheck(*v1, v1->Seeds()[0], body, sink);
      break;
    case 1:
      verso::ParseAndCheck(*prompts, prompts->Seeds()[0], body, sink);
      break;
    case 2:
      verso::ParseAndCheck(*dalle, dalle->Seeds()[0], body, sink);
      break;
    default:
      verso::WorkItem item;
      item.set_kind(verso::FETCH_KIND_GENERATOR);
      verso::ParseAndCheck(*lofi, item, body, sink);
  }
  return 0;
}
