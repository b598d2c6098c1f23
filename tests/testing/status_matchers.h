#ifndef VERSO_TESTS_TESTING_STATUS_MATCHERS_H_
#define VERSO_TESTS_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// Matchers of absl::Status and absl::StatusOr<T>; all take either.
//   EXPECT_OK(store->Flush());
//   ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(bytes));
//   EXPECT_THAT(Open(dir), StatusIs(absl::StatusCode::kNotFound,
//                                   HasSubstr("no store")));
//   EXPECT_THAT(Count(), IsOkAndHolds(3));
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::verso::testing::IsOk())
#define ASSERT_OK(expression) ASSERT_THAT(expression, ::verso::testing::IsOk())

// Ends the test (a function that returns void) when `expression` failed.
#define ASSERT_OK_AND_ASSIGN(lhs, expression)                          \
  VERSO_ASSERT_OK_AND_ASSIGN_(VERSO_CONCAT_(verso_or_, __LINE__), lhs, \
                              expression)
#define VERSO_ASSERT_OK_AND_ASSIGN_(tmp, lhs, expression) \
  auto tmp = (expression);                                \
  ASSERT_TRUE(tmp.ok()) << tmp.status();                  \
  lhs = *std::move(tmp)

namespace absl {

// How gtest prints one on failure.
template <typename T>
void PrintTo(const StatusOr<T>& result, std::ostream* out) {
  *out << result.status();
}

}  // namespace absl

namespace verso::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P2(StatusIs, code, message, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status;
  return status.code() == code &&
         ::testing::Matches(message)(std::string(status.message()));
}
template <typename Code>
auto StatusIs(Code code) {
  return StatusIs(code, ::testing::_);
}

MATCHER_P(IsOkAndHolds, value, "") {
  *result_listener << StatusOf(arg);
  return arg.ok() &&
         ::testing::ExplainMatchResult(value, *arg, result_listener);
}

}  // namespace verso::testing

#endif  // VERSO_TESTS_TESTING_STATUS_MATCHERS_H_
