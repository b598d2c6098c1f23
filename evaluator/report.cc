#include "evaluator/report.h"

#include <set>

#include "absl/strings/str_join.h"

namespace verso {

std::string StandInKinds(const EvaluationReport& report) {
  std::set<std::string> kinds;
  for (const SourceFigures& source : report.figures.frozen.sources) {
    kinds.insert(source.stand_in);
  }
  kinds.erase("");
  return absl::StrJoin(kinds, ", ");
}

int64_t UnscoredIn(const EvaluationReport& report) {
  int64_t unscored = 0;
  for (const SourceFigures& source : report.figures.frozen.sources) {
    unscored += source.unscored;
  }
  return unscored;
}

}  // namespace verso
