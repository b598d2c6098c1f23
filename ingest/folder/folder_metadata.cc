#include "ingest/folder/folder_metadata.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/csv.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "ingest/text_encoding.h"
#include "ingest/work_key.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

constexpr char kFileName[] = "file_name";
constexpr int64_t kMaxBytes = int64_t{256} << 20;

using Setter = std::function<void(Provenance&, const std::string&)>;

// A setter of a text field of Provenance, or of a message in it.
Setter Text(void (*set)(Provenance&, const std::string&)) { return set; }

const std::map<std::string, Setter>& Setters() {
  using P = Provenance;
  using S = const std::string&;
  static const auto& setters = *new std::map<std::string, Setter>{
      {"collection", Text([](P& p, S v) { p.set_collection(v); })},
      {"page_url", Text([](P& p, S v) { p.set_page_url(v); })},
      {"image_url", Text([](P& p, S v) { p.set_image_url(v); })},
      {"found_by", Text([](P& p, S v) { p.set_found_by(v); })},
      {"licence", Text([](P& p, S v) { p.set_licence(v); })},
      {"terms_url", Text([](P& p, S v) { p.set_terms_url(v); })},
      {"title", Text([](P& p, S v) { p.mutable_work()->set_title(v); })},
      {"artist", Text([](P& p, S v) { p.mutable_work()->set_artist(v); })},
      {"date", Text([](P& p, S v) { p.mutable_work()->set_date(v); })},
      {"style", Text([](P& p, S v) { p.mutable_work()->set_style(v); })},
      {"school", Text([](P& p, S v) { p.mutable_work()->set_school(v); })},
      {"work", Text([](P& p, S v) { p.mutable_work()->set_work_key(v); })},
      {"family", Text([](P& p, S v) { p.mutable_generator()->set_family(v); })},
      {"generator",
       Text([](P& p, S v) { p.mutable_generator()->set_name(v); })},
      {"version",
       Text([](P& p, S v) { p.mutable_generator()->set_version(v); })},
      {"prompt", Text([](P& p, S v) { p.mutable_generator()->set_prompt(v); })},
      {"seed", Text([](P& p, S v) { p.mutable_generator()->set_seed(v); })},
  };
  return setters;
}

// What one row says. kInvalidArgument: the cause alone.
absl::StatusOr<Provenance> ReadRow(const std::vector<std::string>& header,
                                   const std::vector<std::string>& row) {
  if (row.size() != header.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", row.size(), " fields, the header ", header.size()));
  }
  Provenance provenance;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i].empty()) continue;
    if (header[i] == "label") {
      ASSIGN_OR_RETURN(const Label label, LabelOfName(row[i]));
      provenance.set_label(label);
      provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
    } else if (const auto it = Setters().find(header[i]);
               it != Setters().end()) {
      it->second(provenance, row[i]);
    }
  }
  Work& work = *provenance.mutable_work();
  if (work.work_key().empty()) {
    work.set_work_key(WorkKey(work.artist(), work.title()));
  }
  return provenance;
}

}  // namespace

absl::StatusOr<FolderMetadata> ParseFolderMetadata(absl::string_view csv,
                                                   absl::string_view file) {
  if (!IsUtf8(csv)) {
    return absl::InvalidArgumentError(absl::StrCat(file, " is not UTF-8"));
  }
  FolderMetadata metadata;
  CsvReader reader(csv);
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " line ", reader.line(), ": ", what));
  };
  std::vector<std::string> header;
  size_t name_column = 0;
  while (true) {
    const auto row = reader.Next();
    if (!row.ok()) return wrong(row.status().message());
    if (!row->has_value()) break;
    if (header.empty()) {
      header = **row;
      const auto name = std::find(header.begin(), header.end(), kFileName);
      if (name == header.end()) {
        return wrong(absl::StrCat("there is no column ", kFileName,
                                  "; there are ", absl::StrJoin(header, ", ")));
      }
      name_column = static_cast<size_t>(name - header.begin());
      continue;
    }
    absl::StatusOr<Provenance> provenance = ReadRow(header, **row);
    if (!provenance.ok()) return wrong(provenance.status().message());
    if (!metadata.emplace((**row)[name_column], *std::move(provenance))
             .second) {
      return wrong(absl::StrCat((**row)[name_column], " has a row already"));
    }
  }
  return metadata;
}

absl::StatusOr<FolderMetadata> ReadFolderMetadata(
    const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "metadata.csv";
  const absl::StatusOr<std::string> csv = ReadFile(path, kMaxBytes);
  if (absl::IsNotFound(csv.status())) return FolderMetadata();
  RETURN_IF_ERROR(csv.status());
  return ParseFolderMetadata(*csv, path.string());
}

}  // namespace verso
