// Archives that mean harm or are damaged, by the binary, into a real store.
#include "absl/strings/str_replace.h"
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using ::verso::testing::ProcessResult;

class HostileArchiveTest : public ImportFixture {
 protected:
  // Flips one bit.
  void Damage(const fs::path& file, size_t at) {
    std::string all = ReadFile(file).value();
    ASSERT_LT(at, all.size());
    all[at] ^= 0x10;
    ASSERT_OK(WriteFileAtomically(file, all));
  }
};

TEST_F(HostileArchiveTest, APathIsANameAndNothingIsUnpacked) {
  const std::string out = "../../../../" + (dir_ / "out.png").string();
  WriteArchive(mine_ / "a.tar",
               {{out, PictureOf(1)}, {"/b.png", PictureOf(2)}});
  EXPECT_EQ(ImportMine().exit_code, 0);
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("a.tar/" + out, _),
                                             Pair("a.tar//b.png", _)));
  EXPECT_FALSE(fs::exists(dir_ / "out.png"));
}

TEST_F(HostileArchiveTest, OneOfTwoFilesOfOneNameIsTaken) {
  WriteArchive(mine_ / "a.zip",
               {{"1.png", PictureOf(1)}, {"1.png", PictureOf(2)}});
  for (int run = 0; run < 2; ++run) {
    EXPECT_THAT(ImportMine().output, HasSubstr("1 duplicate name"));
    EXPECT_THAT(Stored(), SizeIs(1));
  }
}

TEST_F(HostileArchiveTest, LinksAreLeftOutAndCounted) {
  WriteArchive(mine_ / "a.tar",
               {{"1.png", PictureOf(1)}, {"2.png", "", "/etc/passwd"}});
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("1 link"));
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(HostileArchiveTest, AnEncryptedZipIsSaidAndTheOthersAreTaken) {
  WriteArchive(mine_ / "a.zip", {{"1.png", PictureOf(1)}}, "secret");
  WriteArchive(mine_ / "b.zip", {{"2.png", PictureOf(2)}});
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("a.zip: 1.png is encrypted")));
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("b.zip/2.png", _)));
}

TEST_F(HostileArchiveTest, ABombIsReadUpToTheLimitOfAPicture) {
  WriteArchive(mine_ / "a.zip", {{"bomb.png", std::string(33 << 20, '\0')},
                                 {"sidecar.json", std::string(2 << 20, ' ')},
                                 {"sidecar.png", PictureOf(1)}});
  EXPECT_LT(fs::file_size(mine_ / "a.zip"), 1 << 20);
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("1 too large"));
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("a.zip/sidecar.png", _)));
}

TEST_F(HostileArchiveTest, ASparseFileIsLeftOut) {
  WriteArchive(mine_ / "a.tar",
               {{"1.png", PictureOf(1), "", 1 << 20}, {"2.png", PictureOf(2)}});
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("1 sparse"));
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("a.tar/2.png", _)));
}

TEST_F(HostileArchiveTest, ANameThatIsNotUtf8IsRefusedAndAnotherScriptIsNot) {
  WriteArchive(mine_ / "a.tar", {{"caf\xe9.png", PictureOf(1)},
                                 {"caf\xc3\xa9.png", PictureOf(2)}});
  WriteArchive(mine_ / "b.zip", {{"\xe6\xb5\xae.png", PictureOf(3)}});
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("1 file name is not UTF-8"));
  EXPECT_THAT(Stored(),
              UnorderedElementsAre(Pair("a.tar/caf\xc3\xa9.png", _),
                                   Pair("b.zip/\xe6\xb5\xae.png", _)));
}

TEST_F(HostileArchiveTest, ANameThatNoDiskWouldTakeIsRefused) {
  WriteArchive(mine_ / "a.tar",
               {{std::string(5000, 'a') + ".png", PictureOf(1)},
                {"2.png", PictureOf(2)}});
  EXPECT_THAT(ImportMine().output, HasSubstr("1 file name is too long"));
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(HostileArchiveTest, ANameThatLiesAboutBeingUtf8IsLeftOutAndCounted) {
  WriteArchive(mine_ / "a.zip", {{"\xe6\xb5\xae.png", PictureOf(1)}});
  const std::string zip = absl::StrReplaceAll(
      ReadFile(mine_ / "a.zip").value(), {{"\xe6\xb5\xae", "\xff\xfe\xfd"}});
  Write("a.zip", zip);
  Write("1.png", PictureOf(2));
  EXPECT_THAT(ImportMine().output, HasSubstr("1 link or unreadable name"));
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(HostileArchiveTest, NothingIsTakenOfAnArchiveThatIsCutShort) {
  WriteArchive(mine_ / "b.tar",
               {{"1.png", PictureOf(1)}, {"2.png", std::string(9000, 'x')}});
  WriteArchive(mine_ / "c.tar", {{"3.png", PictureOf(3)}});
  fs::resize_file(mine_ / "b.tar", 5000);
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("b.tar: "));
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("c.tar/3.png", _)));
}

TEST_F(HostileArchiveTest, ADamagedPictureOfAZipIsRefusedAndTheRestTaken) {
  const std::string noise = [] {
    Image image{64, 64, {}};
    uint32_t state = 1;
    for (int i = 0; i < 64 * 64 * 3; ++i) {
      state = state * 1664525 + 1013904223;
      image.rgb.push_back(static_cast<uint8_t>(state >> 24));
    }
    return EncodePng(image).value();
  }();
  WriteArchive(mine_ / "a.zip", {{"1.png", noise}, {"2.png", PictureOf(2)}});
  Damage(mine_ / "a.zip", 3000);
  const ProcessResult result = ImportMine();
  EXPECT_THAT(result.output, HasSubstr("1 truncated")) << result.output;
  EXPECT_THAT(Stored(), UnorderedElementsAre(Pair("a.zip/2.png", _)));
}

TEST_F(HostileArchiveTest, WhatIsNoArchiveIsSaid) {
  Write("a.zip", "<html>");
  const ProcessResult result = ImportMine();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("a.zip: not a tar or zip"));
}

TEST_F(HostileArchiveTest, AnotherStoresJsonMustSpeakOfTheseBytes) {
  Write("a.png", PictureOf(1));
  ASSERT_EQ(ImportMine().exit_code, 0);
  const fs::path shard = dir_ / "shard.tar";
  fs::copy_file(store_ / "shards/shard-000000.tar", shard);
  Damage(shard, ReadFile(shard).value().find(PictureOf(1)) + 100);
  const ProcessResult result = Import({shard.string(), "--source=other"});
  EXPECT_THAT(result.output, HasSubstr("1 wrong checksum"));
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(HostileArchiveTest, TwoArchivesOfOneNameAreNotMixedUp) {
  Write("x/a.tar", "");
  Write("y/a.tar", "");
  const ProcessResult result =
      Import({(mine_ / "x/a.tar").string(), (mine_ / "y/a.tar").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("two archives are called a.tar"));
}

}  // namespace
}  // namespace verso
