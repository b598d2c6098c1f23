// A process with a sandbox, for lifetime_test.
//   sandbox_host idle READY_FILE   decodes a good and a bad picture, waits to
//                                  be stopped, and decodes both once more
//   sandbox_host busy READY_FILE   decodes a bomb for as long as it takes
#include <cstdio>
#include <string>

#include "common/base/file.h"
#include "common/base/stop_signal.h"
#include "common/image/encode.h"
#include "common/image/sandbox/image_sandbox.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"

namespace verso {
namespace {

void Examine(ImageSandbox& sandbox, const std::string& bytes) {
  const absl::Status status = sandbox.Examine(bytes).status();
  std::printf("%s\n", absl::StatusCodeToString(status.code()).c_str());
  std::fflush(stdout);
}

int Run(const std::string& mode, const std::string& ready_file) {
  InstallStopSignals();
  // Processor time for a bomb of minutes.
  const auto sandbox = ImageSandbox::Create(
      {.limits = LimitsForPixels(2'000'000'000), .decoders = 1});
  if (!sandbox.ok()) {
    std::fprintf(stderr, "%s\n", sandbox.status().ToString().c_str());
    return 1;
  }
  const bool is_busy = mode == "busy";
  const std::string good = EncodePng(testing::Painting(40, 30)).value();
  const std::string bad = good.substr(0, good.size() / 2);
  if (!WriteFileAtomically(ready_file, "1").ok()) return 1;
  if (is_busy) {
    while (true) {
      Examine(**sandbox, testing::MakeJpegOfManyScans(16000, 16000, 14));
    }
  }
  Examine(**sandbox, good);
  Examine(**sandbox, bad);
  WaitForStop(absl::Minutes(10));
  Examine(**sandbox, good);
  Examine(**sandbox, bad);
  return 0;
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::ImageSandboxMain(argc, argv);
  return argc == 3 ? verso::Run(argv[1], argv[2]) : 2;
}
