#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/scrapers/artbench.h"
#include "tests/ingest/scrapers/fuzz/fuzz_sink.h"

// The first byte chooses what of ArtBench the rest is: an archive of either
// kind or a table of either use.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const artbench = new verso::ArtbenchScraper("http://a");
  static const char* const ids[] = {
      "artbench-10-imagefolder-split.tar", "artbench-10-binary.tar.gz",
      "ArtBench-10.csv", "ArtBench-10.csv#binary", "SHA256SUMS"};
  if (size == 0) return 0;
  verso::WorkItem item;
  item.set_id(ids[data[0] % 5]);
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  verso::FakeSink sink;
  verso::ParseAndCheck(*artbench, item, body, sink);
  for (const auto& [key, note] : sink.notes) {
    verso::Provenance copy;
    if (!copy.ParseFromString(note.SerializeAsString())) __builtin_trap();
  }
  return 0;
}
