#ifndef VERSO_TRAINER_NCCL_BACKEND_H_
#define VERSO_TRAINER_NCCL_BACKEND_H_

#include <chrono>

#include "trainer/process_group.h"

namespace verso {

// A CudaBackend over NCCL. A library of its own, since it alone is compiled
// with CUDA's toolkit. Throws c10::Error where there is no GPU.
c10::intrusive_ptr<c10d::Backend> MakeNcclBackend(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int world_size,
    std::chrono::milliseconds timeout);

}  // namespace verso

#endif  // VERSO_TRAINER_NCCL_BACKEND_H_
