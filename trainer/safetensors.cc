#include "trainer/safetensors.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace verso {
namespace {

using nlohmann::json;

constexpr int64_t kMaxFileBytes = int64_t{16} << 30;
constexpr uint64_t kMaxHeaderBytes = uint64_t{16} << 20;
constexpr size_t kMaxDimensions = 16;

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

std::string LittleEndian64(uint64_t value) {
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

uint64_t ReadLittleEndian64(absl::string_view bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// A tensor's place in the data.
struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

absl::Status Damaged(absl::string_view file, absl::string_view why) {
  return absl::DataLossError(absl::StrCat(
      file, " is not a whole safetensors file (", why, "): get it anew"));
}

// nlohmann keeps the last of two equal keys and parses any depth, so both are
// refused while parsing: other readers may take the first.
absl::StatusOr<json> ParseHeader(absl::string_view text,
                                 absl::string_view file) {
  std::vector<std::set<std::string>> keys(4);
  std::string problem;
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    const bool opens = event == json::parse_event_t::object_start ||
                       event == json::parse_event_t::array_start;
    if (opens && depth >= 3) problem = "its header is nested too deeply";
    if (!problem.empty()) return false;
    if (event == json::parse_event_t::object_start) keys[depth + 1].clear();
    if (event == json::parse_event_t::key &&
        !keys[depth].insert(value.get<std::string>()).second) {
      problem = absl::StrCat("its header has twice the key ",
                             value.get<std::string>());
    }
    return problem.empty();
  };
  json header = json::parse(text.begin(), text.end(), check,
                            /*allow_exceptions=*/false);
  if (!problem.empty()) return Damaged(file, problem);
  if (!header.is_object()) return Damaged(file, "its header is not JSON");
  return header;
}

bool IsListOfSizes(const json& value) {
  return value.is_array() && value.size() <= kMaxDimensions &&
         std::all_of(value.begin(), value.end(), [](const json& n) {
           return n.is_number_unsigned() && n.get<uint64_t>() < (1ull << 62);
         });
}

// Bytes of a tensor; nullopt when they do not fit into 62 bits. Sizes of 0
// count as 1 here, so that the strides of an empty tensor fit too.
std::optional<uint64_t> BytesOf(const Entry& entry) {
  uint64_t padded = c10::elementSize(entry.type);
  uint64_t bytes = padded;
  for (const int64_t size : entry.shape) {
    if (__builtin_mul_overflow(padded, std::max<int64_t>(size, 1), &padded) ||
        padded >= (1ull << 62)) {
      return std::nullopt;
    }
    bytes *= size;
  }
  return bytes;
}

absl::StatusOr<Entry> ParseEntry(const std::string& name, const json& value,
                                 absl::string_view file) {
  const absl::Status bad =
      Damaged(file, absl::StrCat("its header describes ", name, " badly"));
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
      !value.contains("shape") || !value.contains("data_offsets")) {
    return bad;
  }
  const json& dtype = value["dtype"];
  const json& offsets = value["data_offsets"];
  if (!dtype.is_string() || !IsListOfSizes(value["shape"]) ||
      !IsListOfSizes(offsets) || offsets.size() != 2) {
    return bad;
  }
  const auto type = TypeOf(dtype.get<std::string>());
  if (!type.has_value()) {
    return Damaged(file, absl::StrCat(name, " has the unknown type ",
                                      dtype.get<std::string>()));
  }
  Entry entry{.name = name,
              .type = *type,
              .shape = value["shape"].get<std::vector<int64_t>>(),
              .begin = offsets[0].get<uint64_t>(),
              .end = offsets[1].get<uint64_t>()};
  const std::optional<uint64_t> bytes = BytesOf(entry);
  if (!bytes.has_value() || entry.end < entry.begin ||
      entry.end - entry.begin != *bytes) {
    return Damaged(file, absl::StrCat("the shape of ", name,
                                      " does not agree with its offsets"));
  }
  return entry;
}

bool IsMetadata(const json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(),
                     [](const json& text) { return text.is_string(); });
}

// The tensors in the order of their data, which they cover exactly.
absl::StatusOr<std::vector<Entry>> ParseEntries(const json& header,
                                                uint64_t data_bytes,
                                                absl::string_view file) {
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!IsMetadata(value)) return Damaged(file, "its metadata is not text");
      continue;
    }
    ASSIGN_OR_RETURN(Entry entry, ParseEntry(name, value, file));
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected) {
      return Damaged(file,
                     absl::StrCat("the data of ", entry.name,
                                  entry.begin < expected ? " overlaps another's"
                                                         : " follows a gap"));
    }
    expected = entry.end;
  }
  if (expected != data_bytes) {
    return Damaged(file,
                   absl::StrCat("it has ", data_bytes,
                                " bytes of data, its header says ", expected));
  }
  return entries;
}

absl::StatusOr<TensorMap> CopyTensors(const std::vector<Entry>& entries,
                                      absl::string_view data,
                                      absl::string_view file) {
  TensorMap tensors;
  try {
    for (const Entry& entry : entries) {
      at::Tensor tensor = at::empty(entry.shape, entry.type);
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
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    const auto dtype = NameOf(tensor.scalar_type());
    if (!dtype.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor ", name, " has a type that safetensors lacks: convert it"));
    }
    header[name] = {{"dtype", *dtype},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text =
      header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string file = LittleEndian64(text.size()) + text;
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
  if (bytes.size() < 8) return Damaged(name, "it is too short");
  const uint64_t header_bytes = ReadLittleEndian64(bytes);
  bytes.remove_prefix(8);
  if (header_bytes > kMaxHeaderBytes || header_bytes > bytes.size()) {
    return Damaged(name, "its header is too long");
  }
  ASSIGN_OR_RETURN(const json header,
                   ParseHeader(bytes.substr(0, header_bytes), name));
  const absl::string_view data = bytes.substr(header_bytes);
  ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                   ParseEntries(header, data.size(), name));
  return CopyTensors(entries, data, name);
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
