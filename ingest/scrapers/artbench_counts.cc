#include "ingest/scrapers/artbench_counts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace verso {

void ArtbenchCounts::Add(absl::string_view split, absl::string_view style) {
  const std::string group = absl::StrCat(split, "/", style);
  // The two bytes would make another group, or another count, of the text.
  if (!split.empty() && !style.empty() &&
      group.find_first_of(" =") == std::string::npos) {
    ++counts_[group];
  }
}

std::string ArtbenchCounts::ToText() const {
  return absl::StrJoin(counts_, " ", absl::PairFormatter("="));
}

ArtbenchCounts ArtbenchCounts::FromText(absl::string_view text) {
  ArtbenchCounts counts;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, absl::string_view> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    int64_t count = 0;
    if (absl::SimpleAtoi(parts.second, &count) && count > 0) {
      counts.counts_[parts.first] = count;
    }
  }
  return counts;
}

int64_t ArtbenchCounts::MissingIn(const ArtbenchCounts& given) const {
  int64_t missing = 0;
  for (const auto& [group, count] : counts_) {
    const auto it = given.counts_.find(group);
    const int64_t there = it == given.counts_.end() ? 0 : it->second;
    missing += std::max<int64_t>(0, count - there);
  }
  return missing;
}

}  // namespace verso
