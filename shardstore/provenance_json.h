#ifndef VERSO_SHARDSTORE_PROVENANCE_JSON_H_
#define VERSO_SHARDSTORE_PROVENANCE_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// Provenance as the JSON that lies beside each image. Readers infer a schema
// from the first samples (Hugging Face drops what comes later), so every field
// is always there and always of one type: sub-messages are objects, enums
// their names, integers plain numbers, doubles have a decimal point, and an
// empty list is [""], since an empty one would have no type. Fields come in
// the order of their numbers. No line breaks.
// kInvalidArgument names a field that is not UTF-8, not finite or no value of
// its enum.
absl::StatusOr<std::string> ProvenanceToJson(const Provenance& provenance);

// The inverse; fields that are not known are ignored, absent ones unset.
// kDataLoss: not such JSON; the field is named.
absl::StatusOr<Provenance> ProvenanceFromJson(absl::string_view json);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_PROVENANCE_JSON_H_
