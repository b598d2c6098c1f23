#include "shardstore/provenance_json.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace verso {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using Json = nlohmann::ordered_json;

Json MessageToJson(const Message& message);

// One value, or element `index` of a list (-1: not a list).
Json ValueToJson(const Message& message, const FieldDescriptor* field) {
  const Reflection& get = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return get.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return get.GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double value = get.GetDouble(message, field);
      if (!std::isfinite(value)) {
        throw std::invalid_argument(field->name() + " is not finite");
      }
      return value;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return get.GetBool(message, field);
    case FieldDescriptor::CPPTYPE_STRING:
      return get.GetString(message, field);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = get.GetEnumValue(message, field);
      const EnumValueDescriptor* value =
          field->enum_type()->FindValueByNumber(number);
      if (value == nullptr) {
        throw std::invalid_argument(
            absl::StrCat(number, " is no value of ", field->name()));
      }
      return value->name();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageToJson(get.GetMessage(message, field));
    default:
      throw std::invalid_argument(field->name() + " has a type without JSON");
  }
}

Json ListToJson(const Message& message, const FieldDescriptor* field) {
  const Reflection& get = *message.GetReflection();
  Json list = Json::array();
  for (int i = 0; i < get.FieldSize(message, field); ++i) {
    list.push_back(get.GetRepeatedString(message, field, i));
  }
  if (list.empty()) list.push_back("");
  return list;
}

Json MessageToJson(const Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  Json object = Json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    object[field->name()] = field->is_repeated() ? ListToJson(message, field)
                                                 : ValueToJson(message, field);
  }
  return object;
}

void JsonToMessage(const Json& object, Message& message);

void JsonToList(const Json& list, const FieldDescriptor* field,
                Message& message) {
  for (const Json& element : list) {
    const std::string value = element.get<std::string>();
    if (!value.empty()) {
      message.GetReflection()->AddString(&message, field, value);
    }
  }
}

int32_t ToInt32(const Json& value) {
  const int64_t wide = value.get<int64_t>();
  if (wide < INT32_MIN || wide > INT32_MAX) {
    throw std::invalid_argument("is out of range");
  }
  return static_cast<int32_t>(wide);
}

void JsonToValue(const Json& value, const FieldDescriptor* field,
                 Message& message) {
  const Reflection& set = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set.SetInt32(&message, field, ToInt32(value));
    case FieldDescriptor::CPPTYPE_INT64:
      return set.SetInt64(&message, field, value.get<int64_t>());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set.SetDouble(&message, field, value.get<double>());
    case FieldDescriptor::CPPTYPE_BOOL:
      return set.SetBool(&message, field, value.get<bool>());
    case FieldDescriptor::CPPTYPE_STRING:
      return set.SetString(&message, field, value.get<std::string>());
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* number =
          field->enum_type()->FindValueByName(value.get<std::string>());
      if (number == nullptr) throw std::invalid_argument("is no known name");
      return set.SetEnum(&message, field, number);
    }
    default:
      return JsonToMessage(value, *set.MutableMessage(&message, field));
  }
}

bool IsUnset(const Json& value) {
  if (!value.is_object()) return false;
  for (const Json& member : value) {
    const bool empty =
        member.is_object() ? IsUnset(member)
        : member.is_string()
            ? member.get_ref<const std::string&>().empty()
            : member == Json(0) || member == Json(0.0) || member == Json(false);
    if (!empty) return false;
  }
  return true;
}

void JsonToMessage(const Json& object, Message& message) {
  if (!object.is_object()) throw std::invalid_argument("is no object");
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const auto value = object.find(field->name());
    // A sub-message without content comes back as one that is not set.
    if (value == object.end() || IsUnset(*value)) continue;
    try {
      if (field->is_repeated()) {
        JsonToList(*value, field, message);
      } else {
        JsonToValue(*value, field, message);
      }
    } catch (const std::exception& e) {
      throw std::invalid_argument(field->name() + ": " + e.what());
    }
  }
}

}  // namespace

absl::StatusOr<std::string> ProvenanceToJson(const Provenance& provenance) {
  try {
    return MessageToJson(provenance).dump();
  } catch (const std::exception& e) {
    return absl::InvalidArgumentError(
        absl::StrCat("provenance cannot be written as JSON: ", e.what()));
  }
}

absl::StatusOr<Provenance> ProvenanceFromJson(absl::string_view json) {
  try {
    Provenance provenance;
    JsonToMessage(Json::parse(json.begin(), json.end()), provenance);
    return provenance;
  } catch (const std::exception& e) {
    return absl::DataLossError(
        absl::StrCat("provenance is not the JSON that we write: ", e.what()));
  }
}

}  // namespace verso
