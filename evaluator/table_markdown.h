#ifndef VERSO_EVALUATOR_TABLE_MARKDOWN_H_
#define VERSO_EVALUATOR_TABLE_MARKDOWN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "evaluator/report.h"

namespace verso {

// table.md: the layout of the paper's figure 5, at the frozen threshold and at
// 0.5, with columns aligned so that it also reads well in a terminal. Text from
// outside is escaped: it can neither make markup nor control a terminal.
std::string TableMarkdown(const EvaluationReport& report);

// Text as Markdown that shows it: no markup, no line ends, no control
// characters.
std::string EscapeMarkdown(absl::string_view text);

}  // namespace verso

#endif  // VERSO_EVALUATOR_TABLE_MARKDOWN_H_
