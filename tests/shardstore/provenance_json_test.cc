#include "shardstore/provenance_json.h"

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "google/protobuf/descriptor.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json ToJson(const Provenance& provenance) {
  const absl::StatusOr<std::string> text = ProvenanceToJson(provenance);
  EXPECT_OK(text);
  return Json::parse(text.value_or("{}"));
}

// "name:type" of every field, in order, sub-messages included.
void AppendShape(const Json& object, std::string& shape) {
  for (const auto& [name, value] : object.items()) {
    shape += name + ":" + value.type_name() +
             (value.is_number_float() ? ".float " : " ");
    if (value.is_object()) AppendShape(value, shape);
    if (value.is_array()) shape += std::string(value.at(0).type_name()) + " ";
  }
}

std::string ShapeOf(const Json& object) {
  std::string shape;
  AppendShape(object, shape);
  return shape;
}

void ExpectAllFields(const Descriptor& type, const Json& object) {
  ASSERT_EQ(object.size(), static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    ASSERT_TRUE(object.contains(field->name())) << field->full_name();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      ExpectAllFields(*field->message_type(), object[field->name()]);
    }
  }
}

TEST(ProvenanceJsonTest, AnEmptyProvenanceHasEveryField) {
  ExpectAllFields(*Provenance::descriptor(), ToJson(Provenance()));
}

TEST(ProvenanceJsonTest, EveryProvenanceHasTheSameFieldsAndTypes) {
  const std::string shape = ShapeOf(ToJson(Provenance()));
  EXPECT_THAT(shape, HasSubstr("size_bytes:number "));
  EXPECT_THAT(shape, HasSubstr("guidance:number.float "));
  EXPECT_THAT(shape, HasSubstr("consent_signals:array string "));
  EXPECT_THAT(shape, HasSubstr("label_conflict:array string quarantine:"));
  // A sub-message of one.
  EXPECT_THAT(shape, HasSubstr("original_date:string generator:object "
                               "family:string "));
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ShapeOf(ToJson(RandomRecord(random, 1).provenance())), shape);
  }
}

TEST(ProvenanceJsonTest, ReadsBackWhatItWrote) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    const Provenance provenance = RandomRecord(random, 1).provenance();
    ASSERT_OK_AND_ASSIGN(const std::string json, ProvenanceToJson(provenance));
    ASSERT_OK_AND_ASSIGN(const Provenance read, ProvenanceFromJson(json));
    EXPECT_EQ(read.SerializeAsString(), provenance.SerializeAsString());
    EXPECT_EQ(json.find('\n'), std::string::npos);
  }
}

TEST(ProvenanceJsonTest, RefusesTextThatIsNotUtf8AndNamesNoOtherRecord) {
  Provenance provenance;
  provenance.mutable_work()->set_title("caf\xe9");
  EXPECT_THAT(ProvenanceToJson(provenance),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ProvenanceJsonTest, HostileJsonIsDataLoss) {
  for (const char* json :
       {"", "[]", "{", "{\"width\":\"wide\"}", "{\"width\":99999999999}",
        "{\"label\":\"LABEL_ROBOT\"}", "{\"work\":7}",
        "{\"consent_signals\":[[1]]}", "{\"source\":{\"a\":1}}"}) {
    EXPECT_THAT(ProvenanceFromJson(json), StatusIs(absl::StatusCode::kDataLoss))
        << json;
  }
}

TEST(ProvenanceJsonTest, IgnoresFieldsThatItDoesNotKnow) {
  ASSERT_OK_AND_ASSIGN(
      const Provenance provenance,
      ProvenanceFromJson("{\"source\":\"wga\",\"from_the_future\":[1,{}]}"));
  EXPECT_EQ(provenance.source(), "wga");
}

}  // namespace
}  // namespace verso::testing
