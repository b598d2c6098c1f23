#include "common/safetensors/safetensors_header.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace verso {
namespace {

using nlohmann::json;

constexpr size_t kMaxDimensions = 16;
constexpr char kMetadata[] = "__metadata__";

constexpr std::pair<absl::string_view, int64_t> kDtypes[] = {
    {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
    {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U8", 1},   {"BOOL", 1}};

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
std::optional<uint64_t> BytesOf(const SafetensorsEntry& entry,
                                uint64_t value_bytes) {
  uint64_t padded = value_bytes;
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

absl::StatusOr<SafetensorsEntry> ParseEntry(const std::string& name,
                                            const json& value,
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
  SafetensorsEntry entry{.name = name,
                         .dtype = dtype.get<std::string>(),
                         .shape = value["shape"].get<std::vector<int64_t>>(),
                         .begin = offsets[0].get<uint64_t>(),
                         .end = offsets[1].get<uint64_t>()};
  const std::optional<int64_t> value_bytes = SafetensorsDtypeBytes(entry.dtype);
  if (!value_bytes.has_value()) {
    return Damaged(file,
                   absl::StrCat(name, " has the unknown type ", entry.dtype));
  }
  const std::optional<uint64_t> bytes = BytesOf(entry, *value_bytes);
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

// The entries, sorted, cover the data exactly.
absl::Status CheckCover(const std::vector<SafetensorsEntry>& entries,
                        uint64_t data_bytes, absl::string_view file) {
  uint64_t expected = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin != expected) {
      return Damaged(file,
                     absl::StrCat("the data of ", entry.name,
                                  entry.begin < expected ? " overlaps another's"
                                                         : " follows a gap"));
    }
    expected = entry.end;
  }
  if (expected == data_bytes) return absl::OkStatus();
  return Damaged(file,
                 absl::StrCat("it has ", data_bytes,
                              " bytes of data, its header says ", expected));
}

}  // namespace

std::optional<int64_t> SafetensorsDtypeBytes(absl::string_view dtype) {
  for (const auto& [name, bytes] : kDtypes) {
    if (dtype == name) return bytes;
  }
  return std::nullopt;
}

std::string EncodeSafetensorsHeader(const SafetensorsHeader& header,
                                    uint64_t min_bytes) {
  json object = json::object();
  if (!header.metadata.empty()) object[kMetadata] = header.metadata;
  for (const SafetensorsEntry& entry : header.entries) {
    object[entry.name] = {{"dtype", entry.dtype},
                          {"shape", entry.shape},
                          {"data_offsets", {entry.begin, entry.end}}};
  }
  std::string text =
      object.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() + kSafetensorsPrefixBytes < min_bytes) {
    text.resize(min_bytes - kSafetensorsPrefixBytes, ' ');
  }
  return LittleEndian64(text.size()) + text;
}

absl::StatusOr<uint64_t> SafetensorsHeaderBytes(absl::string_view prefix,
                                                uint64_t file_bytes,
                                                absl::string_view file) {
  if (prefix.size() < kSafetensorsPrefixBytes) {
    return Damaged(file, "it is too short");
  }
  const uint64_t bytes = ReadLittleEndian64(prefix);
  if (bytes > kMaxSafetensorsHeaderBytes ||
      bytes > file_bytes - kSafetensorsPrefixBytes) {
    return Damaged(file, "its header is too long");
  }
  return bytes;
}

absl::StatusOr<SafetensorsHeader> DecodeSafetensorsHeader(
    absl::string_view text, uint64_t data_bytes, absl::string_view file) {
  ASSIGN_OR_RETURN(const json parsed, ParseHeader(text, file));
  SafetensorsHeader header;
  for (const auto& [name, value] : parsed.items()) {
    if (name == kMetadata) {
      if (!IsMetadata(value)) return Damaged(file, "its metadata is not text");
      header.metadata = value.get<std::map<std::string, std::string>>();
      continue;
    }
    ASSIGN_OR_RETURN(SafetensorsEntry entry, ParseEntry(name, value, file));
    header.entries.push_back(std::move(entry));
  }
  std::sort(header.entries.begin(), header.entries.end(),
            [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
              return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
            });
  RETURN_IF_ERROR(CheckCover(header.entries, data_bytes, file));
  return header;
}

}  // namespace verso
