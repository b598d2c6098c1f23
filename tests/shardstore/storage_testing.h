#ifndef VERSO_TESTS_SHARDSTORE_STORAGE_TESTING_H_
#define VERSO_TESTS_SHARDSTORE_STORAGE_TESTING_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/record.pb.h"
#include "shardstore/record_storage.h"

namespace verso::testing {

// `size` bytes that begin like a JPEG; a function of its arguments.
std::string FakeJpeg(uint64_t seed, size_t size);

// A record whose every field is drawn from `random`; sources, labels, works
// and items come from small sets, so that queries select some of many.
Record RandomRecord(std::mt19937_64& random, size_t max_image_bytes = 20000);

// A plain one: `item` decides its bytes.
Record RecordOf(absl::string_view source, int item);

// As Append() stores it: with sha256 and size_bytes.
Record AsStored(const Record& record);
std::string IdOf(const Record& record);

// Opens and expects it to work.
std::unique_ptr<RecordStorage> OpenStorage(
    const std::filesystem::path& dir, StoreAccess access = StoreAccess::kWrite,
    const RecordStorageOptions& options = {});

// Appends in one call and expects each to be `outcome`.
void AppendAll(RecordStorage& storage, const std::vector<Record>& records,
               AppendOutcome outcome = APPEND_OUTCOME_STORED);

struct ReadResult {
  std::vector<Record> records;
  std::vector<std::string> errors;  // Messages of kDataLoss.
};

// Everything that a query gives; any error but kDataLoss fails the test.
ReadResult ReadAll(RecordStorage& storage, const RecordQuery& query);

// All records with their bytes.
ReadResult ReadAll(RecordStorage& storage);

// The id and a hash of the whole record each, so that EXPECT_EQ compares every
// field and every byte.
std::vector<std::string> Texts(const std::vector<Record>& records);

// A file's bytes, and back.
std::string Slurp(const std::filesystem::path& path);
void Spill(const std::filesystem::path& path, absl::string_view bytes);

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_STORAGE_TESTING_H_
