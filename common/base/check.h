#ifndef VERSO_COMMON_BASE_CHECK_H_
#define VERSO_COMMON_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

// Ends the process when one of our own invariants is broken. Never for input
// from outside: that is a Status.
#define VERSO_CHECK(condition)                                        \
  do {                                                                \
    if (!(condition)) {                                               \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, \
                   __LINE__, #condition);                             \
      std::abort();                                                   \
    }                                                                 \
  } while (false)

#endif  // VERSO_COMMON_BASE_CHECK_H_
