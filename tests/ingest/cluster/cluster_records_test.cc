#include "ingest/cluster/cluster_records.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/dataset.pb.h"
#include "proto/record.pb.h"
#include "shardstore/shard_store.h"
#include "tests/ingest/cluster/feature_blobs.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using testing::BlobVector;
using ::testing::HasSubstr;
using testing::RunProcess;
using testing::StatusIs;

constexpr char kIngest[] = "ingest/ingest";

// A record of group `group`; each `item` has other pixels.
Record MakeRecord(const std::string& source, int group, int item, Label label) {
  constexpr int kSide = 32;
  Image image{kSide, kSide, std::vector<uint8_t>(3 * kSide * kSide, 40)};
  for (int i = 0; i < 16; ++i) {
    image.rgb[190 * i] = (item >> i) % 2 * 200;
    image.rgb[190 * i + 96] = (group >> i) % 2 * 200;
  }
  Record record;
  record.set_image(EncodeJpeg(image, 95).value());
  Provenance& p = *record.mutable_provenance();
  p.set_source(source);
  p.set_source_item_id(absl::StrCat(group, "/", item));
  p.set_label(label);
  if (label != LABEL_UNKNOWN) {
    p.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  }
  p.set_width(kSide);
  p.set_height(kSide);
  p.set_format("jpeg");
  return record;
}

std::string IdOf(const Record& record) {
  return RecordIdOf(Sha256Hex(record.image()));
}

// A store of four groups that look alike, each with 8 records of nobody's
// label, and their features. Anchors: group 0 has 40 human ones, group 1 has 40
// generated ones, group 2 has 20 of both, group 3 has none.
class ClusterRecordsTest : public ::testing::Test {
 protected:
  static constexpr int kUnlabelled = 8;

  void SetUp() override {
    dir_ = testing::MakeTestDir("cluster");
    for (int i = 0; i < 40; ++i) {
      AddRecord("ours", 0, i, LABEL_HUMAN);
      AddRecord("theirs", 1, i, LABEL_GENERATED);
      AddRecord(i % 2 ? "ours" : "theirs", 2, i,
                i % 2 ? LABEL_HUMAN : LABEL_GENERATED);
    }
    for (int group = 0; group < 4; ++group) {
      for (int i = 100; i < 100 + kUnlabelled; ++i) {
        AddRecord("found", group, i, LABEL_UNKNOWN);
      }
    }
    ASSERT_OK(OpenStore()->Append(records_));
    WriteFeatures();
  }

  void AddRecord(const std::string& source, int group, int item, Label label) {
    records_.push_back(MakeRecord(source, group, item, label));
    group_of_[IdOf(records_.back())] = group;
  }

  void WriteFeatures() {
    ASSERT_OK_AND_ASSIGN(const auto writer,
                         FeatureFileWriter::Create(FeaturePath(), {}));
    int item = 0;
    for (const Record& record : records_) {
      const std::string id = IdOf(record);
      ASSERT_OK(writer->Add(id, BlobVector(group_of_.at(id), item++)));
    }
    ASSERT_OK(writer->Commit());
  }

  fs::path FeaturePath() const { return dir_ / "f.safetensors"; }
  std::string StorePath() const { return (dir_ / "store").string(); }

  std::unique_ptr<ShardStore> OpenStore() const {
    auto store = OpenShardStore(StorePath(), StoreAccess::kWrite);
    EXPECT_OK(store);
    return *std::move(store);
  }

  ClusteredRecords Cluster(ShardStore& store) const {
    auto result = ClusterRecords(ReadFeatureFile(FeaturePath()).value(), store,
                                 {.clusters = 4});
    EXPECT_OK(result);
    return *std::move(result);
  }

  // The number that the cluster of a group has got.
  int32_t ClusterOf(const ClusteredRecords& result, int group) const {
    for (const Proposal& proposal : result.proposals) {
      if (group_of_.at(proposal.record_id) == group) return proposal.cluster;
    }
    ADD_FAILURE() << "no record of group " << group;
    return -1;
  }

