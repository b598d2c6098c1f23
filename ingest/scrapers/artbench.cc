#include "ingest/scrapers/artbench.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/csv.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/claims/year.h"
#include "ingest/scrapers/archive_reader.h"
#include "ingest/scrapers/artbench_batch.h"
#include "ingest/text_encoding.h"
#include "ingest/work_key.h"

namespace verso {
namespace {

constexpr char kTableId[] = "ArtBench-10.csv";
constexpr char kTarId[] = "artbench-10-imagefolder-split.tar";
constexpr char kBinaryId[] = "artbench-10-binary.tar.gz";
// The table as it is read for the binary batches: asked for anew, since it is
// joined by other columns.
constexpr char kBinaryTableId[] = "ArtBench-10.csv#binary";
constexpr char kChecksumsId[] = "SHA256SUMS";
constexpr int64_t kMaxTableBytes = 64 << 20;
constexpr int64_t kMaxImageBytes = 32 << 20;

// Bytes on their way to libarchive, hashed as they pass.
class HashingStream : public ByteStream {
 public:
  explicit HashingStream(ByteStream& stream) : stream_(stream) {}

  absl::StatusOr<absl::string_view> Next() override {
    absl::StatusOr<absl::string_view> part = stream_.Next();
    if (part.ok()) sha256_.Update(*part);
    return part;
  }

  // Reads what is left (a tar ends before its last block).
  absl::StatusOr<std::string> DrainAndHash() {
    while (true) {
      ASSIGN_OR_RETURN(const absl::string_view part, Next());
      if (part.empty()) return sha256_.FinishHex();
    }
  }

 private:
  ByteStream& stream_;
  Sha256 sha256_;
};

// "claude-monet_water-lilies-1906" of "claude-monet_water-lilies-1906.jpg".
// All of ArtBench's files are JPEGs; copies of it may hold others. Empty: not
// the name of a picture.
std::string StemOf(absl::string_view name) {
  for (const absl::string_view ending : {".jpg", ".jpeg", ".png", ".webp"}) {
    if (absl::ConsumeSuffix(&name, ending)) return std::string(name);
  }
  return "";
}

// 64 hex digits: other bytes could not be kept in a note.
bool IsSha256(absl::string_view word) {
  return word.size() == 64 &&
         std::all_of(word.begin(), word.end(), absl::ascii_isxdigit);
}

std::string RowKey(absl::string_view stem) {
  return absl::StrCat("row/", stem);
}
std::string IndexKey(absl::string_view split, absl::string_view index) {
  return absl::StrCat("cifar/", split, "/", index);
}
std::string ChecksumKey(absl::string_view file) {
  return absl::StrCat("sha256/", file);
}
constexpr char kCountsKey[] = "counts";

WorkItem FileItem(absl::string_view name, FetchKind kind) {
  WorkItem item;
  item.set_source("artbench");
  item.set_id(std::string(name));
  item.set_url(absl::StrCat("/files/", name));
  item.set_kind(kind);
  return item;
}

// One row of the table by the names of its columns; absent ones are empty.
class Row {
 public:
  Row(const std::map<std::string, size_t>& columns,
      const std::vector<std::string>& fields)
      : columns_(columns), fields_(fields) {}

  std::string operator[](const char* name) const {
    const auto it = columns_.find(name);
    return it == columns_.end() ? "" : fields_[it->second];
  }

