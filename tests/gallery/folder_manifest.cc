#include "tests/gallery/folder_manifest.h"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/csv.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/text.h"
#include "tests/gallery/uuid.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxManifestBytes = int64_t{256} << 20;
constexpr int64_t kMaxTitleBytes = 48;
constexpr int kFirstBytes = 12;
constexpr int kMaxSide = 1 << 16;

using Columns = std::map<std::string, size_t>;

// A row by column; a column that is not there is empty.
class Row {
 public:
  Row(const Columns& columns, const std::vector<std::string>& fields)
      : columns_(columns), fields_(fields) {}
  std::string operator[](const std::string& name) const {
    const auto it = columns_.find(name);
    return it == columns_.end() ? "" : fields_[it->second];
  }

 private:
  const Columns& columns_;
  const std::vector<std::string>& fields_;
};

// nullopt: a row that no site serves.
absl::StatusOr<std::optional<Site>> SiteOf(const std::string& name) {
  static const auto* const sites = new std::map<std::string, Site>{
      {"wga", Site::kWga},       {"artbench", Site::kArtbench},
      {"lexica", Site::kLexica}, {"dalle", Site::kDalle},
      {"lofi", Site::kLofi},
  };
  if (name == "folder") return std::nullopt;
  const auto it = sites->find(name);
  if (it == sites->end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown site \"", name,
        "\"; known are wga, artbench, lexica, dalle, lofi and folder"));
  }
  return it->second;
}

// The file of a path from the manifest, which must stay below `dir`, links
// included.
absl::StatusOr<fs::path> FileBelow(const fs::path& dir,
                                   const std::string& path) {
  const fs::path relative(path);
  const bool climbs =
      std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (path.empty() || relative.is_absolute() || climbs) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path \"", path, "\" leads out of the folder"));
  }
  std::error_code error;
  const fs::path file = fs::canonical(dir / relative, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("picture ", (dir / relative).string(), " is missing"));
  }
  const auto [end, unused] =
      std::mismatch(dir.begin(), dir.end(), file.begin(), file.end());
  if (end != dir.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path \"", path, "\" leads out of the folder"));
  }
  return file;
}

absl::StatusOr<std::string> FormatOfFile(const fs::path& file) {
  ASSIGN_OR_RETURN(const FileDescriptor fd, OpenFile(file, O_RDONLY));
  const absl::StatusOr<std::string> bytes = ReadAt(fd, 0, kFirstBytes, file);
  const std::string format = bytes.ok() ? PictureFormatOf(*bytes) : "";
  if (format.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is not a JPEG, PNG or WebP picture"));
  }
  return format;
}

// "style=Post-Impressionism" -> "post_impressionism"; empty: not stated.
std::string StyleIn(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "style=")) return "";
  if (const ArtStyle* known = FindArtStyle(text)) return known->name;
  return absl::StrReplaceAll(Slug(text), {{"-", "_"}});
}

bool HasLetters(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_isalpha);
}

// "genre=Naturmort" says little; "Edgar Degas (1834-1917) - Dancers (1874)"
// much. In letters that every code page has, so that a work stays the same
// work; its number keeps apart what then looks alike.
void SetWork(const std::string& text, GalleryItem& item) {
  std::string title = text.substr(text.find('=') + 1);
  std::string artist;
  if (const size_t dash = title.find(" - "); dash != std::string::npos) {
    artist = title.substr(0, std::min(dash, title.find(" (")));
    title = title.substr(dash + 3);
  }
  artist = ToWestern(CutUtf8(artist, kMaxTitleBytes));
  item.artist = HasLetters(artist) ? artist : "UNKNOWN MASTER";
  item.year = YearIn(title);
  title = ToWestern(CutUtf8(title, kMaxTitleBytes));
  item.title = absl::StrCat(HasLetters(title) ? title : "Picture", ", no. ",
                            UuidOf(item.work).substr(0, 8));
}

int SideOf(const std::string& text) {
  int side = 0;
  return absl::SimpleAtoi(text, &side) ? std::clamp(side, 0, kMaxSide) : 0;
}

