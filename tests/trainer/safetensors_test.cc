#include "trainer/safetensors.h"

#include <cstdint>
#include <fstream>
#include <string>

#include "ATen/ATen.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

// A file with this header (padded or not, as given) and data.
std::string FileOf(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(uint64_t{header.size()} >> (8 * i));
  }
  return bytes + header + data;
}

void ExpectRefused(const std::string& bytes, const std::string& why) {
  EXPECT_THAT(DecodeSafetensors(bytes, "x.safetensors"),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("x.safetensors"), HasSubstr(why))));
}

constexpr char kOneFloat[] =
    R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";

TEST(SafetensorsTest, ReadsBackEveryTypeAsWritten) {
  TensorMap tensors;
  for (const at::ScalarType type :
       {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
        at::kShort, at::kChar, at::kByte, at::kBool}) {
    tensors[c10::toString(type)] = at::arange(6).view({2, 3}).to(type);
  }
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeSafetensors(tensors));
  ASSERT_OK_AND_ASSIGN(const TensorMap read, DecodeSafetensors(bytes, "x"));
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
}

TEST(SafetensorsTest, WritesValuesInRowsWhateverTheMemoryFormat) {
  const at::Tensor rows = at::arange(24, at::kFloat).view({1, 2, 3, 4});
  const at::Tensor last = rows.contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(EncodeSafetensors({{"a", rows}}).value(),
            EncodeSafetensors({{"a", last}}).value());
}

TEST(SafetensorsTest, KeepsScalarsAndEmptyTensors) {
  const TensorMap tensors = {{"scalar", at::tensor(7, at::kLong)},
                             {"empty", at::empty({0, 5})}};
  ASSERT_OK_AND_ASSIGN(
      const TensorMap read,
      DecodeSafetensors(EncodeSafetensors(tensors).value(), "x"));
  EXPECT_EQ(read.at("scalar").item<int64_t>(), 7);
  EXPECT_EQ(read.at("empty").sizes(), (std::vector<int64_t>{0, 5}));
}

TEST(SafetensorsTest, AlignsEveryTensorToItsType) {
  // 1 byte, then 8: in order of names the long would start at byte 1.
  const TensorMap tensors = {{"a", at::ones({1}, at::kByte)},
                             {"b", at::ones({1}, at::kLong)}};
  const std::string bytes = EncodeSafetensors(tensors).value();
  EXPECT_EQ(bytes[0] % 8, 0);  // The header's length.
  EXPECT_THAT(bytes, HasSubstr(R"("b":{"data_offsets":[0,8])"));
}

TEST(SafetensorsTest, ReadsFilesWithAndWithoutMetadata) {
  const std::string data(4, '\0');
  EXPECT_OK(DecodeSafetensors(FileOf(kOneFloat, data), "x"));
  const std::string with = R"({"__metadata__":{"format":"pt"},)";
  ASSERT_OK_AND_ASSIGN(
      const TensorMap read,
      DecodeSafetensors(FileOf(with + (kOneFloat + 1), data), "x"));
  EXPECT_EQ(read.size(), 1u);
}

TEST(SafetensorsTest, WritesAFileThatItReads) {
  const auto path = testing::MakeTestDir("safetensors") / "a.safetensors";
  ASSERT_OK(WriteSafetensors(path, {{"a", at::ones({3})}}, {{"by", "test"}}));
  ASSERT_OK_AND_ASSIGN(const TensorMap read, ReadSafetensors(path));
  EXPECT_TRUE(at::equal(read.at("a"), at::ones({3})));
}

TEST(SafetensorsTest, SaysThatAFileIsMissing) {
  EXPECT_THAT(ReadSafetensors("/nonexistent/w.safetensors"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nonexistent/w.safetensors")));
}

TEST(SafetensorsTest, RefusesEveryCutFile) {
  const std::string whole = FileOf(kOneFloat, std::string(4, '\1'));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(DecodeSafetensors(whole.substr(0, size), "x"),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(SafetensorsTest, RefusesAHeaderBeyondTheEnd) {
  ExpectRefused(std::string(8, '\xff') + "{}", "header is too long");
}

TEST(SafetensorsTest, RefusesAGiganticHeader) {
  ExpectRefused(FileOf(std::string(17 << 20, ' '), ""), "header is too long");
}

TEST(SafetensorsTest, RefusesAHeaderThatIsNoObject) {
  ExpectRefused(FileOf("[1, 2]", ""), "not JSON");
  ExpectRefused(FileOf("{\"a\":", ""), "not JSON");
}

TEST(SafetensorsTest, RefusesDeepNesting) {
  ExpectRefused(FileOf("{\"a\":" + std::string(100'000, '['), ""), "nested");
}

TEST(SafetensorsTest, RefusesAKeyThatComesTwice) {
  const std::string entry = std::string(kOneFloat).substr(1);
  const std::string twice =
      "{" + entry.substr(0, entry.size() - 1) + "," + entry;
  ExpectRefused(FileOf(twice, std::string(4, '\0')), "twice the key a");
}

TEST(SafetensorsTest, RefusesAnUnknownType) {
  ExpectRefused(
      FileOf(R"({"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}})",
             std::string(4, '\0')),
      "unknown type F4");
}

TEST(SafetensorsTest, RefusesAShapeThatDisagreesWithItsOffsets) {
  ExpectRefused(
      FileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
             std::string(4, '\0')),
      "does not agree");
}

TEST(SafetensorsTest, RefusesAShapeThatOverflows) {
  ExpectRefused(FileOf(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],)"
                       R"("data_offsets":[0,0]}})",
                       ""),
                "does not agree");
  ExpectRefused(
      FileOf(R"({"a":{"dtype":"U8","shape":[0,4611686018427387903,9],)"
             R"("data_offsets":[0,0]}})",
             ""),
      "does not agree");
}

TEST(SafetensorsTest, RefusesNegativeAndFractionalSizes) {
  for (const char* shape : {"[-1]", "[1.5]", "[\"1\"]", "{}", "1"}) {
    ExpectRefused(FileOf(std::string(R"({"a":{"dtype":"F32","shape":)") +
                             shape + R"(,"data_offsets":[0,4]}})",
                         std::string(4, '\0')),
                  "a badly");
  }
}

TEST(SafetensorsTest, RefusesOverlapsAndGaps) {
  const std::string a = R"({"a":{"dtype":"U8","shape":[4],)"
                        R"("data_offsets":[0,4]},)"
                        R"("b":{"dtype":"U8","shape":[2],"data_offsets":)";
  ExpectRefused(FileOf(a + "[3,5]}}", std::string(5, '\0')), "overlaps");
  ExpectRefused(FileOf(a + "[5,7]}}", std::string(7, '\0')), "gap");
}

TEST(SafetensorsTest, RefusesBytesAfterTheLastTensor) {
  ExpectRefused(FileOf(kOneFloat, std::string(5, '\0')), "5 bytes of data");
}

TEST(SafetensorsTest, TellsHowToConvertAPthFile) {
  ExpectRefused(std::string("PK\3\4 and so on"), "convert it: python3");
}

TEST(SafetensorsTest, RefusesToWriteATypeThatTheFormatLacks) {
  EXPECT_THAT(EncodeSafetensors({{"z", at::zeros({1}, at::kComplexFloat)}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("z")));
}

}  // namespace
}  // namespace verso
