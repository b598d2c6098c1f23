#include "ingest/scrapers/archive_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "ingest/scraper.h"
#include "tests/ingest/archives.h"
#include "tests/ingest/scrape_fakes.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

constexpr int64_t kMax = 1 << 20;

// All files of an archive, or the first error.
absl::StatusOr<ArchiveFiles> ReadArchive(const std::string& bytes) {
  FakeResponse stream(bytes);
  ArchiveReader reader(stream);
  ArchiveFiles files;
  while (true) {
    ASSIGN_OR_RETURN(const auto path, reader.Next());
    if (!path) return files;
    ASSIGN_OR_RETURN(std::string content, reader.Read(kMax));
    files.emplace_back(*path, std::move(content));
  }
}

TEST(ArchiveReaderTest, ReadsTarAndZipInTheirOrder) {
  const ArchiveFiles files = {{"b/c", std::string(5000, 'c')}, {"a", ""}};
  EXPECT_EQ(ReadArchive(MakeTar(files)).value(), files);
  EXPECT_EQ(ReadArchive(MakeZip(files)).value(), files);
  EXPECT_EQ(ReadArchive(MakeTarGz(files)).value(), files);
}

TEST(ArchiveReaderTest, AFileMayBeLeftUnread) {
  FakeResponse stream(MakeTar({{"a", std::string(5000, 'a')}, {"b", "b"}}));
  ArchiveReader reader(stream);
  ASSERT_OK_AND_ASSIGN(const auto first, reader.Next());
  ASSERT_OK_AND_ASSIGN(const auto second, reader.Next());
  EXPECT_EQ(second, "b");
  EXPECT_EQ(reader.Read(kMax).value(), "b");
}

TEST(ArchiveReaderTest, NeverReadsMoreThanAsked) {
  FakeResponse stream(MakeZip({{"bomb", std::string(900'000, 'x')}}));
  ArchiveReader reader(stream);
  ASSERT_OK(reader.Next());
  EXPECT_TRUE(absl::IsResourceExhausted(reader.Read(1000).status()));
}

TEST(ArchiveReaderTest, ABombIsAnErrorAlsoWhereItsFilesAreSkipped) {
  const ArchiveFiles files = {{"bomb", std::string(64 << 20, 'x')},
                              {"behind", "b"}};
  for (const std::string& bomb : {MakeTarGz(files), MakeZip(files)}) {
    ASSERT_LT(bomb.size(), 200'000);
    FakeResponse stream(bomb);
    ArchiveReader reader(stream);
    ASSERT_OK(reader.Next());
    EXPECT_TRUE(absl::IsResourceExhausted(reader.Next().status()));
  }
}

TEST(ArchiveReaderTest, WhatShrinksAsPicturesDoIsNoBomb) {
  std::minstd_rand random(1);
  std::string content;
  for (int i = 0; i < (20 << 20); ++i) {
    content.push_back(static_cast<char>(random() & 0x0F));
  }
  FakeResponse stream(MakeTarGz({{"a", content}}));
  ArchiveReader reader(stream);
  ASSERT_OK(reader.Next());
  EXPECT_EQ(reader.Read(32 << 20).value() == content, true);
}

TEST(ArchiveReaderTest, OtherBytesAreNoArchive) {
  EXPECT_EQ(RefusalReason(ReadArchive("<html>").status()), "not an archive");
}

TEST(ArchiveReaderTest, ACutArchiveIsAnErrorWhereverItIsCut) {
  std::string noise;
  for (int i = 0; i < 3000; ++i) {
    noise.push_back(static_cast<char>((i * i * 2654435761u) >> 13));
  }
  for (const std::string& whole :
       {MakeTar({{"a", noise}}), MakeTarGz({{"a", noise}})}) {
    for (size_t size = 600; size < 3000; size += 100) {
      EXPECT_FALSE(ReadArchive(whole.substr(0, size)).ok()) << size;
    }
  }
}

}  // namespace
}  // namespace verso