  // What the store says of every record now, by id.
  std::map<std::string, Provenance> Provenances(ShardStore& store) const {
    std::map<std::string, Provenance> all;
    const auto reader = store.Query(RecordQuery()).value();
    for (auto record = reader->Next(); record.ok() && *record;
         record = reader->Next()) {
      const Provenance& provenance = (*record)->provenance();
      all[RecordIdOf(provenance.sha256())] = provenance;
    }
    EXPECT_EQ(all.size(), records_.size());
    return all;
  }

  // How many records of source "found" a new data set has.
  int FoundInADataset(ShardStore& store, const std::string& name) const {
    DatasetRecipe recipe;
    recipe.set_name(name);
    for (const auto& [source, label] :
         {std::pair{"ours", LABEL_HUMAN}, std::pair{"theirs", LABEL_GENERATED},
          std::pair{"found", LABEL_HUMAN}}) {
      SourceSelection& selection = *recipe.add_source();
      selection.set_source(source);
      selection.set_label(label);
      selection.set_held_out(source == std::string("found"));
    }
    recipe.mutable_preparation()->set_mode(NATIVE_CROP);
    recipe.mutable_preparation()->set_size(32);
    recipe.mutable_split()->set_validation(0.2);
    const auto snapshot = store.CreateSnapshot(recipe);
    EXPECT_OK(snapshot);
    const auto rows = store.ReadSampleTable(snapshot->id());
    EXPECT_OK(rows);
    return static_cast<int>(std::count_if(
        rows->begin(), rows->end(),
        [](const SampleRow& row) { return row.source == "found"; }));
  }

  fs::path dir_;
  std::vector<Record> records_;
  std::map<std::string, int> group_of_;
};

TEST_F(ClusterRecordsTest, ProposesTheLabelOfTheAnchorsThatLookAlike) {
  const auto store = OpenStore();
  const ClusteredRecords result = Cluster(*store);
  ASSERT_EQ(result.clusters.size(), 4u);
  EXPECT_EQ(result.absent, 0);
  EXPECT_EQ(result.of_new_sources, 2 * kUnlabelled);
  ASSERT_EQ(result.proposals.size(), 4u * kUnlabelled);
  const Label expected[] = {LABEL_HUMAN, LABEL_GENERATED, LABEL_UNKNOWN,
                            LABEL_UNKNOWN};
  for (const Proposal& proposal : result.proposals) {
    const int group = group_of_.at(proposal.record_id);
    EXPECT_EQ(proposal.label, expected[group]) << group;
    EXPECT_EQ(proposal.cluster, ClusterOf(result, group));
    EXPECT_EQ(proposal.anchors, group == 3 ? 0 : 40);
    EXPECT_EQ(proposal.source, "found");
    EXPECT_LT(proposal.distance, 0.3);
  }
}

TEST_F(ClusterRecordsTest, ASourceWithAnAnchorIsNotNew) {
  const auto store = OpenStore();
  AddRecord("found", 3, 200, LABEL_HUMAN);
  ASSERT_OK(store->Append({records_.back()}));
  WriteFeatures();
  EXPECT_EQ(Cluster(*store).of_new_sources, 0);
}

TEST_F(ClusterRecordsTest, ListsTheNearestOfEachClusterFirst) {
  const auto store = OpenStore();
  const ClusteredRecords result = Cluster(*store);
  for (size_t i = 1; i < result.proposals.size(); ++i) {
    const Proposal &a = result.proposals[i - 1], &b = result.proposals[i];
    EXPECT_LE(std::pair(a.cluster, a.distance),
              std::pair(b.cluster, b.distance));
  }
}

TEST_F(ClusterRecordsTest, TheSameInputGivesTheSameProposals) {
  const auto store = OpenStore();
  EXPECT_EQ(ProposalsToCsv(Cluster(*store).proposals),
            ProposalsToCsv(Cluster(*store).proposals));
}

