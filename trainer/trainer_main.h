#ifndef VERSO_TRAINER_TRAINER_MAIN_H_
#define VERSO_TRAINER_TRAINER_MAIN_H_

#include "trainer/process_group.h"
#include "trainer/train_run.h"

namespace verso {

// The program `trainer`: starts one rank per GPU (or --ranks of them) and waits
// for them, or is one rank itself. `make_network`: MakeNetwork();
// `cuda_backend`: nullptr in a build without CUDA. Returns the exit code: 0
// done, 1 failed, 2 usage, 75 stopped with everything saved.
// The flags are in the .cc file; see --help.
int TrainerMain(int argc, char** argv, const NetworkFactory& make_network,
                CudaBackend cuda_backend);

}  // namespace verso

#endif  // VERSO_TRAINER_TRAINER_MAIN_H_
