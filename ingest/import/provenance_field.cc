#include "ingest/import/provenance_field.h"

#include <cmath>
#include <cstdint>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "google/protobuf/message.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// Of Provenance itself; all fields of `work` and `generator` come with them.
bool IsTellable(const std::string& name) {
  static const auto& names = *new std::set<std::string>{
      "collection", "label",     "page_url", "image_url",
      "work",       "generator", "parent",   "found_by",
      "licence",    "terms_url", "stand_in",
  };
  return names.contains(name);
}

absl::Status NoNumber(const std::string& text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no number of this field's kind"));
}

absl::Status SetLabel(const std::string& text, Provenance& provenance) {
  ASSIGN_OR_RETURN(const Label label, LabelOfName(text));
  provenance.set_label(label);
  provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  return absl::OkStatus();
}

absl::Status SetValue(const FieldDescriptor* field, const std::string& text,
                      Message& message) {
  const auto& set = *message.GetReflection();
  double number = 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      set.SetString(&message, field, text);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32:
      if (!absl::SimpleAtod(text, &number) || number != std::floor(number) ||
          number < INT32_MIN || number > INT32_MAX) {
        return NoNumber(text);
      }
      set.SetInt32(&message, field, static_cast<int32_t>(number));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
        return NoNumber(text);
      }
      set.SetDouble(&message, field, number);
      return absl::OkStatus();
    default: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", text, "' is neither true nor false"));
      }
      set.SetBool(&message, field, value);
      return absl::OkStatus();
    }
  }
}

void ReplaceTextsIn(
    const std::function<std::string(const std::string&)>& replace,
    Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      ReplaceTextsIn(replace, *reflection.MutableMessage(&message, field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.SetString(&message, field,
                           replace(reflection.GetString(message, field)));
    }
  }
}

}  // namespace

absl::StatusOr<ProvenanceField> ProvenanceField::Find(absl::string_view name) {
  ProvenanceField found;
  const Descriptor* type = Provenance::descriptor();
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  for (const std::string& part : parts) {
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(part);
    if (field == nullptr || (found.path_.empty() && !IsTellable(part))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", name, "\" is no field of Provenance that a source may tell"));
    }
    found.path_.push_back(field);
    type = field->message_type();
  }
  if (type != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" has fields; name one of them, as in \"",
                     name, ".", type->field(0)->name(), "\""));
  }
  return found;
}

absl::Status ProvenanceField::Set(const std::string& text,
                                  Provenance& provenance) const {
  const FieldDescriptor* last = path_.back();
  if (last->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return SetLabel(text, provenance);  // The only one that may be told.
  }
  Message* message = &provenance;
  for (const FieldDescriptor* field : path_) {
    if (field == last) break;
    message = message->GetReflection()->MutableMessage(message, field);
  }
  return SetValue(last, text, *message);
}

void MergeProvenance(const Provenance& said, Provenance& known) {
  known.MergeFrom(said);
  if (said.label_evidence() != LABEL_EVIDENCE_UNKNOWN) {
    known.set_label(said.label());
  }
}

absl::Status CheckTellable(const Provenance& provenance) {
  std::vector<const FieldDescriptor*> fields;
  provenance.GetReflection()->ListFields(provenance, &fields);
  for (const FieldDescriptor* field : fields) {
    // How sure a label is, a recipe's author knows; a table does not.
    if (IsTellable(field->name()) || field->name() == "label_evidence") {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(field->name(), " is nothing that a source may tell"));
  }
  return absl::OkStatus();
}

void ReplaceTexts(const std::function<std::string(const std::string&)>& replace,
                  Provenance& provenance) {
  ReplaceTextsIn(replace, provenance);
}

}  // namespace verso