TEST_F(ClusterRecordsTest, LeavesOutWhatTheStoreDoesNotServe) {
  const auto store = OpenStore();
  FeatureTable features = ReadFeatureFile(FeaturePath()).value();
  features.record_ids[0] = std::string(32, 'e');
  Judgement judgement;
  judgement.set_record_id(features.record_ids[1]);
  judgement.set_action(JUDGEMENT_ACTION_QUARANTINE);
  judgement.set_reason("a print");
  ASSERT_OK(store->Judge({judgement}));
  ASSERT_OK_AND_ASSIGN(
      const ClusteredRecords result,
      ClusterRecords(std::move(features), *store, {.clusters = 4}));
  EXPECT_EQ(result.absent, 2);
  int64_t records = 0;
  for (const ClusterSummary& summary : result.clusters) {
    records += summary.records;
  }
  EXPECT_EQ(records, static_cast<int64_t>(records_.size()) - 2);
  // The others have still their own features.
  for (const Proposal& proposal : result.proposals) {
    EXPECT_EQ(proposal.cluster,
              ClusterOf(result, group_of_.at(proposal.record_id)));
  }
}

TEST_F(ClusterRecordsTest, RefusesFeaturesOfAnotherStore) {
  const auto store = OpenStore();
  const FeatureTable foreign = {
      .dimensions = 1, .record_ids = {std::string(32, 'e')}, .values = {1}};
  EXPECT_THAT(ClusterRecords(foreign, *store, {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("another")));
}

TEST_F(ClusterRecordsTest, NothingIsServedBeforeItIsAccepted) {
  const auto store = OpenStore();
  const ClusteredRecords result = Cluster(*store);
  EXPECT_EQ(FoundInADataset(*store, "before"), 0);
  ASSERT_OK_AND_ASSIGN(
      const AcceptedRecords accepted,
      AcceptProposals(result.proposals, {ClusterOf(result, 0)}, "me", *store));
  EXPECT_EQ(accepted.labelled, kUnlabelled);
  EXPECT_EQ(FoundInADataset(*store, "after"), kUnlabelled);
  for (const auto& [id, provenance] : Provenances(*store)) {
    if (provenance.source() != "found") continue;
    const bool labelled = group_of_.at(id) == 0;
    EXPECT_EQ(provenance.label(), labelled ? LABEL_HUMAN : LABEL_UNKNOWN);
    EXPECT_EQ(provenance.label_evidence(),
              labelled ? LABEL_EVIDENCE_INFERRED : LABEL_EVIDENCE_UNKNOWN);
  }
}

TEST_F(ClusterRecordsTest, WhatWasAcceptedIsNoAnchor) {
  const auto store = OpenStore();
  const ClusteredRecords first = Cluster(*store);
  ASSERT_OK(
      AcceptProposals(first.proposals, {ClusterOf(first, 0)}, "", *store));
  const ClusteredRecords second = Cluster(*store);
  EXPECT_EQ(ProposalsToCsv(second.proposals), ProposalsToCsv(first.proposals));
}

TEST_F(ClusterRecordsTest, AcceptingNeverChangesACertainLabel) {
  const auto store = OpenStore();
  const std::map<std::string, Provenance> before = Provenances(*store);
  // As in a file that was edited, or became old.
  std::vector<Proposal> proposals;
  for (const Record& record : records_) {
    if (record.provenance().label() == LABEL_UNKNOWN) continue;
    proposals.push_back({.record_id = IdOf(record),
                         .label = record.provenance().label() == LABEL_HUMAN
                                      ? LABEL_GENERATED
                                      : LABEL_HUMAN});
  }
  ASSERT_OK_AND_ASSIGN(const AcceptedRecords accepted,
                       AcceptProposals(proposals, {0}, "me", *store));
  EXPECT_EQ(accepted.labelled, 0);
  EXPECT_EQ(accepted.certain, 120);
  for (const auto& [id, provenance] : Provenances(*store)) {
    EXPECT_EQ(provenance.label(), before.at(id).label());
    EXPECT_EQ(provenance.label_evidence(), before.at(id).label_evidence());
  }
}

TEST_F(ClusterRecordsTest, AcceptingTwiceIsAcceptingOnce) {
  const auto store = OpenStore();
  std::vector<Proposal> proposals = Cluster(*store).proposals;
  const int32_t cluster = ClusterOf(Cluster(*store), 1);
  ASSERT_OK(AcceptProposals(proposals, {cluster}, "me", *store));
  proposals.push_back({.record_id = std::string(32, 'e'),
                       .cluster = cluster,
                       .label = LABEL_GENERATED});
  ASSERT_OK_AND_ASSIGN(const AcceptedRecords again,
                       AcceptProposals(proposals, {cluster}, "me", *store));
  EXPECT_EQ(again.labelled, 0);
  EXPECT_EQ(again.before, kUnlabelled);
  EXPECT_EQ(again.absent, 1);
}

TEST_F(ClusterRecordsTest, RefusesClustersWithoutAProposalAsAWhole) {
  const auto store = OpenStore();
  const ClusteredRecords result = Cluster(*store);
  const int32_t good = ClusterOf(result, 0);
  for (const int32_t bad : {ClusterOf(result, 2), ClusterOf(result, 3), 77}) {
    EXPECT_THAT(AcceptProposals(result.proposals, {good, bad}, "me", *store),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(absl::StrCat("cluster ", bad))));
  }
  EXPECT_EQ(FoundInADataset(*store, "none"), 0);
}

