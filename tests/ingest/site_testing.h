#ifndef VERSO_TESTS_INGEST_SITE_TESTING_H_
#define VERSO_TESTS_INGEST_SITE_TESTING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ingest/ingest.h"
#include "tests/gallery/faults.h"
#include "tests/gallery/gallery_server.h"
#include "tests/gallery/simulated_gallery.h"
#include "tests/ingest/fake_shard_store.h"
#include "tests/testing/process.h"

namespace verso {

// Runs ingest, as the program does, against a gallery of drawn pictures and a
// store in memory. A case may serve and ingest several times: what is queued
// and stored stays.
class SiteTest : public ::testing::Test {
 protected:
  // Answers from now on, with faults as the gallery's --fault has them.
  void Serve(const std::string& faults = "", GalleryServerOptions server = {}) {
    gallery_ = nullptr;
    server.faults = ParseFaults(faults).value();
    server.access_log = log_.string();
    SimulatedGalleryOptions pictures;
    pictures.wga = pictures.artbench = pictures.dalle = pictures_;
    pictures.lexica = pictures_;
    gallery_ = GalleryServer::Start(
                   std::make_unique<SimulatedGallery>(pictures), server)
                   .value();
  }

  // The result of the last one of `sources`; those before it must do well.
  SourceResult Ingest(std::vector<std::string> sources) {
    const std::string site =
        absl::StrCat("http://127.0.0.1:", gallery_->port());
    IngestOptions options;
    options.sources = std::move(sources);
    options.choices = choices_;
    options.parallel = parallel_;
    options.urls = {.wga = site + "/wga",
                    .artbench = site + "/artbench",
                    .lexica = site + "/lexica",
                    .lexica_image = site + "/lexica-images",
                    .dalle = site + "/dalle",
                    .dalle_image = site + "/dalle-images",
                    .lofi = site + "/a1111",
                    .twin = site + "/a1111"};
    if (has_manifest_) {
      options.urls.dalle_manifest = site + "/dalle/manifest.jsonl";
    }
    options.host_interval = absl::ZeroDuration();
    options.retry_base = absl::Milliseconds(1);
    options.frontier = state_.string();
    const auto results = RunIngest(options, store_).value();
    for (size_t i = 0; i + 1 < results.size(); ++i) {
      EXPECT_TRUE(results[i].status.ok()) << results[i].status;
    }
    return results.back();
  }

  std::vector<Provenance> Stored(const std::string& source) const {
    std::vector<Provenance> stored;
    for (const Record& record : store_.records()) {
      if (record.provenance().source() == source) {
        stored.push_back(record.provenance());
      }
    }
    return stored;
  }

  struct Access {
    int64_t micros = 0;
    std::string path;
    std::string status;
  };

  // What the gallery that serves now was asked for, below `prefix`.
  std::vector<Access> Accesses(const std::string& prefix) const {
    std::ifstream file(log_);
    std::vector<Access> accesses;
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words[3].rfind(prefix, 0) != 0) continue;
      accesses.push_back({std::stoll(words[0]), words[3], words[4]});
    }
    return accesses;
  }

  int pictures_ = 4;  // Of each site; before Serve().
  int parallel_ = 4;
  SourceChoices choices_;
  bool has_manifest_ = false;  // Of DALL-E.
  FakeShardStore store_;
  std::unique_ptr<GalleryServer> gallery_;

 private:
  const std::filesystem::path state_ = testing::MakeTestDir("state");
  const std::filesystem::path log_ = testing::MakeTestDir("log") / "access";
};

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_SITE_TESTING_H_
