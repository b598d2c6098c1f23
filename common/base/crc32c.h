#ifndef VERSO_COMMON_BASE_CRC32C_H_
#define VERSO_COMMON_BASE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace verso {

// CRC-32C (Castagnoli) of `bytes`; pass the value so far to go on.
uint32_t Crc32c(absl::string_view bytes, uint32_t crc = 0);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_CRC32C_H_
