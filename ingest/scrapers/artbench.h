#ifndef VERSO_INGEST_SCRAPERS_ARTBENCH_H_
#define VERSO_INGEST_SCRAPERS_ARTBENCH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ingest/scraper.h"
#include "ingest/scrapers/artbench_counts.h"

namespace verso {

// Which of ArtBench's archives is taken.
enum class ArtbenchFiles {
  kSplitTar,  // JPEG files of 256x256, joined with the table by name.
  // Raw pixels of 32x32, joined by split and cifar_index. Their records are
  // PNGs of our own making, in a collection of their own ("artbench-32").
  kBinary,
};

// ArtBench-10: a table of 60,000 paintings in ten styles and an archive of
// their pictures. A list of checksums is used when the site has one. Pictures
// that the table promises and the archive does not have are counted as refused,
// "missing from the archive". Thread-safe.
class ArtbenchScraper : public Scraper {
 public:
  // `base_url`: what stands for https://artbench.eecs.berkeley.edu.
  explicit ArtbenchScraper(std::string base_url,
                           ArtbenchFiles files = ArtbenchFiles::kSplitTar);

  std::string source() const override { return "artbench"; }
  std::vector<WorkItem> Seeds() const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  absl::Status ParseChecksums(HttpStream& response, ScrapeSink& sink) const;
  absl::Status ParseTable(const WorkItem& item, HttpStream& response,
                          ScrapeSink& sink) const;
  absl::Status ParseArchive(const WorkItem& item, HttpStream& response,
                            ScrapeSink& sink) const;
  absl::Status AddMember(const std::string& path, std::string bytes,
                         ArtbenchCounts& given, ScrapeSink& sink) const;
  absl::Status AddBatch(const std::string& path, absl::string_view batch,
                        ArtbenchCounts& given, ScrapeSink& sink) const;
  Record NewRecord(const std::optional<Provenance>& row, absl::string_view stem,
                   absl::string_view style) const;

  const std::string base_;  // Of the files, without a last "/".
  const ArtbenchFiles files_;
};

// Of the pictures of the binary batches.
inline constexpr char kArtbenchBinaryCollection[] = "artbench-32";

// The ten styles as ArtBench spells its folders, in alphabetical order.
const std::vector<std::string>& ArtbenchStyles();

// A style as it is written in a prompt: "post_impressionism" is
// "post-impressionism", "art_nouveau" is "art nouveau". Empty for others than
// the ten.
std::string StyleInWords(absl::string_view style);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_ARTBENCH_H_
