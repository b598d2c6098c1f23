#include "ingest/scrapers/wga.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/claims/year.h"
#include "common/http/url.h"
#include "ingest/scrapers/archive_reader.h"
#include "ingest/scrapers/html_scan.h"
#include "ingest/scrapers/semicolon_csv.h"
#include "ingest/text_encoding.h"
#include "ingest/work_key.h"

namespace verso {
namespace {

constexpr char kCatalogueId[] = "catalogue";
constexpr int64_t kMaxCatalogueBytes = 64 << 20;
constexpr int64_t kMaxPageBytes = 1 << 20;

// Of the ids of items that stand in for one whose picture is elsewhere: first
// its page, then what the page links to.
constexpr absl::string_view kPagePrefix = "page/";
constexpr absl::string_view kLinkedPrefix = "linked/";

// Columns by what they are called; two spellings are in use.
enum Column { kArtist, kTitle, kDate, kUrl, kForm, kSchool, kTimeFrame };
struct ColumnNames {
  absl::string_view name, other_name;
};
constexpr ColumnNames kColumns[] = {
    {"AUTHOR", "ARTIST"},
    {"TITLE", ""},
    {"DATE", ""},
    {"URL", ""},
    {"FORM", ""},
    {"SCHOOL", ""},
    {"TIMEFRAME", "TIMELINE"},
};

absl::StatusOr<std::vector<int>> FindColumns(
    const std::vector<std::string>& header) {
  std::vector<int> columns;
  for (const ColumnNames& names : kColumns) {
    const auto it = std::find_if(
        header.begin(), header.end(), [&](const std::string& field) {
          const std::string name =
              absl::AsciiStrToUpper(absl::StripAsciiWhitespace(field));
          return name == names.name ||
                 (!names.other_name.empty() && name == names.other_name);
        });
    if (it == header.end()) {
      return Malformed(
          "not a catalogue",
          absl::StrCat("the catalogue has no column ", names.name));
    }
    columns.push_back(static_cast<int>(it - header.begin()));
  }
  return columns;
}

// "a/azeglio/arabs" of ".../html/a/azeglio/arabs.html". Only the first segment
// and the ending are of the site's making; "html" may occur elsewhere too.
absl::StatusOr<std::string> WorkPath(absl::string_view page_url) {
  ASSIGN_OR_RETURN(const Url url, ParseUrl(page_url));
  absl::string_view path = url.path;
  if (!absl::ConsumePrefix(&path, "/html/") ||
      !absl::ConsumeSuffix(&path, ".html") || path.empty() ||
      absl::StrContains(path, "..")) {
    return absl::InvalidArgumentError("not the page of a work");
  }
  return std::string(path);
}

void SetLabel(const std::string& date, const std::string& time_frame,
              Provenance& provenance) {
  const int year = YearOf(date) != 0 ? YearOf(date) : YearOf(time_frame);
  provenance.set_label(LABEL_HUMAN);
  provenance.set_label_evidence(year != 0 && year < kGeneratedArtYear
                                    ? LABEL_EVIDENCE_DATED_BEFORE_2022
                                    : LABEL_EVIDENCE_ARCHIVE_CLAIM);
}

}  // namespace

std::vector<WorkItem> WgaScraper::Seeds() const {
  WorkItem item;
  item.set_source(source());
  item.set_id(kCatalogueId);
  item.set_url("/database/download/data_txt.zip");
  item.set_kind(FETCH_KIND_ARCHIVE);
  return {item};
}

std::optional<WorkItem> WgaScraper::Instead(const WorkItem& item) const {
  if (item.id() == kCatalogueId || absl::StartsWith(item.id(), kPagePrefix) ||
      absl::StartsWith(item.id(), kLinkedPrefix)) {
    return std::nullopt;
  }
  WorkItem page = item;
  page.set_id(absl::StrCat(kPagePrefix, item.id()));
  page.set_url(absl::StrCat("/html/", item.id(), ".html"));
  page.mutable_provenance()->set_source_item_id(item.id());
  return page;
}

absl::Status WgaScraper::ParsePage(const WorkItem& item, HttpStream& response,
                                   ScrapeSink& sink) const {
  ASSIGN_OR_RETURN(const std::string html, ReadAll(response, kMaxPageBytes));
  const std::string forbidden = ForbiddenByMetaTag(html, kProductToken);
  if (!forbidden.empty()) {
    return Malformed(forbidden, "the page's robots meta tag forbids training");
  }
  for (const std::string& link : FindJpegLinks(html)) {
    // Of the link only the path below the gallery's pictures counts: wherever
    // it points, the picture is asked for at the configured site.
    const size_t art = link.find("/art/");
    if (art == std::string::npos || absl::StrContains(link, "..")) continue;
    WorkItem linked = item;
    linked.set_id(
        absl::StrCat(kLinkedPrefix, item.provenance().source_item_id()));
    linked.set_url(link.substr(art));
    return sink.AddItem(std::move(linked));
  }
  return Malformed("no picture", "the page links to no picture");
}

absl::Status WgaScraper::Parse(const WorkItem& item, HttpStream& response,
                               ScrapeSink& sink) const {
  if (absl::StartsWith(item.id(), kPagePrefix)) {
    return ParsePage(item, response, sink);
  }
  if (item.id() != kCatalogueId) return ParseImage(item, response, sink);
  ArchiveReader zip(response);
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<std::string> name, zip.Next());
    if (!name) return Malformed("not a catalogue", "no catalog.csv in the zip");
    if (absl::EndsWithIgnoreCase(*name, ".csv")) break;
  }
  ASSIGN_OR_RETURN(const std::string csv, zip.Read(kMaxCatalogueBytes));
  return ParseCatalogue(ToUtf8(csv, DetectEncoding(csv)), sink);
}

