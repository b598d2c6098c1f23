#ifndef VERSO_COMMON_BASE_STATUS_MACROS_H_
#define VERSO_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` (an absl::Status) is not OK.
#define RETURN_IF_ERROR(expr)                                     \
  do {                                                            \
    if (absl::Status verso_status = (expr); !verso_status.ok()) { \
      return verso_status;                                        \
    }                                                             \
  } while (false)

// ASSIGN_OR_RETURN(auto value, SomethingReturningStatusOr());
#define ASSIGN_OR_RETURN(lhs, expr) \
  VERSO_ASSIGN_OR_RETURN_(VERSO_CONCAT_(verso_or_, __LINE__), lhs, expr)

#define VERSO_ASSIGN_OR_RETURN_(tmp, lhs, expr)  \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)

#define VERSO_CONCAT_(a, b) VERSO_CONCAT_INNER_(a, b)
#define VERSO_CONCAT_INNER_(a, b) a##b

#endif  // VERSO_COMMON_BASE_STATUS_MACROS_H_
