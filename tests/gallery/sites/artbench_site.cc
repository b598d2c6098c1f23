#include "tests/gallery/sites/artbench_site.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/csv.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/resize.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/sites/answers.h"
#include "tests/gallery/sites/archives.h"
#include "tests/gallery/text.h"

namespace verso {
namespace {

constexpr char kRoot[] = "artbench-10-imagefolder-split";
constexpr char kTable[] = "ArtBench-10.csv";
constexpr char kTarName[] = "artbench-10-imagefolder-split.tar";
constexpr char kBinaryName[] = "artbench-10-binary.tar.gz";
constexpr int kBatchSide = 32;
constexpr size_t kBatchPictures = 10'000;
constexpr size_t kBatchPictureBytes = 1 + 3 * kBatchSide * kBatchSide;
// ustar: a name of at most 100 bytes.
constexpr size_t kMaxArtist = 24;
constexpr size_t kMaxTitle = 62;

// "claude-monet_water-lilies-1906".
std::string NameOf(const GalleryItem& item) {
  std::string name = absl::StrCat(Slug(item.artist).substr(0, kMaxArtist), "_",
                                  Slug(item.title).substr(0, kMaxTitle));
  if (item.year != 0) absl::StrAppend(&name, "-", item.year);
  return name;
}

// One work in six, as in ArtBench.
bool IsTest(const GalleryItem& item) { return SeedFor(0, item.work) % 6 == 0; }

std::string StyleOf(const GalleryItem& item) {
  return item.style.empty() ? "unlabelled" : item.style;
}

// The class of a style: the styles are in alphabetical order.
char LabelOf(const GalleryItem& item) {
  const absl::Span<const ArtStyle> styles = ArtStyles();
  for (size_t i = 0; i < styles.size(); ++i) {
    if (styles[i].name == item.style) return static_cast<char>(i);
  }
  return '\xff';
}

// Five files of training pictures and one of test pictures, by cifar_index.
absl::StatusOr<std::string> BinaryArchive(absl::string_view train,
                                          const std::string& test) {
  const std::string root = "artbench-10-batches-bin/";
  std::vector<std::pair<std::string, std::string>> files;
  for (size_t i = 0; i < 5; ++i) {
    const size_t batch = kBatchPictures * kBatchPictureBytes;
    files.emplace_back(absl::StrCat(root, "data_batch_", i + 1, ".bin"),
                       absl::ClippedSubstr(train, i * batch, batch));
  }
  files.emplace_back(root + "test_batch.bin", test);
  return MakeTarGz(files);
}

std::string ExtensionOf(const GalleryItem& item) {
  return item.format == "jpeg" ? "jpg" : item.format;
}

}  // namespace

ArtbenchSite::ArtbenchSite(Gallery* gallery) : gallery_(gallery) {
  std::map<std::string, int> seen;
  for (const GalleryItem& item : gallery_->items(Site::kArtbench)) {
    std::string name = NameOf(item);
    const int times = seen[name]++;
    if (times > 0) absl::StrAppend(&name, "-", times + 1);
    names_.push_back(std::move(name));
  }
}

std::string ArtbenchSite::UrlOf(const GalleryItem& item) {
  return absl::StrCat("https://wikiart.invalid/images/", item.id, ".jpg");
}

std::string ArtbenchSite::PathOf(size_t index) const {
  const GalleryItem& item = gallery_->items(Site::kArtbench)[index];
  return absl::StrCat(kRoot, IsTest(item) ? "/test/" : "/train/", StyleOf(item),
                      "/", names_[index], ".", ExtensionOf(item));
}

std::string ArtbenchSite::TableCsv() const {
  std::string csv;
  AppendCsvRow({"name", "artist", "url", "is_public_domain", "length", "width",
                "label", "split", "cifar_index"},
               csv);
  const std::vector<GalleryItem>& items = gallery_->items(Site::kArtbench);
  int next_index[2] = {0, 0};
  for (size_t i = 0; i < items.size(); ++i) {
    const GalleryItem& item = items[i];
    const bool test = IsTest(item);
    AppendCsvRow(
        {names_[i] + "." + ExtensionOf(item), Slug(item.artist), UrlOf(item),
         item.year != 0 && item.year < 1950 ? "True" : "False",
         absl::StrCat(item.height), absl::StrCat(item.width), StyleOf(item),
         test ? "test" : "train", absl::StrCat(next_index[test ? 1 : 0]++)},
        csv);
  }
  return csv;
}

absl::StatusOr<std::string> ArtbenchSite::Member(size_t index) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   gallery_->Picture(Site::kArtbench, index));
  return MakeTarMember(PathOf(index), bytes);
}

