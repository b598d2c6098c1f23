#include "common/safetensors/feature_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/safetensors/safetensors_header.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kFeatures[] = "features";
constexpr char kRecordIds[] = "record_ids";
constexpr int64_t kIdDigits = 32;
// The header is written last, into a room of this size before the data.
constexpr int64_t kHeaderBytes = 4096;
constexpr size_t kWriteBytes = size_t{4} << 20;
constexpr int64_t kReadBytes = int64_t{16} << 20;

bool IsId(absl::string_view id) {
  return id.size() == kIdDigits &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool AllFinite(absl::Span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

// Where the two tensors of a file lie.
struct Layout {
  SafetensorsEntry features, ids;
  int64_t data_begin = 0;  // From the file's begin.
  std::map<std::string, std::string> metadata;
};

absl::StatusOr<Layout> LayoutOf(const SafetensorsHeader& header,
                                const fs::path& path) {
  Layout layout{.metadata = header.metadata};
  for (const SafetensorsEntry& entry : header.entries) {
    if (entry.name == kFeatures) layout.features = entry;
    if (entry.name == kRecordIds) layout.ids = entry;
  }
  const auto& rows = layout.features.shape;
  const auto& ids = layout.ids.shape;
  if (layout.features.dtype == "F32" && layout.ids.dtype == "U8" &&
      rows.size() == 2 && ids.size() == 2 && rows[0] == ids[0] && rows[1] > 0 &&
      ids[1] == kIdDigits) {
    return layout;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path.string(),
      " has no tensors features (F32 [n, d]) and record_ids (U8 [n, 32]): "
      "write it with `bazel run //trainer -- features`"));
}

absl::StatusOr<Layout> ReadLayout(const FileDescriptor& fd,
                                  const fs::path& path) {
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("read", path, errno);
  if (!S_ISREG(info.st_mode)) return ErrnoStatus("read", path, EISDIR);
  const int64_t prefix_bytes = kSafetensorsPrefixBytes;
  ASSIGN_OR_RETURN(
      const std::string prefix,
      ReadAt(fd, 0, std::min<int64_t>(prefix_bytes, info.st_size), path));
  ASSIGN_OR_RETURN(const uint64_t bytes,
                   SafetensorsHeaderBytes(prefix, info.st_size, path.string()));
  ASSIGN_OR_RETURN(const std::string json,
                   ReadAt(fd, prefix_bytes, bytes, path));
  const int64_t data_begin = prefix_bytes + bytes;
  ASSIGN_OR_RETURN(
      const SafetensorsHeader header,
      DecodeSafetensorsHeader(json, info.st_size - data_begin, path.string()));
  ASSIGN_OR_RETURN(Layout layout, LayoutOf(header, path));
  layout.data_begin = data_begin;
  return layout;
}

absl::StatusOr<std::vector<float>> ReadValues(const FileDescriptor& fd,
                                              const Layout& layout,
                                              const fs::path& path) {
  const int64_t begin = layout.data_begin + layout.features.begin;
  const int64_t size = layout.features.end - layout.features.begin;
  std::vector<float> values(size / sizeof(float));
  for (int64_t done = 0; done < size; done += kReadBytes) {
    ASSIGN_OR_RETURN(
        const std::string part,
        ReadAt(fd, begin + done, std::min(kReadBytes, size - done), path));
    std::memcpy(reinterpret_cast<char*>(values.data()) + done, part.data(),
                part.size());
  }
  if (AllFinite(values)) return values;
  return absl::InvalidArgumentError(absl::StrCat(
      path.string(), " has features that are not finite: write it anew"));
}

absl::StatusOr<std::vector<std::string>> ReadIds(const FileDescriptor& fd,
                                                 const Layout& layout,
                                                 const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string digits,
                   ReadAt(fd, layout.data_begin + layout.ids.begin,
                          layout.ids.end - layout.ids.begin, path));
  std::vector<std::string> ids;
  ids.reserve(digits.size() / kIdDigits);
  for (size_t i = 0; i < digits.size(); i += kIdDigits) {
    ids.push_back(digits.substr(i, kIdDigits));
    if (IsId(ids.back())) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), " has in row ", i / kIdDigits,
                     " no record id of 32 hex digits"));
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (const std::string& id : ids) {
    if (seen.insert(id).second) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), " has record ", id, " twice"));
  }
  return ids;
}

}  // namespace

