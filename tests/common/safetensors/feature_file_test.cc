#include "common/safetensors/feature_file.h"

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/safetensors/safetensors_header.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

std::string Id(int i) { return absl::StrFormat("%032x", i); }

fs::path PathIn(const std::string& test) {
  return testing::MakeTestDir(test) / "f.safetensors";
}

// A file with the two tensors as they are described here, and their data.
fs::path WriteRaw(const std::string& test, const SafetensorsEntry& features,
                  const SafetensorsEntry& ids, const std::string& data) {
  const fs::path path = PathIn(test);
  EXPECT_OK(WriteFileAtomically(
      path, EncodeSafetensorsHeader({.entries = {features, ids}}) + data));
  return path;
}

void ExpectRefused(const fs::path& path, absl::StatusCode code,
                   const std::string& why) {
  EXPECT_THAT(ReadFeatureFile(path),
              StatusIs(code, AllOf(HasSubstr(path.string()), HasSubstr(why))));
}

const SafetensorsEntry kOneRow = {
    .name = "features", .dtype = "F32", .shape = {1, 2}, .begin = 0, .end = 8};
const SafetensorsEntry kOneId = {.name = "record_ids",
                                 .dtype = "U8",
                                 .shape = {1, 32},
                                 .begin = 8,
                                 .end = 40};

TEST(FeatureFileTest, ReadsRowsAndIdsBackInTheirOrder) {
  const fs::path path = PathIn("order");
  ASSERT_OK_AND_ASSIGN(const auto writer,
                       FeatureFileWriter::Create(path, {{"network", "n"}}));
  ASSERT_OK(writer->Add(Id(7), {1, -2.5, 3e-30f}));
  ASSERT_OK(writer->Add(Id(3), {0, 4, 5}));
  EXPECT_EQ(writer->rows(), 2);
  ASSERT_OK(writer->Commit());
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(path));
  EXPECT_EQ(table.dimensions, 3);
  EXPECT_THAT(table.record_ids, ElementsAre(Id(7), Id(3)));
  EXPECT_THAT(table.row(0), ElementsAre(1, -2.5f, 3e-30f));
  EXPECT_THAT(table.row(1), ElementsAre(0, 4, 5));
  EXPECT_EQ(table.metadata.at("network"), "n");
}

TEST(FeatureFileTest, HoldsMoreThanIsWrittenAtOnce) {
  const fs::path path = PathIn("many");
  constexpr int kRows = 3000, kDimensions = 1000;  // 12 MB.
  ASSERT_OK_AND_ASSIGN(const auto writer, FeatureFileWriter::Create(path, {}));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_OK(writer->Add(Id(i), std::vector<float>(kDimensions, i)));
  }
  ASSERT_OK(writer->Commit());
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(path));
  ASSERT_EQ(table.rows(), kRows);
  for (int i = 0; i < kRows; ++i) {
    ASSERT_EQ(table.record_ids[i], Id(i));
    ASSERT_EQ(table.row(i).front(), i);
    ASSERT_EQ(table.row(i).back(), i);
  }
}

TEST(FeatureFileTest, AFileOfNoRowsIsOne) {
  const fs::path path = PathIn("none");
  ASSERT_OK_AND_ASSIGN(const auto writer, FeatureFileWriter::Create(path, {}));
  ASSERT_OK(writer->Commit());
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(path));
  EXPECT_EQ(table.rows(), 0);
}