 private:
  const std::map<std::string, size_t>& columns_;
  const std::vector<std::string>& fields_;
};

absl::Status CheckColumns(const std::map<std::string, size_t>& columns,
                          bool is_binary) {
  std::vector<std::string> needed = {"name", "label"};
  if (is_binary) needed.insert(needed.end(), {"split", "cifar_index"});
  for (const std::string& name : needed) {
    if (!columns.contains(name)) {
      return Malformed("not a table",
                       absl::StrCat("there is no column \"", name, "\""));
    }
  }
  return absl::OkStatus();
}

Provenance NoteOfRow(const Row& row) {
  Provenance note;
  note.set_image_url(row["url"]);
  note.mutable_work()->set_artist(row["artist"]);
  note.mutable_work()->set_style(row["label"]);
  note.mutable_work()->set_public_domain(
      absl::EqualsIgnoreCase(row["is_public_domain"], "true"));
  return note;
}

// What an archive must have by the table; it is kept in a note.
Provenance NoteOfCounts(const ArtbenchCounts& counts) {
  Provenance note;
  note.set_found_by(counts.ToText());
  return note;
}

// Adds the note by which the archive's pictures find their row.
absl::Status AddRow(const Row& row, bool is_binary, ScrapeSink& sink) {
  const std::string stem = StemOf(row["name"]);
  Provenance note = NoteOfRow(row);
  if (!is_binary) return sink.AddNote(RowKey(stem), note);
  uint32_t index = 0;
  if (!absl::SimpleAtoi(row["cifar_index"], &index)) {
    return sink.Refuse("bad table row");
  }
  note.set_source_item_id(stem);
  return sink.AddNote(IndexKey(row["split"], absl::StrCat(index)), note);
}

absl::Status CheckSum(absl::string_view file, const std::string& sha256,
                      ScrapeSink& sink) {
  ASSIGN_OR_RETURN(const std::optional<Provenance> expected,
                   sink.FindNote(ChecksumKey(file)));
  if (!expected || expected->sha256() == sha256) return absl::OkStatus();
  return Malformed("wrong checksum",
                   absl::StrCat(file, " has sha256 ", sha256,
                                ", the site's list says ", expected->sha256()));
}

absl::Status RefuseMissing(const ArtbenchCounts& given, ScrapeSink& sink) {
  ASSIGN_OR_RETURN(const std::optional<Provenance> promised,
                   sink.FindNote(kCountsKey));
  if (!promised) return absl::OkStatus();
  const int64_t missing =
      ArtbenchCounts::FromText(promised->found_by()).MissingIn(given);
  for (int64_t i = 0; i < missing; ++i) {
    RETURN_IF_ERROR(sink.Refuse("missing from the archive"));
  }
  return absl::OkStatus();
}

// Artist and title are in the name, "<artist>_<title[-year]>"; the artist's own
// column is better where it is there.
void SetWork(absl::string_view stem, absl::string_view style, Work& work) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(stem, absl::MaxSplits('_', 1));
  if (work.artist().empty()) work.set_artist(parts.first);
  work.set_artist(absl::StrReplaceAll(work.artist(), {{"-", " "}}));
  work.set_title(absl::StrReplaceAll(parts.second, {{"-", " "}}));
  const int year = YearOf(parts.second);
  if (year != 0) work.set_date(absl::StrCat(year));
  work.set_style(std::string(style));
  work.set_work_key(WorkKey(work.artist(), work.title()));
}

}  // namespace

ArtbenchScraper::ArtbenchScraper(std::string base_url, ArtbenchFiles files)
    : base_(std::move(base_url) + "/files"), files_(files) {}

std::vector<WorkItem> ArtbenchScraper::Seeds() const {
  WorkItem checksums = FileItem(kChecksumsId, FETCH_KIND_PAGE);
  checksums.set_optional(true);
  WorkItem table = FileItem(kTableId, FETCH_KIND_ARCHIVE);
  if (files_ == ArtbenchFiles::kBinary) table.set_id(kBinaryTableId);
  return {checksums, table};
}

// By the item alone: what is queued may be of an earlier run.
absl::Status ArtbenchScraper::Parse(const WorkItem& item, HttpStream& response,
                                    ScrapeSink& sink) const {
  if (item.id() == kChecksumsId) return ParseChecksums(response, sink);
  if (item.id() == kTableId || item.id() == kBinaryTableId) {
    return ParseTable(item, response, sink);
  }
  return ParseArchive(item, response, sink);
}

