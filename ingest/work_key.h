#ifndef VERSO_INGEST_WORK_KEY_H_
#define VERSO_INGEST_WORK_KEY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// Work::work_key of a work by artist and title, equal across sources and
// spellings: a whole and its "(detail)", "GOGH, Vincent van" and
// "vincent-van-gogh", with or without accents or a year at the title's end.
// Empty when the title says nothing ("", "Untitled"): then each record is a
// work of its own. Two works of one artist under one title share a key, which
// only keeps them in one split.
std::string WorkKey(absl::string_view artist, absl::string_view title);

}  // namespace verso

#endif  // VERSO_INGEST_WORK_KEY_H_
