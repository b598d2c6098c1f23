#include "shardstore/keyed_hash.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/sha256.h"

namespace verso {

uint64_t KeyedHash(uint64_t seed, absl::string_view text) {
  const std::string digest = Sha256Hex(absl::StrCat(seed, ":", text));
  uint64_t value = 0;
  VERSO_CHECK(
      absl::SimpleHexAtoi(absl::string_view(digest).substr(0, 16), &value));
  return value;
}

}  // namespace verso
