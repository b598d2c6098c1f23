#include "tests/trainer/tiny_store.h"

#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "shardstore/shard_store.h"

namespace verso::testing {
namespace {

constexpr int kSide = 40;

// Human pictures are dark with bright specks, generated ones the reverse.
std::string DrawnJpeg(std::mt19937& random, Label label) {
  Image image{kSide, kSide, std::vector<uint8_t>(kSide * kSide * 3)};
  std::uniform_int_distribution<int> speck(0, 90);
  const int base = label == LABEL_HUMAN ? 60 : 130;
  for (uint8_t& value : image.rgb) {
    value = static_cast<uint8_t>(base + speck(random));
  }
  return EncodeJpeg(image, 90).value();
}

Record DrawnRecord(std::mt19937& random, absl::string_view source, int item) {
  Record record;
  Provenance& p = *record.mutable_provenance();
  p.set_source(std::string(source));
  p.set_label(source == "lexica" ? LABEL_GENERATED : LABEL_HUMAN);
  p.set_source_item_id(absl::StrCat(item));
  p.set_page_url(absl::StrCat("http://", source, ".test/", item));
  p.set_width(kSide);
  p.set_height(kSide);
  p.set_format("jpeg");
  p.set_stand_in("simulated");
  record.set_image(DrawnJpeg(random, p.label()));
  return record;
}

DatasetRecipe TinyRecipe() {
  DatasetRecipe recipe;
  recipe.set_name("tiny");
  for (const char* source : {"wga", "artbench", "lexica"}) {
    SourceSelection& selection = *recipe.add_source();
    selection.set_source(source);
    selection.set_label(std::string(source) == "lexica" ? LABEL_GENERATED
                                                        : LABEL_HUMAN);
  }
  recipe.mutable_preparation()->set_mode(NATIVE_CROP);
  recipe.mutable_preparation()->set_size(32);
  recipe.mutable_split()->set_validation(0.3);
  return recipe;
}

}  // namespace

absl::StatusOr<SnapshotInfo> MakeTinyStore(const std::filesystem::path& dir,
                                           int per_source) {
  ASSIGN_OR_RETURN(const auto store,
                   OpenShardStore(dir.string(), StoreAccess::kWrite));
  std::mt19937 random(1);
  std::vector<Record> records;
  for (int i = 0; i < per_source; ++i) {
    for (const char* source : {"wga", "artbench", "lexica"}) {
      records.push_back(DrawnRecord(random, source, i));
    }
  }
  RETURN_IF_ERROR(store->Append(records).status());
  return store->CreateSnapshot(TinyRecipe());
}

}  // namespace verso::testing
