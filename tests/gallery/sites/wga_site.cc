#include "tests/gallery/sites/wga_site.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "tests/gallery/sites/answers.h"
#include "tests/gallery/sites/archives.h"
#include "tests/gallery/text.h"

namespace verso {
namespace {

constexpr char kHeader[] =
    "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;SCHOOL;"
    "TIMEFRAME\r\n";

std::string PathOf(const GalleryItem& item) {
  std::string artist = Slug(item.artist).substr(0, 24);
  if (artist.empty()) artist = "unknown";
  return absl::StrCat(artist.substr(0, 1), "/", artist, "/",
                      item.id.substr(0, 8));
}

std::string TitleOf(const GalleryItem& item) {
  return item.title + (item.detail ? " (detail)" : "");
}

// "1451-1500": the half century of a year.
std::string TimeFrameOf(int year) {
  const int first = (year - 1) / 50 * 50 + 1;
  return absl::StrCat(first, "-", first + 49);
}

// Quoted where it has to be.
std::string Field(const std::string& text) {
  const std::string line =
      absl::StrReplaceAll(text, {{"\r", " "}, {"\n", " "}});
  if (line.find_first_of(";\"") == std::string::npos) return line;
  return absl::StrCat("\"", absl::StrReplaceAll(line, {{"\"", "\"\""}}), "\"");
}

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

}  // namespace

WgaSite::WgaSite(Gallery* gallery, std::string encoding)
    : gallery_(gallery), encoding_(std::move(encoding)) {
  for (const GalleryItem& item : gallery_->items(Site::kWga)) {
    const size_t index = paths_.size();
    paths_.push_back(PathOf(item));
    index_of_path_[paths_.back()] = index;
    art_paths_.push_back(paths_.back());
    // Some pictures do not lie where the path of their page says.
    if (index % 10 == 7) art_paths_.back() += "_1";
    index_of_art_[art_paths_.back()] = index;
  }
}

std::string WgaSite::CatalogueCsv() const {
  std::string csv = kHeader;
  const std::vector<GalleryItem>& items = gallery_->items(Site::kWga);
  for (size_t i = 0; i < items.size(); ++i) {
    const GalleryItem& item = items[i];
    const bool dated = item.year != 0;
    // Nothing is made up about the pictures of a folder.
    const bool made_up = gallery_->kind() == "simulated";
    const std::vector<std::string> fields = {
        Field(item.artist),
        made_up
            ? absl::StrCat("(b. ", item.year - 40, ", d. ", item.year + 20, ")")
            : "",
        Field(TitleOf(item)),
        dated ? absl::StrCat(item.year) : "-",
        made_up ? "Oil on canvas, 50 x 60 cm" : "",
        made_up ? "Private collection" : "",
        absl::StrCat(i % 2 == 0 ? "http" : "https", "://www.wga.hu/html/",
                     paths_[i], ".html"),
        item.form,
        "other",
        "Other",
        dated ? TimeFrameOf(item.year) : "",
    };
    absl::StrAppend(&csv, absl::StrJoin(fields, ";"), "\r\n");
  }
  return csv;
}

absl::StatusOr<std::string> WgaSite::CatalogueZip() const {
  ASSIGN_OR_RETURN(const std::string csv, Encode(CatalogueCsv(), encoding_));
  return MakeZip("catalog.csv", csv);
}

void WgaSite::AnswerPage(const httplib::Request& request,
                         httplib::Response& response) const {
  const auto it = index_of_path_.find(request.matches[1].str());
  if (it == index_of_path_.end()) return AnswerNotFound(response);
  const GalleryItem& item = gallery_->items(Site::kWga)[it->second];
  const std::string title = Escaped(TitleOf(item));
  const std::string page = absl::StrCat(
      "<HTML>\n<HEAD><TITLE>", title, "</TITLE></HEAD>\n<BODY>\n<H3>",
      Escaped(item.artist), "</H3>\n<P><A HREF=\"/art/", art_paths_[it->second],
      ".jpg\"><IMG SRC=\"/art/", art_paths_[it->second], ".jpg\" ALT=\"", title,
      "\"></A>\n</BODY>\n</HTML>\n");
  AnswerFile(request, page, "text/html; charset=utf-8", response);
}

void WgaSite::AnswerArt(const httplib::Request& request,
                        httplib::Response& response) const {
  const auto it = index_of_art_.find(request.matches[1].str());
  if (it == index_of_art_.end()) return AnswerNotFound(response);
  AnswerPicture(request, *gallery_, Site::kWga, it->second, response);
}

void WgaSite::AddTo(httplib::Server& server) {
  server.Get("/wga/database/download/data_txt.zip",
             [this](const auto& request, auto& response) {
               const absl::StatusOr<std::string> zip = CatalogueZip();
               if (!zip.ok()) return AnswerFailure(zip.status(), response);
               AnswerFile(request, *zip, "application/zip", response);
             });
  server.Get("/wga/html/(.+)\\.html",
             [this](const auto& request, auto& response) {
               AnswerPage(request, response);
             });
  server.Get("/wga/art/(.+)\\.jpg",
             [this](const auto& request, auto& response) {
               AnswerArt(request, response);
             });
}

}  // namespace verso