absl::Status ArtbenchScraper::ParseChecksums(HttpStream& response,
                                             ScrapeSink& sink) const {
  ASSIGN_OR_RETURN(const std::string text, ReadAll(response, kMaxTableBytes));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" *\t\r"), absl::SkipEmpty());
    if (words.size() != 2 || !IsSha256(words[0])) continue;
    Provenance note;
    note.set_sha256(absl::AsciiStrToLower(words[0]));
    RETURN_IF_ERROR(sink.AddNote(ChecksumKey(words[1]), note));
  }
  return absl::OkStatus();
}

absl::Status ArtbenchScraper::ParseTable(const WorkItem& item,
                                         HttpStream& response,
                                         ScrapeSink& sink) const {
  const bool is_binary = item.id() == kBinaryTableId;
  ASSIGN_OR_RETURN(const std::string text, ReadAll(response, kMaxTableBytes));
  if (!IsUtf8(text)) return Malformed("not a table", "the table is not UTF-8");
  CsvReader csv(text);
  std::map<std::string, size_t> columns;
  ArtbenchCounts promised;
  size_t width = 0;
  while (true) {
    absl::StatusOr<std::optional<std::vector<std::string>>> row = csv.Next();
    if (!row.ok()) return Malformed("not a table", row.status().message());
    if (!row->has_value()) break;
    const std::vector<std::string>& fields = **row;
    if (columns.empty()) {
      width = fields.size();
      for (size_t i = 0; i < width; ++i) columns[fields[i]] = i;
      RETURN_IF_ERROR(CheckColumns(columns, is_binary));
    } else if (fields.size() != width) {
      RETURN_IF_ERROR(sink.Refuse("bad table row"));
    } else {
      const Row named(columns, fields);
      promised.Add(named["split"], named["label"]);
      RETURN_IF_ERROR(AddRow(named, is_binary, sink));
    }
  }
  if (columns.empty()) return Malformed("not a table", "it is empty");
  RETURN_IF_ERROR(sink.AddNote(kCountsKey, NoteOfCounts(promised)));
  return sink.AddItem(
      FileItem(is_binary ? kBinaryId : kTarId, FETCH_KIND_ARCHIVE));
}

absl::Status ArtbenchScraper::ParseArchive(const WorkItem& item,
                                           HttpStream& response,
                                           ScrapeSink& sink) const {
  const bool is_binary = item.id() == kBinaryId;
  HashingStream hashed(response);
  ArtbenchCounts given;
  {
    ArchiveReader archive(hashed);
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<std::string> path, archive.Next());
      if (!path) break;
      if (!is_binary) {
        ASSIGN_OR_RETURN(std::string bytes, archive.Read(kMaxImageBytes));
        RETURN_IF_ERROR(AddMember(*path, std::move(bytes), given, sink));
      } else if (PlaceOfBatch(*path)) {
        ASSIGN_OR_RETURN(const std::string batch,
                         archive.Read(kBatchPictures * kBatchPictureBytes));
        RETURN_IF_ERROR(AddBatch(*path, batch, given, sink));
      }
    }
  }
  ASSIGN_OR_RETURN(const std::string sha256, hashed.DrainAndHash());
  RETURN_IF_ERROR(CheckSum(item.id(), sha256, sink));
  return RefuseMissing(given, sink);
}

