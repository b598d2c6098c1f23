#include "trainer/network.h"
#include "trainer/trainer_main.h"

int main(int argc, char** argv) {
  return verso::TrainerMain(argc, argv, verso::MakeNetwork);
}
