#ifndef VERSO_COMMON_IMAGE_SANDBOX_DECODER_CHILD_H_
#define VERSO_COMMON_IMAGE_SANDBOX_DECODER_CHILD_H_

#include "common/image/sandbox/messages.h"

namespace verso {

// How DecoderProcess::Start() tells a decoder process what it is: argv[1], with
// its memory in bytes as argv[2] and its socket as this descriptor.
inline constexpr char kDecoderArgument[] = "--verso_image_decoder";
inline constexpr int kDecoderSocket = 3;

// In a decoder process: confines it, answers requests by `decode` until the
// socket ends, and exits; does not return. In any other process: returns, and
// from now on DecoderProcess::Start() can be used. The first line of main():
// nothing else may have started a thread or opened a file.
void RunIfDecoderChild(int argc, char** argv, const Decoder& decode);

// Whether RunIfDecoderChild() was called.
bool CanRunDecoderChild();

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_DECODER_CHILD_H_