TEST_F(ClusterRecordsTest, ThePrograms) {
  const std::string csv = (dir_ / "p.csv").string();
  ASSERT_OK_AND_ASSIGN(
      const auto cluster,
      RunProcess({kIngest, "cluster", "--store=" + StorePath(), "--clusters=4",
                  "--features=" + FeaturePath().string(), "--out=" + csv}));
  ASSERT_EQ(cluster.exit_code, 0) << cluster.output;
  EXPECT_THAT(cluster.output, HasSubstr("generated  share  at least"));
  EXPECT_THAT(cluster.output,
              HasSubstr("32 records without a certain label, for 16 of them"));
  EXPECT_THAT(cluster.output, HasSubstr("16 of these are of sources without"));
  ASSERT_OK_AND_ASSIGN(const auto proposals,
                       ProposalsFromCsv(ReadFile(csv).value(), csv));
  const ClusteredRecords listed = {.proposals = proposals};
  const std::string number = absl::StrCat(ClusterOf(listed, 1));
  ASSERT_OK_AND_ASSIGN(
      const auto accept,
      RunProcess({kIngest, "accept", csv, number, "--store=" + StorePath()}));
  ASSERT_EQ(accept.exit_code, 0) << accept.output;
  EXPECT_THAT(accept.output, HasSubstr("8 records are labelled"));
  const auto store = OpenStore();
  int generated = 0;
  for (const auto& [id, provenance] : Provenances(*store)) {
    generated +=
        provenance.source() == "found" && provenance.label() == LABEL_GENERATED;
  }
  EXPECT_EQ(generated, kUnlabelled);
}

TEST_F(ClusterRecordsTest, TheProgramsRefuseWhatIsWrong) {
  const std::string csv = (dir_ / "bad.csv").string();
  ASSERT_OK(WriteFileAtomically(csv, "record_id,action\n\"\x01"));
  const std::string store = "--store=" + StorePath();
  const struct {
    std::vector<std::string> argv;
    int exit_code;
    std::string message;
  } cases[] = {
      {{kIngest, "accept", csv, "1", store}, 1, "bad.csv:1: the header"},
      {{kIngest, "accept", csv, store}, 2, "numbers of clusters"},
      {{kIngest, "accept", csv, "one", store}, 2, "no number of a cluster"},
      {{kIngest, "cluster", "extra", store}, 2, "unexpected"},
      {{kIngest, "cluster", "--min_purity=1.5", store}, 2, "--min_purity"},
      {{kIngest, "cluster", "--features=" + csv, store}, 1, "not a whole"},
      {{kIngest, "cluster", "--features=" + FeaturePath().string(),
        "--store=" + (dir_ / "none").string()},
       1,
       "none"},
  };
  for (const auto& wrong : cases) {
    ASSERT_OK_AND_ASSIGN(const auto result, RunProcess(wrong.argv));
    EXPECT_EQ(result.exit_code, wrong.exit_code) << result.output;
    EXPECT_THAT(result.output, HasSubstr(wrong.message));
  }
  EXPECT_FALSE(fs::exists(dir_ / "none"));
}

}  // namespace
}  // namespace verso