absl::Status ArtbenchScraper::AddMember(const std::string& path,
                                        std::string bytes,
                                        ArtbenchCounts& given,
                                        ScrapeSink& sink) const {
  // ".../{train,test}/<style>/<name>.jpg".
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  const std::string stem = StemOf(parts.back());
  if (parts.size() < 3 || stem.empty() || !IsUtf8(path)) {
    return absl::OkStatus();
  }
  const std::string& style = parts[parts.size() - 2];
  ASSIGN_OR_RETURN(const std::optional<Provenance> row,
                   sink.FindNote(RowKey(stem)));
  if (row) given.Add(parts[parts.size() - 3], style);
  Record record = NewRecord(row, stem, style);
  Provenance& provenance = *record.mutable_provenance();
  provenance.set_source_item_id(absl::StrCat(style, "/", stem));
  provenance.set_collection("artbench-10");
  provenance.set_page_url(absl::StrCat(base_, "/", kTarId, "#", path));
  provenance.set_found_by(kTarId);
  record.set_image(std::move(bytes));
  return sink.AddRecord(std::move(record));
}

absl::Status ArtbenchScraper::AddBatch(const std::string& path,
                                       absl::string_view batch,
                                       ArtbenchCounts& given,
                                       ScrapeSink& sink) const {
  const BatchPlace place = *PlaceOfBatch(path);
  if (batch.size() % kBatchPictureBytes != 0) {
    return Malformed("not a batch", absl::StrCat(path, " has ", batch.size(),
                                                 " bytes, not whole pictures"));
  }
  for (int64_t index = place.first; !batch.empty(); ++index) {
    const absl::string_view picture = batch.substr(0, kBatchPictureBytes);
    batch.remove_prefix(kBatchPictureBytes);
    const std::string where = IndexKey(place.split, absl::StrCat(index));
    ASSIGN_OR_RETURN(const std::optional<Provenance> row, sink.FindNote(where));
    if (!row) {
      RETURN_IF_ERROR(sink.Refuse("no row in the table"));
      continue;
    }
    const std::string& style = row->work().style();
    given.Add(place.split, style);
    const auto label = static_cast<uint8_t>(picture[0]);
    if (label >= ArtbenchStyles().size() || ArtbenchStyles()[label] != style) {
      RETURN_IF_ERROR(sink.Refuse("label differs from the table"));
      continue;
    }
    Record record = NewRecord(row, row->source_item_id(), style);
    Provenance& provenance = *record.mutable_provenance();
    provenance.set_source_item_id(where);
    provenance.set_collection(kArtbenchBinaryCollection);
    provenance.set_page_url(
        absl::StrCat(base_, "/", kBinaryId, "#", path, "/", index));
    provenance.set_found_by(kBinaryId);
    ASSIGN_OR_RETURN(*record.mutable_image(), PngOfBatchPicture(picture));
    RETURN_IF_ERROR(sink.AddRecord(std::move(record)));
  }
  return absl::OkStatus();
}

// What all of ArtBench's records say, whatever archive they come from.
Record ArtbenchScraper::NewRecord(const std::optional<Provenance>& row,
                                  absl::string_view stem,
                                  absl::string_view style) const {
  Record record;
  Provenance& provenance = *record.mutable_provenance();
  if (row) provenance = *row;
  provenance.set_label(LABEL_HUMAN);
  provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  SetWork(stem, style, *provenance.mutable_work());
  provenance.set_licence(
      "fair use, as WikiArt, Ukiyo-e.org and The Surrealism Website ask");
  provenance.set_terms_url("https://github.com/liaopeiyuan/artbench");
  return record;
}

const std::vector<std::string>& ArtbenchStyles() {
  static const auto* const styles = new std::vector<std::string>{
      "art_nouveau",        "baroque", "expressionism", "impressionism",
      "post_impressionism", "realism", "renaissance",   "romanticism",
      "surrealism",         "ukiyo_e",
  };
  return *styles;
}

std::string StyleInWords(absl::string_view style) {
  const std::vector<std::string>& styles = ArtbenchStyles();
  if (std::find(styles.begin(), styles.end(), style) == styles.end()) return "";
  if (style == "post_impressionism" || style == "ukiyo_e") {
    return absl::StrReplaceAll(style, {{"_", "-"}});
  }
  return absl::StrReplaceAll(style, {{"_", " "}});
}

}  // namespace verso
