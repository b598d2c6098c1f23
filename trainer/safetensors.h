#ifndef VERSO_TRAINER_SAFETENSORS_H_
#define VERSO_TRAINER_SAFETENSORS_H_

#include <filesystem>
#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
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

using TensorMap = std::map<std::string, at::Tensor>;

// `tensors` may lie on any device, in any memory format.
// kInvalidArgument: a dtype the format lacks; the tensor is named.
absl::StatusOr<std::string> EncodeSafetensors(
    const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata = {});

// CPU tensors, contiguous, that own their memory. Dtypes F64, F32, F16, BF16,
// I64, I32, I16, I8, U8 and BOOL. `name` (a path) begins every message.
// kDataLoss: not safetensors, or damaged. Everything is checked before memory
// is taken: a header of at most 16 MiB, no key twice, shapes that agree with
// their offsets, no overlap, no gap, nothing beyond the end.
absl::StatusOr<TensorMap> DecodeSafetensors(absl::string_view bytes,
                                            absl::string_view name);

// Absent or whole (see WriteFileAtomically()).
absl::Status WriteSafetensors(
    const std::filesystem::path& path, const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata = {});

// kNotFound: no such file. Else as DecodeSafetensors(). At most 16 GiB.
absl::StatusOr<TensorMap> ReadSafetensors(const std::filesystem::path& path);

}  // namespace verso

#endif  // VERSO_TRAINER_SAFETENSORS_H_
