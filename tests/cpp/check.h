// The C++ tests' only tool: CHECK counts failures and goes on; main returns check_result().
#pragma once

#include <atomic>
#include <cstdio>

inline std::atomic<int> check_failures{0};

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      std::printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                                   \
    }                                                                     \
  } while (false)

#define CHECK_THROWS(exception, expression)                                               \
  do {                                                                                    \
    bool thrown = false;                                                                  \
    try {                                                                                 \
      (void)(expression);                                                                 \
    } catch (const exception&) {                                                          \
      thrown = true;                                                                      \
    }                                                                                     \
    if (!thrown) {                                                                        \
      std::printf("%s:%d: no %s from %s\n", __FILE__, __LINE__, #exception, #expression); \
      ++check_failures;                                                                   \
    }                                                                                     \
  } while (false)

/// What main returns: 0 when all checks held.
inline int check_result() {
  if (check_failures) std::printf("%d checks failed\n", check_failures.load());
  return check_failures ? 1 : 0;
}
