#include "trainer/safetensors.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/safetensors/safetensors_header.h"

namespace verso {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{16} << 30;

struct DtypeName {
  const char* name;
  at::ScalarType type;
};
constexpr DtypeName kDtypes[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat},     {"F16", at::kHalf},
    {"I64", at::kLong},   {"BF16", at::kBFloat16}, {"I32", at::kInt},
    {"I16", at::kShort},  {"I8", at::kChar},       {"U8", at::kByte},
    {"BOOL", at::kBool},
};

std::optional<std::string> NameOf(at::ScalarType type) {
  for (const DtypeName& dtype : kDtypes) {
    if (dtype.type == type) return dtype.name;
  }
  return std::nullopt;
}

std::optional<at::ScalarType> TypeOf(const std::string& name) {
  for (const DtypeName& dtype : kDtypes) {
    if (name == dtype.name) return dtype.type;
  }
  return std::nullopt;
}

absl::StatusOr<TensorMap> CopyTensors(const SafetensorsHeader& header,
                                      absl::string_view data,
                                      absl::string_view file) {
  TensorMap tensors;
  try {
    for (const SafetensorsEntry& entry : header.entries) {
      at::Tensor tensor = at::empty(entry.shape, TypeOf(entry.dtype).value());
      if (entry.end > entry.begin) {
        std::memcpy(tensor.data_ptr(), data.data() + entry.begin,
                    entry.end - entry.begin);
      }
      tensors.emplace(entry.name, std::move(tensor));
    }
  } catch (const std::exception& e) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot hold the tensors of ", file, ": ", e.what()));
  }
  return tensors;
}

// Widest values first, so that every tensor is aligned.
std::vector<std::pair<std::string, at::Tensor>> InFileOrder(
    const TensorMap& tensors) {
  std::vector<std::pair<std::string, at::Tensor>> order(tensors.begin(),
                                                        tensors.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) {
                     return a.second.element_size() > b.second.element_size();
                   });
  return order;
}

}  // namespace

absl::StatusOr<std::string> EncodeSafetensors(
    const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata) {
  const auto order = InFileOrder(tensors);
  SafetensorsHeader header{.metadata = metadata};
  uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    const auto dtype = NameOf(tensor.scalar_type());
    if (!dtype.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor ", name, " has a type that safetensors lacks: convert it"));
    }
    header.entries.push_back({.name = name,
                              .dtype = *dtype,
                              .shape = tensor.sizes().vec(),
                              .begin = offset,
                              .end = offset + tensor.nbytes()});
    offset += tensor.nbytes();
  }
  std::string file = EncodeSafetensorsHeader(header);
  file.reserve(file.size() + offset);
  try {
    for (const auto& [name, tensor] : order) {
      const at::Tensor flat = tensor.detach().cpu().contiguous();
      file.append(static_cast<const char*>(flat.data_ptr()), flat.nbytes());
    }
  } catch (const std::exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot copy the tensors: ", e.what()));
  }
  return file;
}

absl::StatusOr<TensorMap> DecodeSafetensors(absl::string_view bytes,
                                            absl::string_view name) {
  if (bytes.substr(0, 4) == "PK\3\4") {
    return absl::DataLossError(absl::StrCat(
        name,
        " is a PyTorch archive (.pth), not safetensors; convert it: "
        "python3 -c \"import torch, safetensors.torch as s; "
        "s.save_file(torch.load('in.pth'), 'out.safetensors')\""));
  }
  ASSIGN_OR_RETURN(const uint64_t header_bytes,
                   SafetensorsHeaderBytes(bytes, bytes.size(), name));
  bytes.remove_prefix(kSafetensorsPrefixBytes);
  const absl::string_view data = bytes.substr(header_bytes);
  ASSIGN_OR_RETURN(const SafetensorsHeader header,
                   DecodeSafetensorsHeader(bytes.substr(0, header_bytes),
                                           data.size(), name));
  return CopyTensors(header, data, name);
}

absl::Status WriteSafetensors(
    const std::filesystem::path& path, const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   EncodeSafetensors(tensors, metadata));
  return WriteFileAtomically(path, bytes);
}

absl::StatusOr<TensorMap> ReadSafetensors(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxFileBytes));
  return DecodeSafetensors(bytes, path.string());
}

}  // namespace verso
