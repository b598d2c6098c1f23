// Measures the comparison of pictures on a folder of real ones: how many are
// found again after each alteration, and which two files are most alike.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/on_all_cores.h"
#include "common/base/paths.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/perceptual_hash.h"
#include "shardstore/near_duplicates/candidate_pairs.h"
#include "shardstore/near_duplicates/picture_match.h"
#include "tests/gallery/drawing/random.h"
#include "tests/shardstore/near_duplicates/pair_trials.h"

ABSL_FLAG(int, pictures, 500,
          "Pictures that are altered, spread over the folder; 0: none");
ABSL_FLAG(int, min_side, 64, "Shorter side of the pictures that are altered");
ABSL_FLAG(int, random_pairs, 5000,
          "Pairs of files that are compared besides those of near hashes");
ABSL_FLAG(int, listed, 20, "Most alike pairs of files that are listed");

namespace verso::testing {
namespace {

constexpr char kUsage[] =
    R"(measure: how well near-duplicates are found among real pictures.

  bazel run //tests/shardstore/near_duplicates:measure -- /data/pictures
  bazel run //tests/shardstore/near_duplicates:measure -- DIR --pictures=0)";

struct File {
  std::string path;
  PictureSketch sketch;
  PictureKeys keys;
  int short_side = 0;
};

absl::StatusOr<Image> ReadPicture(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeImage(bytes);
}

// Every picture under a folder, by path; what cannot be decoded is passed over.
std::vector<File> ReadFiles(const std::filesystem::path& folder) {
  std::vector<File> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back({entry.path().string()});
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  OnAllCores(files.size(), [&](size_t i) {
    const absl::StatusOr<Image> image = ReadPicture(files[i].path);
    if (!image.ok()) return;
    files[i].short_side = std::min(image->width, image->height);
    files[i].sketch = MakeSketch(*image).value();
    files[i].keys.look = ParseLook(PerceptualHash(*image));
  });
  std::erase_if(files, [](const File& file) { return file.short_side == 0; });
  return files;
}

void MeasureAlterations(const std::vector<File>& files) {
  const size_t wanted = absl::GetFlag(FLAGS_pictures);
  std::vector<const File*> fit;
  for (const File& file : files) {
    if (file.short_side >= absl::GetFlag(FLAGS_min_side)) fit.push_back(&file);
  }
  const size_t n = std::min(wanted, fit.size());
  if (n == 0) return;
  std::vector<std::vector<PairTrial>> of_file(n);
  ProgressLine progress;
  std::atomic<size_t> done = 0;
  OnAllCores(n, [&](size_t i) {
    const absl::StatusOr<Image> image =
        ReadPicture(fit[i * fit.size() / n]->path);
    if (image.ok()) of_file[i] = TryAlterations(*image, i);
    progress.Update(absl::StrFormat("altered %d of %d pictures", ++done, n));
  });
  std::vector<PairTrial> trials;
  for (const auto& some : of_file) {
    trials.insert(trials.end(), some.begin(), some.end());
  }
  progress.Finish(TrialTable(trials));
}

struct Compared {
  CandidatePair pair;
  PictureMatch match;
};

void MeasurePairs(const std::vector<File>& files) {
  std::vector<PictureKeys> keys;
  for (const File& file : files) keys.push_back(file.keys);
  const Candidates candidates = FindCandidates(keys);
  std::vector<CandidatePair> pairs = candidates.pairs;
  Random random(1);
  const int n = static_cast<int>(files.size());
  for (int i = 0; n > 1 && i < absl::GetFlag(FLAGS_random_pairs); ++i) {
    const auto first = static_cast<uint32_t>(random.Below(n - 1));
    const auto rest = static_cast<int>(files.size() - first - 1);
    pairs.push_back(
        {first, first + 1 + static_cast<uint32_t>(random.Below(rest))});
  }
  std::vector<Compared> compared(pairs.size());
  OnAllCores(pairs.size(), [&](size_t i) {
    compared[i] = {pairs[i], ComparePictures(files[pairs[i].first].sketch,
                                             files[pairs[i].second].sketch)};
  });
  const auto linked =
      std::count_if(compared.begin(), compared.end(), [](const Compared& c) {
        return c.match.relation != PictureRelation::kDifferent;
      });
  std::printf("%zu files; %zu pairs of near hashes, %zu compared, %td linked\n",
              files.size(), candidates.pairs.size(), compared.size(), linked);
  std::sort(compared.begin(), compared.end(),
            [](const Compared& a, const Compared& b) {
              return a.match.correlation > b.match.correlation;
            });
  compared.resize(std::min(compared.size(),
                           static_cast<size_t>(absl::GetFlag(FLAGS_listed))));
  for (const Compared& c : compared) {
    std::printf(
        "%6.3f %6.3f %s %s %s\n", c.match.correlation, c.match.weak_correlation,
        c.match.relation == PictureRelation::kDifferent ? "different"
                                                        : "linked   ",
        files[c.pair.first].path.c_str(), files[c.pair.second].path.c_str());
  }
}

}  // namespace
}  // namespace verso::testing

int main(int argc, char** argv) {
  const verso::CommandLine line =
      verso::ParseCommandLine(argc, argv, verso::testing::kUsage);
  if (line.subcommand.empty()) return verso::UsageError("name a folder");
  const auto files =
      verso::testing::ReadFiles(verso::ResolveUserPath(line.subcommand));
  verso::testing::MeasureAlterations(files);
  verso::testing::MeasurePairs(files);
  return verso::kExitDone;
}
