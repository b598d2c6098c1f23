#ifndef VERSO_COMMON_BASE_TEXT_PROTO_H_
#define VERSO_COMMON_BASE_TEXT_PROTO_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace verso {

// Reads a message as protobuf's text format. Nothing is printed.
// kInvalidArgument: it cannot be read; "<file>:<line>:<column>: <cause>".
absl::Status ParseTextProto(absl::string_view text, absl::string_view file,
                            google::protobuf::Message& message);

// The message in protobuf's text format.
std::string ToTextProto(const google::protobuf::Message& message);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_TEXT_PROTO_H_
