// A process with a sandbox, for lifetime_test.
//   sandbox_host idle READY_FILE   decodes a good and a bad picture, waits to
//                                  be stopped, and decodes both once more
//   sandbox_host busy READY_FILE   has a decoder work for an hour
#include <cstdio>
#include <string>

#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/perceptual_hash.h"
#include "common/image/sandbox/decoder_child.h"
#include "common/image/sandbox/decoder_process.h"
#include "common/image/sandbox/image_sandbox.h"
#include "tests/common/image/test_pictures.h"

namespace verso {
namespace {

void Examine(ImageSandbox& sandbox, const std::string& bytes) {
  const absl::Status status = sandbox.Examine(bytes).status();
  std::printf("%s\n", absl::StatusCodeToString(status.code()).c_str());
  std::fflush(stdout);
}

// The real decoder, but for one request that never ends.
absl::StatusOr<DecodedImage> DecodeOrSpin(const DecoderRequest& request) {
  volatile uint64_t spins = 0;
  while (request.bytes == "spin") spins = spins + 1;
  ASSIGN_OR_RETURN(const Image image, DecodeImage(request.bytes));
  return DecodedImage{PerceptualHash(image), {}};
}

absl::Status Idle(const std::string& ready_file) {
  InstallStopSignals();
  ASSIGN_OR_RETURN(const auto sandbox, ImageSandbox::Create({.decoders = 1}));
  const std::string good = EncodePng(testing::Painting(40, 30)).value();
  const std::string bad = good.substr(0, good.size() / 2);
  RETURN_IF_ERROR(WriteFileAtomically(ready_file, "1"));
  Examine(*sandbox, good);
  Examine(*sandbox, bad);
  WaitForStop(absl::Minutes(10));
  Examine(*sandbox, good);
  Examine(*sandbox, bad);
  return absl::OkStatus();
}

absl::Status Busy(const std::string& ready_file) {
  ASSIGN_OR_RETURN(const auto decoder,
                   DecoderProcess::Start({.cpu_time = absl::Hours(1),
                                          .wall_time = absl::Hours(1),
                                          .memory_bytes = int64_t{64} << 20}));
  RETURN_IF_ERROR(WriteFileAtomically(ready_file, "1"));
  return decoder->Decode({.bytes = "spin"}).status();
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::RunIfDecoderChild(argc, argv, verso::DecodeOrSpin);
  if (argc != 3) return 2;
  const bool is_busy = std::string(argv[1]) == "busy";
  const absl::Status status =
      is_busy ? verso::Busy(argv[2]) : verso::Idle(argv[2]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
