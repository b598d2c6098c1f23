#ifndef VERSO_COMMON_RPC_MESSAGE_LIMIT_H_
#define VERSO_COMMON_RPC_MESSAGE_LIMIT_H_

#include <cstddef>

namespace verso {

// No message of ours is larger, in either direction; what is larger is sent in
// parts.
inline constexpr size_t kMaxMessageBytes = size_t{4} << 20;

}  // namespace verso

#endif  // VERSO_COMMON_RPC_MESSAGE_LIMIT_H_
