#include "shardstore/shard_format.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"
#include "common/base/crc32c.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr size_t kBlock = kTarBlockBytes;
constexpr absl::string_view kZeroCrc = "00000000";
constexpr absl::string_view kJson = "json";
constexpr size_t kMaxKeyBytes = 64;
constexpr size_t kMaxExtensionBytes = 8;
constexpr int64_t kMaxEntryBytes = int64_t{1} << 32;

// POSIX ustar header; every number is octal text.
struct TarHeader {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char typeflag;
  char linkname[100];
  char magic[6];
  char version[2];
  char uname[32];
  char gname[32];
  char devmajor[8];
  char devminor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(TarHeader) == kBlock);

constexpr char kPaxHeader = 'x';
constexpr char kRegularFile = '0';

// Everything but name, size and type is fixed, so that the same samples give
// the same bytes wherever and whenever they are written.
std::string TarHeaderFor(absl::string_view name, int64_t size, char typeflag) {
  TarHeader header = {};
  VERSO_CHECK(name.size() <= sizeof(header.name));
  std::memcpy(header.name, name.data(), name.size());
  std::memcpy(header.mode, "0000644", 8);
  std::memcpy(header.uid, "0000000", 8);
  std::memcpy(header.gid, "0000000", 8);
  absl::SNPrintF(header.size, sizeof(header.size), "%011o", size);
  std::memcpy(header.mtime, "00000000000", 12);
  std::memset(header.checksum, ' ', sizeof(header.checksum));
  header.typeflag = typeflag;
  std::memcpy(header.magic, "ustar", 6);
  std::memcpy(header.version, "00", 2);
  std::memcpy(header.devmajor, "0000000", 8);
  std::memcpy(header.devminor, "0000000", 8);
  std::string block(reinterpret_cast<const char*>(&header), kBlock);
  int sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  absl::SNPrintF(header.checksum, sizeof(header.checksum) - 1, "%06o", sum);
  std::memcpy(block.data() + offsetof(TarHeader, checksum), header.checksum,
              sizeof(header.checksum));
  return block;
}

void PadToBlock(std::string& bytes) {
  bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock, '\0');
}

// A pax record says its own length, that of the number included.
std::string PaxRecord(absl::string_view keyword, absl::string_view value) {
  const size_t rest = keyword.size() + value.size() + 3;  // " ", "=", "\n"
  size_t length = rest + 1;
  while (absl::StrCat(length).size() + rest != length) ++length;
  return absl::StrCat(length, " ", keyword, "=", value, "\n");
}

// The first kSampleHeaderBytes of a sample.
std::string EncodeHeader(const SampleHeader& header) {
  const std::string body = PaxRecord(
      "comment", absl::StrFormat("verso1 shard=%s seq=%010d bytes=%012d "
                                 "crc32c=%08x",
                                 header.shard, header.seq, header.size_bytes,
                                 header.crc32c));
  VERSO_CHECK(body.size() <= kBlock);
  std::string bytes =
      TarHeaderFor("PaxHeaders/sample", static_cast<int64_t>(body.size()),
                   kPaxHeader) +
      body;
  PadToBlock(bytes);
  return bytes;
}

// The digits are the last thing in the pax body, before its line break.
size_t CrcDigitsAt(absl::string_view sample) {
  const size_t line_end = sample.find('\n', kBlock);
  VERSO_CHECK(line_end != absl::string_view::npos);
  return line_end - kZeroCrc.size();
}

uint32_t CrcOfSample(absl::string_view sample) {
  const size_t digits = CrcDigitsAt(sample);
  uint32_t crc = Crc32c(sample.substr(0, digits));
  crc = Crc32c(kZeroCrc, crc);
  return Crc32c(sample.substr(digits + kZeroCrc.size()), crc);
}

bool IsKey(absl::string_view key) {
  if (key.empty() || key.size() > kMaxKeyBytes) return false;
  for (const char c : key) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return false;
  }
  return true;
}

bool IsExtension(absl::string_view extension) {
  if (extension.empty() || extension.size() > kMaxExtensionBytes) return false;
  for (const char c : extension) {
    if (!absl::ascii_isdigit(c) && !absl::ascii_islower(c)) return false;
  }
  return extension != kJson;
}

absl::Status CheckContent(absl::string_view shard,
                          const SampleContent& content) {
  if (shard.empty() || shard.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", shard, "' is no shard name of 1 to 64 bytes"));
  }
  if (!IsKey(content.key)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", content.key,
                     "' is no sample key: use 1 to 64 letters, digits, _ -"));
  }
  if (!IsExtension(content.extension)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", content.extension, "' is no extension of 1 to 8 lower-case ",
        "letters and digits other than json"));
  }
  if (static_cast<int64_t>(content.image.size()) > kMaxEntryBytes ||
      static_cast<int64_t>(content.json.size()) > kMaxEntryBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample ", content.key, " is larger than 4 GiB"));
  }
  return absl::OkStatus();
}

void AppendEntry(absl::string_view name, absl::string_view body,
                 std::string& bytes) {
  bytes += TarHeaderFor(name, static_cast<int64_t>(body.size()), kRegularFile);
  bytes.append(body.data(), body.size());
  PadToBlock(bytes);
}

struct TarEntry {
  absl::string_view name;
  absl::string_view body;
};

