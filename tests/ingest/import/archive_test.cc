// Archives that are well, by the binary, into a real store.
#include "common/base/sha256.h"
#include "shardstore/provenance_json.h"
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using ::verso::testing::ProcessResult;

class ArchiveTest : public ImportFixture {
 protected:
  std::string Path(const std::string& name) { return (mine_ / name).string(); }
};

TEST_F(ArchiveTest, APictureIsNamedByItsArchiveAndItsPathThere) {
  for (const char* name : {"a.tar", "b.tar.gz", "c.zip"}) {
    WriteArchive(mine_ / name, {{"./deep/1.png", PictureOf(name[0])}});
  }
  const ProcessResult result =
      Import({Path("a.tar"), Path("b.tar.gz"), Path("c.zip"), "--source=s"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("a.tar/deep/1.png", _),
                                             Pair("b.tar.gz/deep/1.png", _),
                                             Pair("c.zip/deep/1.png", _)));
}

TEST_F(ArchiveTest, OneArchiveIsASourceOfItsName) {
  WriteArchive(mine_ / "summer.zip", {{"1.png", PictureOf(1)}});
  EXPECT_EQ(Import({Path("summer.zip")}).exit_code, 0);
  EXPECT_EQ(Stored().at("summer.zip/1.png").source(), "summer");
}

TEST_F(ArchiveTest, ATableMayComeAfterThePicturesThatItNames) {
  const std::string csv = "file_name,title\n1.png,Lake\n";
  for (const char* name : {"a.tar", "b.tar.gz", "c.zip"}) {
    WriteArchive(mine_ / name,
                 {{"d/1.png", PictureOf(name[0])}, {"d/metadata.csv", csv}});
  }
  EXPECT_EQ(ImportMine().exit_code, 0);
  const auto stored = Stored();
  ASSERT_THAT(stored, SizeIs(3));
  for (const auto& [id, provenance] : stored) {
    EXPECT_EQ(provenance.work().title(), "Lake") << id;
  }
}

TEST_F(ArchiveTest, ShardsAreGivenByNumbersOrWildcards) {
  for (const char* number : {"08", "09", "10", "11"}) {
    WriteArchive(mine_ / ("shard-" + std::string(number) + ".tar"),
                 {{"1.png", PictureOf(std::stoi(number))}});
  }
  EXPECT_EQ(Import({Path("shard-{08..10}.tar"), "--source=s"}).exit_code, 0);
  EXPECT_THAT(Stored(), SizeIs(3));
  EXPECT_EQ(Import({Path("shard-*.tar"), "--source=s"}).exit_code, 0);
  EXPECT_THAT(Stored(), SizeIs(4));
  const ProcessResult absent =
      Import({Path("shard-{08..12}.tar"), "--source=s"});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.output, HasSubstr("shard-12.tar"));
}

TEST_F(ArchiveTest, ATableOfOnesOwnSpeaksOfAllArchives) {
  WriteArchive(mine_ / "a.tar", {{"1.png", PictureOf(1)}});
  WriteArchive(mine_ / "b.tar", {{"1.png", PictureOf(2)}});
  ASSERT_OK(
      WriteFileAtomically(dir_ / "all.json",
                          R"([{"file_name": "a.tar/1.png", "label": "human"},
          {"file_name": "b.tar/1.png", "label": "generated"}])"));
  const ProcessResult result =
      ImportMine({"--metadata=" + (dir_ / "all.json").string()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Stored().at("a.tar/1.png").label(), LABEL_HUMAN);
  EXPECT_EQ(Stored().at("b.tar/1.png").label(), LABEL_GENERATED);
}

TEST_F(ArchiveTest, ATableBesideOneArchiveSpeaksOfThePathsInIt) {
  WriteArchive(mine_ / "a.zip", {{"1.png", PictureOf(1)}});
  Write("table.csv", "file_name,title\n1.png,Lake\n");
  const ProcessResult result =
      Import({Path("a.zip"), "--metadata=" + Path("table.csv")});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Stored().at("a.zip/1.png").work().title(), "Lake");
}

