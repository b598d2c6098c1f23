#ifndef VERSO_EVALUATOR_DASHBOARD_CSS_H_
#define VERSO_EVALUATOR_DASHBOARD_CSS_H_

namespace verso {

// dashboard.css, served as /style.css (built in, so that the binary is whole).
extern const char kDashboardCss[];

}  // namespace verso

#endif  // VERSO_EVALUATOR_DASHBOARD_CSS_H_
