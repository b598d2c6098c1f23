#ifndef VERSO_COMMON_SAFETENSORS_SAFETENSORS_HEADER_H_
#define VERSO_COMMON_SAFETENSORS_SAFETENSORS_HEADER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The safetensors format, which Python's safetensors reads and writes:
//   file   := header_bytes:u64le header data
//   header := JSON, padded with spaces to a multiple of 8:
//             {"__metadata__": {string: string},
//              name: {"dtype": "F32", "shape": [2, 3],
//                     "data_offsets": [begin, end)}, ...}
//   data   := the tensors' values, row-major, little-endian, without gaps
namespace verso {

// What comes before the header's JSON: its length.
inline constexpr uint64_t kSafetensorsPrefixBytes = 8;
inline constexpr uint64_t kMaxSafetensorsHeaderBytes = uint64_t{16} << 20;

struct SafetensorsEntry {
  std::string name;
  std::string dtype;  // "F32", "U8", ...; see SafetensorsDtypeBytes().
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // Of the data, which begins behind the header.
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  // In the order of their data.
};

// Bytes of a value of F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL;
// nullopt for other names.
std::optional<int64_t> SafetensorsDtypeBytes(absl::string_view dtype);

// Length and JSON, as a file begins. Longer than the JSON needs where
// `min_bytes` (a multiple of 8, for both) asks for it: the data then has a
// known place before all of the header is known.
std::string EncodeSafetensorsHeader(const SafetensorsHeader& header,
                                    uint64_t min_bytes = 0);

// The length of the JSON that follows `prefix`, the first bytes of a file of
// `file_bytes`. kDataLoss as DecodeSafetensorsHeader().
absl::StatusOr<uint64_t> SafetensorsHeaderBytes(absl::string_view prefix,
                                                uint64_t file_bytes,
                                                absl::string_view file);

// `json`: without the length. `data_bytes`: what follows it. `file` (a path)
// begins every message.
// kDataLoss: not safetensors, or damaged: a key comes twice, an unknown dtype,
// a shape that disagrees with its offsets, an overlap, a gap, or data that ends
// elsewhere.
absl::StatusOr<SafetensorsHeader> DecodeSafetensorsHeader(
    absl::string_view json, uint64_t data_bytes, absl::string_view file);

}  // namespace verso

#endif  // VERSO_COMMON_SAFETENSORS_SAFETENSORS_HEADER_H_