FeatureFileWriter::FeatureFileWriter(
    fs::path path, FileDescriptor fd,
    std::map<std::string, std::string> metadata)
    : path_(std::move(path)),
      temporary_(path_.string() + ".tmp"),
      fd_(std::move(fd)),
      metadata_(std::move(metadata)),
      end_(kHeaderBytes) {}

absl::StatusOr<std::unique_ptr<FeatureFileWriter>> FeatureFileWriter::Create(
    const fs::path& path, std::map<std::string, std::string> metadata) {
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path.string() + ".tmp",
                                               O_WRONLY | O_CREAT | O_TRUNC));
  return std::unique_ptr<FeatureFileWriter>(
      new FeatureFileWriter(path, std::move(fd), std::move(metadata)));
}

FeatureFileWriter::~FeatureFileWriter() {
  if (fd_.valid()) unlink(temporary_.c_str());
}

absl::Status FeatureFileWriter::Add(absl::string_view record_id,
                                    absl::Span<const float> row) {
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("features of record '", record_id, "': ", what));
  };
  if (!IsId(record_id)) return wrong("that is no record id of 32 hex digits");
  if (row.empty()) return wrong("there are none");
  if (dimensions_ == 0) dimensions_ = static_cast<int64_t>(row.size());
  if (static_cast<int64_t>(row.size()) != dimensions_) {
    return wrong(absl::StrCat("there are ", row.size(), ", the first has ",
                              dimensions_));
  }
  if (!AllFinite(row)) return wrong("they are not finite");
  ids_.append(record_id.data(), record_id.size());
  pending_.append(reinterpret_cast<const char*>(row.data()),
                  row.size() * sizeof(float));
  return pending_.size() < kWriteBytes ? absl::OkStatus() : Flush();
}

absl::Status FeatureFileWriter::Flush() {
  RETURN_IF_ERROR(WriteAt(fd_, pending_, end_, temporary_));
  end_ += static_cast<int64_t>(pending_.size());
  pending_.clear();
  return absl::OkStatus();
}

absl::Status FeatureFileWriter::Commit() {
  RETURN_IF_ERROR(Flush());
  RETURN_IF_ERROR(WriteAt(fd_, ids_, end_, temporary_));
  const uint64_t split = end_ - kHeaderBytes;
  const SafetensorsHeader header{
      .metadata = metadata_,
      .entries = {{.name = kFeatures,
                   .dtype = "F32",
                   .shape = {rows(), std::max<int64_t>(dimensions_, 1)},
                   .begin = 0,
                   .end = split},
                  {.name = kRecordIds,
                   .dtype = "U8",
                   .shape = {rows(), kIdDigits},
                   .begin = split,
                   .end = split + ids_.size()}}};
  const std::string text = EncodeSafetensorsHeader(header, kHeaderBytes);
  if (text.size() != kHeaderBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the metadata of ", path_.string(), " exceeds 3 KiB: shorten it"));
  }
  RETURN_IF_ERROR(WriteAt(fd_, text, 0, temporary_));
  RETURN_IF_ERROR(SyncFile(fd_, temporary_));
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus("rename to", path_, errno);
  }
  fd_.Close();
  return SyncDir(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

absl::StatusOr<FeatureTable> ReadFeatureFile(const fs::path& path,
                                             int64_t max_bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor fd, OpenFile(path, O_RDONLY));
  ASSIGN_OR_RETURN(Layout layout, ReadLayout(fd, path));
  const int64_t bytes = layout.features.end - layout.features.begin;
  if (bytes > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path.string(), " has ", bytes,
                     " bytes of features, more than the ", max_bytes,
                     " that are read into memory: write fewer records to it "
                     "(--source)"));
  }
  FeatureTable table{.dimensions = layout.features.shape[1],
                     .metadata = std::move(layout.metadata)};
  ASSIGN_OR_RETURN(table.record_ids, ReadIds(fd, layout, path));
  ASSIGN_OR_RETURN(table.values, ReadValues(fd, layout, path));
  return table;
}

}  // namespace verso
