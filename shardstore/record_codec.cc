#include "shardstore/record_codec.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "shardstore/judgement.h"
#include "shardstore/provenance_json.h"

namespace verso {
namespace {

constexpr size_t kMaxSourceBytes = 128;

std::string ExtensionOf(absl::string_view image) {
  if (absl::StartsWith(image, "\xff\xd8\xff")) return "jpg";
  if (absl::StartsWith(image, "\x89PNG\r\n\x1a\n")) return "png";
  if (absl::StartsWith(image, "GIF8")) return "gif";
  if (absl::StartsWith(image, "RIFF") && image.substr(8, 4) == "WEBP") {
    return "webp";
  }
  return "bin";
}

absl::Status CheckRecord(const Record& record) {
  const std::string& source = record.provenance().source();
  if (source.empty()) {
    return absl::InvalidArgumentError("the record has no source");
  }
  if (source.size() > kMaxSourceBytes) {
    return absl::InvalidArgumentError("the source's name exceeds 128 bytes");
  }
  if (record.image().empty()) {
    return absl::InvalidArgumentError("the record has no bytes");
  }
  if (static_cast<int64_t>(record.image().size()) > kMaxImageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the record has ", record.image().size(),
                     " bytes, more than the limit of ", kMaxImageBytes));
  }
  if (record.provenance().quarantine().size() > kMaxReasonBytes) {
    return absl::InvalidArgumentError("the quarantine's reason exceeds 1 KiB");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EncodedRecord> EncodeRecord(const Record& record) {
  RETURN_IF_ERROR(CheckRecord(record));
  EncodedRecord encoded;
  encoded.image = record.image();
  encoded.provenance = record.provenance();
  encoded.provenance.set_sha256(Sha256Hex(encoded.image));
  encoded.provenance.set_size_bytes(
      static_cast<int64_t>(record.image().size()));
  encoded.id = RecordIdOf(encoded.provenance.sha256());
  encoded.extension = ExtensionOf(encoded.image);
  ASSIGN_OR_RETURN(encoded.json, ProvenanceToJson(encoded.provenance));
  if (static_cast<int64_t>(encoded.json.size()) > kMaxProvenanceBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the provenance has ", encoded.json.size(),
                     " bytes, more than the limit of ", kMaxProvenanceBytes));
  }
  return encoded;
}

absl::StatusOr<Record> DecodeRecord(ShardSample sample) {
  Record record;
  ASSIGN_OR_RETURN(*record.mutable_provenance(),
                   ProvenanceFromJson(sample.json));
  if (RecordIdOf(record.provenance().sha256()) != sample.key) {
    return absl::DataLossError(absl::StrCat(
        "sample ", sample.key, " has the provenance of another record"));
  }
  record.set_image(std::move(sample.image));
  return record;
}

}  // namespace verso