absl::Status WgaScraper::ParseCatalogue(absl::string_view csv,
                                        ScrapeSink& sink) const {
  std::vector<int> columns;
  size_t width = 0;
  for (absl::string_view line : absl::StrSplit(csv, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    if (line.empty()) continue;
    const std::vector<std::string> row = SplitSemicolonLine(line);
    if (columns.empty()) {
      ASSIGN_OR_RETURN(columns, FindColumns(row));
      width = row.size();
      continue;
    }
    if (row.size() != width) {
      RETURN_IF_ERROR(sink.Refuse("bad catalogue row"));
      continue;
    }
    if (row[columns[kForm]] != "painting") continue;
    absl::StatusOr<WorkItem> item = ItemOfRow(row, columns);
    if (!item.ok()) {
      RETURN_IF_ERROR(sink.Refuse("bad catalogue row"));
      continue;
    }
    RETURN_IF_ERROR(sink.AddItem(*std::move(item)));
  }
  if (columns.empty()) return Malformed("not a catalogue", "it is empty");
  return absl::OkStatus();
}

absl::StatusOr<WorkItem> WgaScraper::ItemOfRow(
    const std::vector<std::string>& row,
    const std::vector<int>& columns) const {
  const auto field = [&](Column column) { return row[columns[column]]; };
  ASSIGN_OR_RETURN(const std::string path, WorkPath(field(kUrl)));
  WorkItem item;
  item.set_source(source());
  item.set_id(path);
  item.set_url(absl::StrCat("/art/", path, ".jpg"));
  item.set_kind(FETCH_KIND_IMAGE);
  Provenance& provenance = *item.mutable_provenance();
  provenance.set_collection("wga");
  provenance.set_page_url(field(kUrl));
  SetLabel(field(kDate), field(kTimeFrame), provenance);
  Work& work = *provenance.mutable_work();
  work.set_title(field(kTitle));
  work.set_artist(field(kArtist));
  work.set_date(field(kDate));
  work.set_school(field(kSchool));
  work.set_work_key(WorkKey(work.artist(), work.title()));
  provenance.set_found_by("catalogue");
  provenance.set_licence(
      "educational and personal use only; the images must not be "
      "redistributed");
  provenance.set_terms_url("https://www.wga.hu/support/mobile/legal.html");
  return item;
}

}  // namespace verso