absl::Status ArtbenchSite::Measure() {
  absl::MutexLock lock(&mu_);
  if (measured_) return absl::OkStatus();
  Tar tar;
  Sha256 sha256;
  int64_t end = 0;
  std::string batches[2];  // Of training, of test pictures.
  for (size_t i = 0; i < names_.size(); ++i) {
    const GalleryItem& item = gallery_->items(Site::kArtbench)[i];
    ASSIGN_OR_RETURN(const std::string picture,
                     gallery_->Picture(Site::kArtbench, i));
    ASSIGN_OR_RETURN(const std::string member,
                     MakeTarMember(PathOf(i), picture));
    sha256.Update(member);
    end += static_cast<int64_t>(member.size());
    tar.ends.push_back(end);
    ASSIGN_OR_RETURN(const std::string raw, BatchPicture(item, picture));
    batches[IsTest(item) ? 1 : 0] += raw;
  }
  sha256.Update(std::string(kTarEndBytes, '\0'));
  tar.sha256 = sha256.FinishHex();
  ASSIGN_OR_RETURN(tar.binary, BinaryArchive(batches[0], batches[1]));
  tar_ = std::move(tar);
  measured_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArtbenchSite::BatchPicture(
    const GalleryItem& item, absl::string_view picture) const {
  ASSIGN_OR_RETURN(const Image whole, DecodeImage(picture));
  ASSIGN_OR_RETURN(const Image small, Resize(whole, kBatchSide, kBatchSide));
  std::string raw(1, LabelOf(item));
  for (size_t channel = 0; channel < 3; ++channel) {
    for (size_t i = channel; i < small.rgb.size(); i += 3) {
      raw.push_back(static_cast<char>(small.rgb[i]));
    }
  }
  return raw;
}

absl::StatusOr<std::string> ArtbenchSite::Checksums() {
  RETURN_IF_ERROR(Measure());
  return absl::StrCat(Sha256Hex(TableCsv()), "  ", kTable, "\n", tar_.sha256,
                      "  ", kTarName, "\n", Sha256Hex(tar_.binary), "  ",
                      kBinaryName, "\n");
}

bool ArtbenchSite::SendTar(int64_t offset, httplib::DataSink& sink) {
  const auto member =
      std::upper_bound(tar_.ends.begin(), tar_.ends.end(), offset);
  const int64_t start = member == tar_.ends.begin() ? 0 : *(member - 1);
  std::string bytes(kTarEndBytes, '\0');
  if (member != tar_.ends.end()) {
    absl::StatusOr<std::string> made =
        Member(static_cast<size_t>(member - tar_.ends.begin()));
    if (!made.ok()) return false;
    bytes = *std::move(made);
  }
  const absl::string_view rest =
      absl::ClippedSubstr(bytes, static_cast<size_t>(offset - start));
  return !rest.empty() && sink.write(rest.data(), rest.size());
}

void ArtbenchSite::AnswerTar(httplib::Response& response) {
  const absl::Status measured = Measure();
  if (!measured.ok()) return AnswerFailure(measured, response);
  const int64_t end = tar_.ends.empty() ? 0 : tar_.ends.back();
  response.set_header("ETag",
                      absl::StrCat("\"", tar_.sha256.substr(0, 32), "\""));
  response.set_content_provider(
      static_cast<size_t>(end + kTarEndBytes), "application/x-tar",
      [this](size_t offset, size_t, httplib::DataSink& sink) {
        return SendTar(static_cast<int64_t>(offset), sink);
      });
}

void ArtbenchSite::AnswerBinary(const httplib::Request& request,
                                httplib::Response& response) {
  const absl::Status measured = Measure();
  if (!measured.ok()) return AnswerFailure(measured, response);
  AnswerFile(request, tar_.binary, "application/gzip", response);
}

void ArtbenchSite::AddTo(httplib::Server& server) {
  server.Get("/artbench/files/ArtBench-10.csv",
             [this](const auto& request, auto& response) {
               AnswerFile(request, TableCsv(), "text/csv", response);
             });
  server.Get("/artbench/files/SHA256SUMS",
             [this](const auto& request, auto& response) {
               const absl::StatusOr<std::string> sums = Checksums();
               if (!sums.ok()) return AnswerFailure(sums.status(), response);
               AnswerFile(request, *sums, "text/plain", response);
             });
  server.Get("/artbench/files/artbench-10-imagefolder-split.tar",
             [this](const auto&, auto& response) { AnswerTar(response); });
  server.Get("/artbench/files/artbench-10-binary.tar.gz",
             [this](const auto& request, auto& response) {
               AnswerBinary(request, response);
             });
}

}  // namespace verso
