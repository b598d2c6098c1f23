#ifndef VERSO_COMMON_BASE_SHA256_H_
#define VERSO_COMMON_BASE_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// The sha256 of `bytes` as 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view bytes);

// The sha256 of bytes that come in parts. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();

  void Update(absl::string_view bytes);

  // 64 lower-case hex digits. REQUIRES: called once, last.
  std::string FinishHex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The id of a record with these bytes: the first 32 digits of Sha256Hex().
std::string RecordIdOf(absl::string_view sha256_hex);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_SHA256_H_