// Takes the entry at the start of `bytes` off it; nullopt: there is none.
std::optional<TarEntry> TakeEntry(absl::string_view& bytes) {
  if (bytes.size() < kBlock) return std::nullopt;
  const absl::string_view field = bytes.substr(offsetof(TarHeader, size), 11);
  size_t size = 0;
  for (const char c : field) {
    if (c < '0' || c > '7') return std::nullopt;
    size = size * 8 + static_cast<size_t>(c - '0');
  }
  const size_t padded = (size + kBlock - 1) / kBlock * kBlock;
  if (padded > bytes.size() - kBlock) return std::nullopt;
  const absl::string_view name = bytes.substr(0, sizeof(TarHeader::name));
  const TarEntry entry = {name.substr(0, name.find('\0')),
                          bytes.substr(kBlock, size)};
  bytes.remove_prefix(kBlock + padded);
  return entry;
}

// Splits the two files of a sample whose CRC is right.
std::optional<ShardSample> ParseFiles(absl::string_view files) {
  const std::optional<TarEntry> json = TakeEntry(files);
  const std::optional<TarEntry> image = TakeEntry(files);
  if (!json.has_value() || !image.has_value() || !files.empty()) {
    return std::nullopt;
  }
  const size_t dot = image->name.find('.');
  if (dot == absl::string_view::npos) return std::nullopt;
  ShardSample sample;
  sample.key = std::string(image->name.substr(0, dot));
  if (json->name != absl::StrCat(sample.key, ".", kJson)) return std::nullopt;
  sample.extension = std::string(image->name.substr(dot + 1));
  sample.json = std::string(json->body);
  sample.image = std::string(image->body);
  return sample;
}

// Takes "NAME=" and the text up to the next blank or the end of the line.
absl::string_view TakeField(absl::string_view name, absl::string_view& text) {
  if (!absl::ConsumePrefix(&text, name)) return {};
  const size_t end = text.find_first_of(" \n");
  if (end == absl::string_view::npos) return {};
  const absl::string_view value = text.substr(0, end);
  text.remove_prefix(end + 1);
  return value;
}

absl::Status Damaged(absl::string_view shard, uint64_t seq,
                     absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("sample seq=", seq, " of ", shard, " is damaged: ", what));
}

}  // namespace

std::string ShardName(int number) {
  return absl::StrFormat("shard-%06d.tar", number);
}

std::optional<int> ShardNumber(absl::string_view name) {
  absl::string_view digits = name;
  int number = 0;
  if (!absl::ConsumePrefix(&digits, "shard-") ||
      !absl::ConsumeSuffix(&digits, ".tar") ||
      !absl::SimpleAtoi(digits, &number) || number < 0 ||
      ShardName(number) != name) {
    return std::nullopt;
  }
  return number;
}

absl::StatusOr<std::string> EncodeSample(absl::string_view shard, uint64_t seq,
                                         const SampleContent& content) {
  RETURN_IF_ERROR(CheckContent(shard, content));
  SampleHeader header = {std::string(shard), seq};
  std::string bytes;
  bytes.reserve(kSampleHeaderBytes + content.json.size() +
                content.image.size() + 4 * kBlock);
  bytes.resize(kSampleHeaderBytes);
  AppendEntry(absl::StrCat(content.key, ".", kJson), content.json, bytes);
  AppendEntry(absl::StrCat(content.key, ".", content.extension), content.image,
              bytes);
  header.size_bytes = static_cast<int64_t>(bytes.size());
  bytes.replace(0, kSampleHeaderBytes, EncodeHeader(header));
  header.crc32c = CrcOfSample(bytes);
  bytes.replace(0, kSampleHeaderBytes, EncodeHeader(header));
  return bytes;
}

absl::StatusOr<SampleHeader> DecodeSampleHeader(absl::string_view bytes) {
  const absl::Status not_a_header = absl::DataLossError("no record header");
  if (static_cast<int64_t>(bytes.size()) < kSampleHeaderBytes) {
    return not_a_header;
  }
  bytes = bytes.substr(0, kSampleHeaderBytes);
  absl::string_view text = bytes.substr(kBlock);
  text.remove_prefix(std::min(text.find(' '), text.size()));
  if (!absl::ConsumePrefix(&text, " comment=verso1 ")) return not_a_header;
  SampleHeader header;
  header.shard = std::string(TakeField("shard=", text));
  if (header.shard.empty() || header.shard.size() > kMaxKeyBytes ||
      !absl::SimpleAtoi(TakeField("seq=", text), &header.seq) ||
      !absl::SimpleAtoi(TakeField("bytes=", text), &header.size_bytes) ||
      !absl::SimpleHexAtoi(TakeField("crc32c=", text), &header.crc32c) ||
      header.size_bytes <= kSampleHeaderBytes ||
      header.size_bytes % kTarBlockBytes != 0) {
    return not_a_header;
  }
  // Only the one way in which we write it is right.
  if (EncodeHeader(header) != bytes) return not_a_header;
  return header;
}

absl::StatusOr<ShardSample> DecodeSample(absl::string_view shard, uint64_t seq,
                                         absl::string_view bytes) {
  const absl::StatusOr<SampleHeader> header = DecodeSampleHeader(bytes);
  if (!header.ok()) return Damaged(shard, seq, header.status().message());
  if (header->shard != shard || header->seq != seq ||
      header->size_bytes != static_cast<int64_t>(bytes.size())) {
    return Damaged(shard, seq,
                   absl::StrCat("in its place is seq=", header->seq, " of ",
                                header->shard));
  }
  if (CrcOfSample(bytes) != header->crc32c) {
    return Damaged(shard, seq, "its CRC does not match");
  }
  std::optional<ShardSample> sample =
      ParseFiles(bytes.substr(kSampleHeaderBytes));
  if (!sample.has_value()) return Damaged(shard, seq, "its files are not two");
  sample->seq = seq;
  return *std::move(sample);
}

}  // namespace verso
