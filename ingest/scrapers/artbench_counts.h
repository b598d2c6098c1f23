#ifndef VERSO_INGEST_SCRAPERS_ARTBENCH_COUNTS_H_
#define VERSO_INGEST_SCRAPERS_ARTBENCH_COUNTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// How many pictures there are of each split and style: what ArtBench's table
// promises, or what an archive gave. Thread-compatible.
class ArtbenchCounts {
 public:
  // One more; not counted without a split or a style, or where one has a space
  // or a "=" in it.
  void Add(absl::string_view split, absl::string_view style);

  // "train/baroque=5000 test/baroque=1000 ...", and back; what is not of this
  // form counts nothing.
  std::string ToText() const;
  static ArtbenchCounts FromText(absl::string_view text);

  // The sum, over all splits and styles, of what `given` has less than this.
  int64_t MissingIn(const ArtbenchCounts& given) const;

 private:
  std::map<std::string, int64_t> counts_;  // By "<split>/<style>".
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_ARTBENCH_COUNTS_H_