TEST_F(ArchiveTest, AWebDatasetTellsByTheFilesOfEachSample) {
  WriteArchive(mine_ / "w.tar", {{"000.cls", "1\n"},
                                 {"000.png", PictureOf(1)},
                                 {"000.json", R"({"width": 16, "seed": 3})"},
                                 {"000.txt", "a lake\n"}});
  ASSERT_OK(WriteFileAtomically(dir_ / "own.textproto", R"(
      metadata { file: ".*\\.cls" form: SIDECAR
                 field { from: "text" to: "label"
                         value { is: "0" means: "human" }
                         value { is: "1" means: "generated" } } }
      metadata { file: ".*\\.txt" form: SIDECAR
                 field { from: "text" to: "generator.prompt" } }
      metadata { file: ".*\\.json" form: SIDECAR
                 field { from: "seed" to: "generator.seed" } })"));
  const ProcessResult result =
      Import({Path("w.tar"), "--recipe=" + (dir_ / "own.textproto").string()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const Provenance stored = Stored().at("w.tar/000.png");
  EXPECT_EQ(stored.label(), LABEL_GENERATED);
  EXPECT_EQ(stored.label_evidence(), LABEL_EVIDENCE_ARCHIVE_CLAIM);
  EXPECT_EQ(stored.generator().prompt(), "a lake");
  EXPECT_EQ(stored.generator().seed(), "3");
}

TEST_F(ArchiveTest, ShardsOfAnotherVersoStoreKeepTheirProvenance) {
  Write("a.png", PictureOf(1));
  Write("metadata.csv", "file_name,label,artist,title\na.png,human,Ann,Lake\n");
  ASSERT_EQ(ImportMine().exit_code, 0);
  const Provenance first = Stored().at("a.png");
  const std::string shard = (store_ / "shards/shard-000000.tar").string();
  const std::vector<std::string> command = {
      "ingest/ingest",
      "import",
      shard,
      "--source=other",
      "--label=generated",
      "--store=" + (dir_ / "store2").string(),
      "--frontier=" + (dir_ / "state2").string()};
  for (int run = 0; run < 2; ++run) {
    const ProcessResult result = testing::RunProcess(command).value();
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }
  const auto store =
      OpenShardStore((dir_ / "store2").string(), StoreAccess::kRead).value();
  const auto reader = store->Query(RecordQuery()).value();
  const auto record = reader->Next().value();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->provenance().SerializeAsString(),
            first.SerializeAsString());
  EXPECT_FALSE(reader->Next().value().has_value());
}

TEST_F(ArchiveTest, WhatAnotherStoreSaysOfFetchingStays) {
  Provenance provenance;
  provenance.set_source("wga");
  provenance.set_source_item_id("g/goya/1.jpg");
  provenance.set_sha256(Sha256Hex(PictureOf(1)));
  provenance.set_fetched_at("2020-01-02T03:04:05Z");
  provenance.set_etag("tag");
  provenance.set_worker("other");
  provenance.add_consent_signals("robots: allowed");
  WriteArchive(mine_ / "shard-000000.tar",
               {{"1.json", ProvenanceToJson(provenance).value()},
                {"1.png", PictureOf(1)}});
  EXPECT_EQ(ImportMine().exit_code, 0);
  const Provenance stored = Stored().at("g/goya/1.jpg");
  EXPECT_EQ(stored.source(), "wga");
  EXPECT_EQ(stored.fetched_at(), "2020-01-02T03:04:05Z");
  EXPECT_EQ(stored.etag(), "tag");
  EXPECT_EQ(stored.worker(), "other");
  EXPECT_EQ(stored.consent_signals(0), "robots: allowed");
  EXPECT_EQ(stored.width(), 16);  // As the bytes say.
}

}  // namespace
}  // namespace verso