TEST(FeatureFileTest, AnAbandonedFileLeavesTheOneOfBefore) {
  const fs::path path = PathIn("abandoned");
  ASSERT_OK(WriteFileAtomically(path, "before"));
  {
    ASSERT_OK_AND_ASSIGN(const auto writer,
                         FeatureFileWriter::Create(path, {}));
    ASSERT_OK(writer->Add(Id(1), {1}));
  }
  EXPECT_EQ(ReadFile(path).value(), "before");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(FeatureFileTest, RefusesRowsThatDoNotFit) {
  ASSERT_OK_AND_ASSIGN(const auto writer,
                       FeatureFileWriter::Create(PathIn("fit"), {}));
  ASSERT_OK(writer->Add(Id(1), {1, 2}));
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(writer->Add(Id(2), {1}), refused);
  EXPECT_THAT(writer->Add(Id(2), {1, NAN}), refused);
  EXPECT_THAT(writer->Add("../etc", {1, 2}), refused);
  EXPECT_EQ(writer->rows(), 1);
}

TEST(FeatureFileTest, RefusesMetadataThatHasNoRoom) {
  ASSERT_OK_AND_ASSIGN(
      const auto writer,
      FeatureFileWriter::Create(PathIn("room"),
                                {{"network", std::string(5000, 'x')}}));
  EXPECT_THAT(writer->Commit(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("3 KiB")));
}

TEST(FeatureFileTest, RefusesEveryCutFile) {
  const fs::path path = PathIn("cut");
  ASSERT_OK_AND_ASSIGN(const auto writer, FeatureFileWriter::Create(path, {}));
  ASSERT_OK(writer->Add(Id(1), {1}));
  ASSERT_OK(writer->Commit());
  const std::string whole = ReadFile(path).value();
  for (const size_t size : {size_t{0}, size_t{7}, size_t{8}, size_t{100},
                            whole.size() - 33, whole.size() - 1}) {
    ASSERT_OK(WriteFileAtomically(path, whole.substr(0, size)));
    ExpectRefused(path, absl::StatusCode::kDataLoss, "not a whole");
  }
}

TEST(FeatureFileTest, RefusesTensorsOfAnotherKind) {
  const std::string data(40, '0');
  SafetensorsEntry other = kOneRow;
  other.name = "weights";
  const auto code = absl::StatusCode::kInvalidArgument;
  ExpectRefused(WriteRaw("name", other, kOneId, data), code, "no tensors");
  other = kOneRow;
  other.dtype = "I32";
  ExpectRefused(WriteRaw("dtype", other, kOneId, data), code, "no tensors");
  other = kOneRow;
  other.shape = {2, 1};
  ExpectRefused(WriteRaw("rows", other, kOneId, data), code, "no tensors");
}

TEST(FeatureFileTest, RefusesIdsThatAreNone) {
  ExpectRefused(WriteRaw("id", kOneRow, kOneId,
                         std::string(8, '\0') + "../../../../etc/passwd\n\n\n\n"
                                                "\n\n\n\n\n\n"),
                absl::StatusCode::kInvalidArgument, "row 0");
}

TEST(FeatureFileTest, RefusesARecordThatComesTwice) {
  const fs::path path = PathIn("twice");
  ASSERT_OK_AND_ASSIGN(const auto writer, FeatureFileWriter::Create(path, {}));
  ASSERT_OK(writer->Add(Id(1), {1}));
  ASSERT_OK(writer->Add(Id(1), {2}));
  ASSERT_OK(writer->Commit());
  ExpectRefused(path, absl::StatusCode::kInvalidArgument, "twice");
}

TEST(FeatureFileTest, RefusesValuesThatAreNotFinite) {
  const std::string infinity("\0\0\x80\x7f", 4);
  ExpectRefused(WriteRaw("finite", kOneRow, kOneId,
                         infinity + infinity + std::string(32, '0')),
                absl::StatusCode::kInvalidArgument, "not finite");
}

TEST(FeatureFileTest, RefusesMoreThanMayBeRead) {
  const fs::path path =
      WriteRaw("large", kOneRow, kOneId, std::string(40, '0'));
  EXPECT_THAT(ReadFeatureFile(path, 7),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("8 bytes of features")));
  EXPECT_OK(ReadFeatureFile(path, 8));
}

TEST(FeatureFileTest, SaysThatAFileIsMissing) {
  ExpectRefused("/nonexistent/f.safetensors", absl::StatusCode::kNotFound,
                "cannot open");
}

}  // namespace
}  // namespace verso
