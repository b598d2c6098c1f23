#ifndef VERSO_INGEST_IMPORT_PROVENANCE_FIELD_H_
#define VERSO_INGEST_IMPORT_PROVENANCE_FIELD_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "proto/provenance.pb.h"

namespace verso {

// A field of Provenance by its dotted name ("generator.prompt"), of those that
// a source may tell: not what the bytes say (sha256, width, ...), what fetching
// says (fetched_at, ...) or what names the record (source, source_item_id).
// Thread-compatible.
class ProvenanceField {
 public:
  // kInvalidArgument: there is no such field, or none that a source may tell.
  static absl::StatusOr<ProvenanceField> Find(absl::string_view name);

  // Sets it to what `text` says. A label is "human", "generated", "mixed" or
  // "unknown", and becomes the archive's claim; a whole number may be written
  // as "50.0". kInvalidArgument: it is not of the field's type; the text is
  // named.
  absl::Status Set(const std::string& text, Provenance& provenance) const;

 private:
  std::vector<const google::protobuf::FieldDescriptor*> path_;
};

// Puts what is `said` over what is `known`; a label of "unknown" too.
void MergeProvenance(const Provenance& said, Provenance& known);

// kInvalidArgument names a field of `provenance` that a source may not tell.
absl::Status CheckTellable(const Provenance& provenance);

// Puts `replace(text)` in place of each text in `provenance`, an empty one
// clearing the field.
void ReplaceTexts(const std::function<std::string(const std::string&)>& replace,
                  Provenance& provenance);

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_PROVENANCE_FIELD_H_