absl::StatusOr<FolderManifest::Picture> PictureOf(const fs::path& dir,
                                                  const Row& row) {
  FolderManifest::Picture picture;
  ASSIGN_OR_RETURN(picture.file, FileBelow(dir, row["path"]));
  GalleryItem& item = picture.item;
  ASSIGN_OR_RETURN(item.format, FormatOfFile(picture.file));
  const std::string text = ToUtf8(row["text"]);
  item.id = UuidOf("stand-in/" + row["path"]);
  item.work = row["work"].empty() ? item.id : UuidOf("work/" + row["work"]);
  item.style = StyleIn(text);
  item.generator = ToUtf8(row["generator"]);
  if (row["label"] == "generated") item.prompt = text;
  item.width = SideOf(row["width"]);
  item.height = SideOf(row["height"]);
  item.grid = absl::StrContains(row["note"], "grid");
  SetWork(text, item);
  return picture;
}

// The first picture of a work gives all of them their names; the others are
// its details.
void NameDetails(std::vector<FolderManifest::Picture>& pictures) {
  std::map<std::string, const GalleryItem*> first;
  for (FolderManifest::Picture& picture : pictures) {
    const auto [it, is_first] = first.emplace(picture.item.work, &picture.item);
    if (is_first) continue;
    picture.item.detail = true;
    picture.item.title = it->second->title;
    picture.item.artist = it->second->artist;
  }
}

absl::Status AtLine(const fs::path& manifest, int64_t line,
                    const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat(manifest.string(), ", line ", line, ": ", status.message()));
}

absl::Status AddRow(const fs::path& dir, const Row& row,
                    std::set<std::string>& ids, FolderManifest& manifest) {
  ASSIGN_OR_RETURN(const std::optional<Site> site, SiteOf(row["site"]));
  if (!site) return absl::OkStatus();
  ASSIGN_OR_RETURN(FolderManifest::Picture picture, PictureOf(dir, row));
  if (!ids.insert(picture.item.id).second) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path \"", row["path"], "\" is listed twice"));
  }
  manifest.sites[static_cast<size_t>(*site)].push_back(std::move(picture));
  return absl::OkStatus();
}

}  // namespace

std::string PictureFormatOf(absl::string_view first_bytes) {
  if (absl::StartsWith(first_bytes, "\xff\xd8\xff")) return "jpeg";
  if (absl::StartsWith(first_bytes, "\x89PNG\r\n\x1a\n")) return "png";
  if (absl::StartsWith(first_bytes, "RIFF") &&
      absl::StartsWith(absl::ClippedSubstr(first_bytes, 8), "WEBP")) {
    return "webp";
  }
  return "";
}

absl::StatusOr<FolderManifest> ReadFolderManifest(const fs::path& folder) {
  std::error_code error;
  const fs::path dir = fs::canonical(folder, error);
  const fs::path file = (error ? folder : dir) / "manifest.csv";
  absl::StatusOr<std::string> text = ReadFile(file, kMaxManifestBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", file.string(),
                     "; --gallery takes a folder of pictures with a "
                     "manifest.csv that lists them"));
  }
  if (!text.ok()) return text.status();
  FolderManifest manifest;
  Columns columns;
  std::set<std::string> ids;
  CsvReader csv(*text);
  while (true) {
    absl::StatusOr<std::optional<std::vector<std::string>>> next = csv.Next();
    if (!next.ok()) return AtLine(file, csv.line(), next.status());
    if (!next->has_value()) break;
    const std::vector<std::string>& fields = **next;
    if (columns.empty()) {
      for (size_t i = 0; i < fields.size(); ++i) columns[fields[i]] = i;
      if (!columns.contains("path") || !columns.contains("site")) {
        return absl::InvalidArgumentError(absl::StrCat(
            file.string(), " has no columns \"path\" and \"site\""));
      }
      continue;
    }
    if (fields.size() < columns.size()) {
      return AtLine(file, csv.line(),
                    absl::InvalidArgumentError("fields are missing"));
    }
    const absl::Status added = AddRow(dir, Row(columns, fields), ids, manifest);
    if (!added.ok()) return AtLine(file, csv.line(), added);
  }
  for (auto& pictures : manifest.sites) NameDetails(pictures);
  return manifest;
}

}  // namespace verso
