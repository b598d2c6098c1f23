#include "tests/shardstore/storage_testing.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "google/protobuf/descriptor.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

uint64_t Below(std::mt19937_64& random, uint64_t bound) {
  return random() % bound;
}

std::string RandomText(std::mt19937_64& random) {
  static const char* const kPieces[] = {"madonna", "Zürich", "\"quoted\"",
                                        "a\nb",    "東京",   "",
                                        "\t",      "😀",      "x.y/z"};
  std::string text;
  for (uint64_t i = Below(random, 4); i > 0; --i) {
    text += kPieces[Below(random, std::size(kPieces))];
  }
  return text;
}

void FillRandomly(std::mt19937_64& random, Message& message) {
  const auto& set = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->is_repeated()) {
      for (uint64_t n = Below(random, 3); n > 0; --n) {
        set.AddString(&message, field, absl::StrCat("noai ", n));
      }
      continue;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        set.SetInt32(&message, field, static_cast<int32_t>(random()));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        set.SetInt64(&message, field, static_cast<int64_t>(random()));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        set.SetDouble(&message, field,
                      static_cast<double>(Below(random, 1000)) / 7);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        set.SetBool(&message, field, Below(random, 2) != 0);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        set.SetEnum(&message, field,
                    field->enum_type()->value(static_cast<int>(
                        Below(random, field->enum_type()->value_count()))));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        set.SetString(&message, field, RandomText(random));
        break;
      default:
        FillRandomly(random, *set.MutableMessage(&message, field));
    }
  }
}

// What JSON cannot tell apart: a sub-message without content is not set.
void DropEmptyMessages(Provenance& provenance) {
  if (provenance.encoder().ByteSizeLong() == 0) provenance.clear_encoder();
  if (provenance.claims().generator().ByteSizeLong() == 0) {
    provenance.mutable_claims()->clear_generator();
  }
  if (provenance.claims().ByteSizeLong() == 0) provenance.clear_claims();
  if (provenance.work().ByteSizeLong() == 0) provenance.clear_work();
  if (provenance.generator().ByteSizeLong() == 0) provenance.clear_generator();
}

}  // namespace

std::string FakeJpeg(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes = "\xff\xd8\xff";
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random()));
  return bytes;
}

Record RandomRecord(std::mt19937_64& random, size_t max_image_bytes) {
  static const char* const kSources[] = {"wga", "artbench", "lexica", "mine"};
  Record record;
  Provenance& from = *record.mutable_provenance();
  FillRandomly(random, from);
  DropEmptyMessages(from);
  from.clear_quarantine();  // All are served.
  from.set_source(kSources[Below(random, std::size(kSources))]);
  from.set_collection(absl::StrCat("c", Below(random, 3)));
  from.set_source_item_id(absl::StrCat(Below(random, 20)));
  from.set_width(static_cast<int>(Below(random, 1000)));
  from.set_height(static_cast<int>(Below(random, 1000)));
  from.mutable_work()->set_work_key(absl::StrCat("w", Below(random, 10)));
  record.set_image(FakeJpeg(random(), 64 + Below(random, max_image_bytes)));
  return record;
}

Record RecordOf(absl::string_view source, int item) {
  Record record;
  Provenance& from = *record.mutable_provenance();
  from.set_source(std::string(source));
  from.set_label(LABEL_HUMAN);
  from.set_source_item_id(absl::StrCat(item));
  from.set_format("jpeg");
  record.set_image(FakeJpeg(static_cast<uint64_t>(item), 700));
  return record;
}

Record AsStored(const Record& record) {
  Record stored = record;
  stored.mutable_provenance()->set_sha256(Sha256Hex(record.image()));
  stored.mutable_provenance()->set_size_bytes(
      static_cast<int64_t>(record.image().size()));
  return stored;
}

std::string IdOf(const Record& record) {
  return RecordIdOf(Sha256Hex(record.image()));
}

std::unique_ptr<RecordStorage> OpenStorage(
    const std::filesystem::path& dir, StoreAccess access,
    const RecordStorageOptions& options) {
  absl::StatusOr<std::unique_ptr<RecordStorage>> storage =
      RecordStorage::Open(dir, access, options);
  EXPECT_OK(storage);
  return storage.ok() ? *std::move(storage) : nullptr;
}

void AppendAll(RecordStorage& storage, const std::vector<Record>& records,
               AppendOutcome outcome) {
  ASSERT_OK_AND_ASSIGN(const std::vector<AppendedRecord> appended,
                       storage.Append(records));
  ASSERT_EQ(appended.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(appended[i].record_id(), IdOf(records[i]));
    EXPECT_EQ(appended[i].outcome(), outcome) << "record " << i;
  }
}

ReadResult ReadAll(RecordStorage& storage, const RecordQuery& query) {
  ReadResult result;
  absl::StatusOr<std::unique_ptr<RecordReader>> reader = storage.Query(query);
  EXPECT_OK(reader);
  while (reader.ok()) {
    absl::StatusOr<std::optional<Record>> next = (*reader)->Next();
    if (absl::IsDataLoss(next.status())) {
      result.errors.emplace_back(next.status().message());
      continue;
    }
    EXPECT_OK(next);
    if (!next.ok() || !next->has_value()) break;
    result.records.push_back(**std::move(next));
  }
  return result;
}

ReadResult ReadAll(RecordStorage& storage) {
  RecordQuery query;
  query.set_include_bytes(true);
  return ReadAll(storage, query);
}

std::vector<std::string> Texts(const std::vector<Record>& records) {
  std::vector<std::string> texts;
  for (const Record& record : records) {
    texts.push_back(absl::StrCat(record.provenance().sha256(), " ",
                                 Sha256Hex(record.SerializeAsString())));
  }
  return texts;
}

std::string Slurp(const std::filesystem::path& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path);
  EXPECT_OK(bytes);
  return bytes.value_or("");
}

void Spill(const std::filesystem::path& path, absl::string_view bytes) {
  // Overwritten in place: a file that is emptied first is written back to disk
  // at once by some file systems, which takes its time.
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  EXPECT_EQ(pwrite(fd, bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(ftruncate(fd, static_cast<off_t>(bytes.size())), 0);
  close(fd);
}

}  // namespace verso::testing
