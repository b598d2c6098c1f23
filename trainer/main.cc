#include "trainer/network.h"
#include "trainer/trainer_main.h"
#ifdef VERSO_WITH_CUDA
#include "trainer/nccl_backend.h"
#endif

int main(int argc, char** argv) {
#ifdef VERSO_WITH_CUDA
  return verso::TrainerMain(argc, argv, verso::MakeNetwork,
                            verso::MakeNcclBackend);
#else
  return verso::TrainerMain(argc, argv, verso::MakeNetwork, nullptr);
#endif
}
