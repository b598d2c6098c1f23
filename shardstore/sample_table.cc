#include "shardstore/sample_table.h"

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr std::pair<Label, const char*> kLabels[] = {
    {LABEL_UNKNOWN, "unknown"},
    {LABEL_HUMAN, "human"},
    {LABEL_GENERATED, "generated"},
    {LABEL_MIXED, "mixed"},
};

constexpr std::pair<Split, const char*> kSplits[] = {
    {SPLIT_UNSPECIFIED, ""},
    {SPLIT_TRAIN, "train"},
    {SPLIT_VALIDATION, "validation"},
    {SPLIT_TEST, "test"},
};

std::string ToText(const std::string& value) { return value; }
std::string ToText(int64_t value) { return absl::StrCat(value); }
std::string ToText(int value) { return absl::StrCat(value); }
std::string ToText(bool value) { return value ? "1" : "0"; }
std::string ToText(Label value) { return std::string(LabelName(value)); }
std::string ToText(Split value) { return std::string(SplitName(value)); }
std::string ToText(double value) {  // The shortest text that reads back equal.
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end.ptr);
}

bool FromText(const std::string& text, std::string& value) {
  value = text;
  return true;
}
bool FromText(const std::string& text, int64_t& value) {
  return absl::SimpleAtoi(text, &value);
}
bool FromText(const std::string& text, int& value) {
  return absl::SimpleAtoi(text, &value);
}
bool FromText(const std::string& text, double& value) {
  return absl::SimpleAtod(text, &value);
}
bool FromText(const std::string& text, bool& value) {
  value = text == "1";
  return text == "1" || text == "0";
}
bool FromText(const std::string& text, Label& value) {
  const absl::StatusOr<Label> label = LabelOfName(text);
  if (label.ok()) value = *label;
  return label.ok();
}
bool FromText(const std::string& text, Split& value) {
  for (const auto& [split, name] : kSplits) {
    if (text != name) continue;
    value = split;
    return true;
  }
  return false;
}

// The one list of columns: calls `visit(name, field)` for each, in order.
template <typename Row, typename Visitor>
void ForEachColumn(Row& row, Visitor visit) {
  visit("sample_id", row.sample_id);
  visit("source", row.source);
  visit("collection", row.collection);
  visit("label", row.label);
  visit("split", row.split);
  visit("held_out", row.held_out);
  visit("work", row.work);
  visit("family", row.family);
  visit("generator", row.generator);
  visit("style", row.style);
  visit("title", row.title);
  visit("artist", row.artist);
  visit("page_url", row.page_url);
  visit("image_url", row.image_url);
  visit("sha256", row.sha256);
  visit("format", row.format);
  visit("size_bytes", row.size_bytes);
  visit("width", row.width);
  visit("height", row.height);
  visit("jpeg_quality", row.jpeg_quality);
  visit("chroma_subsampling", row.chroma_subsampling);
  visit("scale", row.scale);
  visit("stand_in", row.stand_in);
}

using Columns = std::map<std::string, size_t>;

absl::StatusOr<Columns> ParseHeader(CsvReader& reader) {
  ASSIGN_OR_RETURN(const auto header, reader.Next());
  if (!header.has_value()) {
    return absl::DataLossError("samples.csv is empty");
  }
  Columns columns;
  for (size_t i = 0; i < header->size(); ++i) columns[(*header)[i]] = i;
  absl::Status status;
  SampleRow row;
  ForEachColumn(row, [&](const char* name, auto&) {
    if (status.ok() && !columns.contains(name)) {
      status =
          absl::DataLossError(absl::StrCat("samples.csv has no column ", name));
    }
  });
  RETURN_IF_ERROR(status);
  return columns;
}

absl::StatusOr<SampleRow> ParseRow(const std::vector<std::string>& fields,
                                   const Columns& columns, int64_t line) {
  if (fields.size() != columns.size()) {
    return absl::DataLossError(absl::StrCat("samples.csv line ", line, " has ",
                                            fields.size(), " fields, not ",
                                            columns.size()));
  }
  SampleRow row;
  absl::Status status;
  ForEachColumn(row, [&](const char* name, auto& field) {
    if (status.ok() && !FromText(fields[columns.at(name)], field)) {
      status = absl::DataLossError(
          absl::StrCat("samples.csv line ", line, ": ", name, " is malformed"));
    }
  });
  RETURN_IF_ERROR(status);
  return row;
}

}  // namespace

absl::string_view LabelName(Label label) {
  for (const auto& [value, name] : kLabels) {
    if (value == label) return name;
  }
  return "unknown";
}

absl::StatusOr<Label> LabelOfName(absl::string_view name) {
  for (const auto& [value, known] : kLabels) {
    if (known == name) return value;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name,
                   "' is no label; there are human, generated, mixed and "
                   "unknown"));
}

absl::string_view SplitName(Split split) {
  for (const auto& [value, name] : kSplits) {
    if (value == split) return name;
  }
  return "";
}

std::string SamplesToCsv(const std::vector<SampleRow>& rows) {
  std::string csv;
  std::vector<std::string> fields;
  const SampleRow names;
  ForEachColumn(names,
                [&](const char* name, const auto&) { fields.push_back(name); });
  AppendCsvRow(fields, csv);
  for (const SampleRow& row : rows) {
    fields.clear();
    ForEachColumn(row, [&](const char*, const auto& field) {
      fields.push_back(ToText(field));
    });
    AppendCsvRow(fields, csv);
  }
  return csv;
}

absl::StatusOr<std::vector<SampleRow>> SamplesFromCsv(absl::string_view csv) {
  CsvReader reader(csv);
  ASSIGN_OR_RETURN(const Columns columns, ParseHeader(reader));
  std::vector<SampleRow> rows;
  while (true) {
    ASSIGN_OR_RETURN(const auto fields, reader.Next());
    if (!fields.has_value()) return rows;
    ASSIGN_OR_RETURN(SampleRow row, ParseRow(*fields, columns, reader.line()));
    rows.push_back(std::move(row));
  }
}

}  // namespace verso
