#ifndef VERSO_COMMON_BASE_ON_ALL_CORES_H_
#define VERSO_COMMON_BASE_ON_ALL_CORES_H_

#include <cstddef>
#include <functional>

namespace verso {

// Calls work(0) ... work(n - 1), each once, on all cores, and returns when all
// have returned. Thread-safe; so must `work` be.
void OnAllCores(size_t n, const std::function<void(size_t)>& work);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_ON_ALL_CORES_H_
