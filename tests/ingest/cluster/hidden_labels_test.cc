// Labels of drawn pictures are hidden, and proposed again by what the pictures
// look like to fixed filters, which stand in for a network's first layer.

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/base/sha256.h"
#include "common/image/decode.h"
#include "common/safetensors/feature_file.h"
#include "gtest/gtest.h"
#include "ingest/cluster/cluster_records.h"
#include "proto/record.pb.h"
#include "shardstore/shard_store.h"
#include "tests/gallery/simulated_gallery.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

constexpr int kPerSite = 60;

struct DrawnSource {
  Site site;
  const char* name;
  Label label;
};
constexpr DrawnSource kSources[] = {
    {Site::kWga, "wga", LABEL_HUMAN},
    {Site::kArtbench, "artbench", LABEL_HUMAN},
    {Site::kLexica, "lexica", LABEL_GENERATED},
    {Site::kDalle, "dalle", LABEL_GENERATED},
};

// How much of each frequency a picture has: the logarithms of the mean absolute
// responses to the 15 patterns of a 4x4 cosine transform, less their mean.
std::vector<float> FilterResponses(const std::string& picture) {
  constexpr int kSide = 4, kStep = 5;
  const Image image = DecodeImage(picture).value();
  float cosines[kSide][kSide];
  for (int u = 0; u < kSide; ++u) {
    for (int x = 0; x < kSide; ++x) {
      cosines[u][x] = std::cos(M_PI * (2 * x + 1) * u / (2 * kSide));
    }
  }
  double sums[kSide][kSide] = {};
  for (int top = 0; top + kSide <= image.height; top += kStep) {
    for (int left = 0; left + kSide <= image.width; left += kStep) {
      for (int u = 0; u < kSide; ++u) {
        for (int v = 0; v < kSide; ++v) {
          double response = 0;
          for (int y = 0; y < kSide; ++y) {
            for (int x = 0; x < kSide; ++x) {
              const size_t pixel =
                  size_t{3} * ((top + y) * image.width + left + x) + 1;
              response += image.rgb[pixel] * cosines[u][y] * cosines[v][x];
            }
          }
          sums[u][v] += std::abs(response);
        }
      }
    }
  }
  std::vector<float> features;
  double mean = 0;
  for (int i = 1; i < kSide * kSide; ++i) {
    features.push_back(std::log(sums[i / kSide][i % kSide] + 1));
    mean += features.back() / (kSide * kSide - 1);
  }
  for (float& value : features) value -= mean;
  return features;
}

// A store with pictures of the simulated gallery, every second one of unknown
// label.
class HiddenLabelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = OpenShardStore(testing::MakeTestDir("hidden").string(),
                            StoreAccess::kWrite)
                 .value();
    SimulatedGallery gallery({.wga = kPerSite,
                              .artbench = kPerSite,
                              .lexica = kPerSite,
                              .dalle = kPerSite});
    for (const DrawnSource& source : kSources) {
      for (int i = 0; i < kPerSite; ++i) {
        Add(source, i, gallery.Picture(source.site, i).value());
      }
    }
    ASSERT_OK(store_->Append(records_));
  }

  void Add(const DrawnSource& source, int item, std::string picture) {
    Record record;
    Provenance& p = *record.mutable_provenance();
    p.set_source(source.name);
    p.set_source_item_id(std::to_string(item));
    p.set_stand_in("simulated");
    if (item % 2 == 0) {
      p.set_label(source.label);
      p.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
    }
    truth_[RecordIdOf(Sha256Hex(picture))] = source.label;
    record.set_image(std::move(picture));
    records_.push_back(std::move(record));
  }

  struct Figures {
    int hidden = 0, proposed = 0, right = 0;
  };

  Figures Propose(
      const std::function<std::vector<float>(const std::string&)>& look) {
    FeatureTable features;
    for (const Record& record : records_) {
      const std::vector<float> row = look(record.image());
      features.dimensions = row.size();
      features.record_ids.push_back(RecordIdOf(Sha256Hex(record.image())));
      features.values.insert(features.values.end(), row.begin(), row.end());
    }
    ClusterOptions options;
    options.proposal.min_purity = 0.7;
    const auto result = ClusterRecords(std::move(features), *store_, options);
    EXPECT_OK(result);
    Figures figures;
    for (const Proposal& proposal : result->proposals) {
      ++figures.hidden;
      if (proposal.label == LABEL_UNKNOWN) continue;
      ++figures.proposed;
      figures.right += proposal.label == truth_.at(proposal.record_id);
    }
    return figures;
  }

  std::unique_ptr<ShardStore> store_;
  std::vector<Record> records_;
  std::map<std::string, Label> truth_;  // By record id.
};

TEST_F(HiddenLabelsTest, ProposedLabelsOfDrawnPicturesAreNearlyAllRight) {
  const Figures figures = Propose(FilterResponses);
  EXPECT_EQ(figures.hidden, 2 * kPerSite);
  EXPECT_GT(figures.proposed, 0.5 * figures.hidden);
  EXPECT_GT(figures.right, 0.95 * figures.proposed);
}

TEST_F(HiddenLabelsTest, NothingIsProposedByFeaturesThatSayNothing) {
  std::mt19937 random(1);
  const Figures figures = Propose([&](const std::string&) {
    std::vector<float> noise(16);
    for (float& value : noise)
      value = static_cast<float>(random() % 1000) - 500;
    return noise;
  });
  EXPECT_EQ(figures.hidden, 2 * kPerSite);
  EXPECT_EQ(figures.proposed, 0);
}

}  // namespace
}  // namespace verso
