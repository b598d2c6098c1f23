#include "ingest/import/picture_metadata.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "ingest/import/path_rules.h"
#include "ingest/text_encoding.h"
#include "shardstore/provenance_json.h"

namespace verso {
namespace {

using nlohmann::json;
using Rule = MetadataRules::Rule;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

bool EndsIn(absl::string_view path, absl::string_view ending) {
  return absl::EndsWithIgnoreCase(path, ending);
}

// Puts one value where the rule says. kInvalidArgument: it is a wrong one.
absl::Status SetField(const Rule& rule, const std::string& from,
                      const std::string& text, Provenance& provenance) {
  if (text.empty()) return absl::OkStatus();
  const auto [begin, end] = rule.fields.equal_range(from);
  for (auto it = begin; it != end; ++it) {
    const Rule::Field& field = it->second;
    const auto value = field.values.find(text);
    if (!field.values.empty() && value == field.values.end()) {
      return Wrong(absl::StrCat(from, ": '", text,
                                "' is none of the recipe's values for it"));
    }
    const absl::Status set =
        field.to.Set(field.values.empty() ? text : value->second, provenance);
    if (!set.ok()) return Wrong(absl::StrCat(from, ": ", set.message()));
  }
  return absl::OkStatus();
}

// Members of a JSON object as fields; lists and objects say nothing.
absl::StatusOr<Provenance> ReadFields(const Rule& rule, const json& object) {
  if (!object.is_object()) return Wrong("it is no JSON object");
  Provenance provenance;
  for (const auto& [name, value] : object.items()) {
    if (value.is_null() || value.is_structured()) continue;
    RETURN_IF_ERROR(SetField(
        rule, name, value.is_string() ? value.get<std::string>() : value.dump(),
        provenance));
  }
  return provenance;
}

// Nothing is thrown, and strings that are not UTF-8 are refused.
absl::StatusOr<json> ParseJson(absl::string_view text) {
  json value = json::parse(text.begin(), text.end(), nullptr,
                           /*allow_exceptions=*/false);
  if (value.is_discarded()) return Wrong("it is not JSON");
  return value;
}

absl::StatusOr<std::string> NameIn(const Rule& rule, const json& row) {
  if (!row.is_object()) return Wrong("it is no JSON object");
  const auto name = row.find(rule.name_field);
  if (name == row.end() || !name->is_string()) {
    return Wrong(absl::StrCat("it has no text \"", rule.name_field, "\""));
  }
  return name->get<std::string>();
}

absl::StatusOr<std::multimap<std::string, Rule::Field>> CompileFields(
    const google::protobuf::RepeatedPtrField<FieldRule>& fields,
    const std::string& where) {
  std::multimap<std::string, Rule::Field> compiled;
  for (int i = 0; i < fields.size(); ++i) {
    const std::string name = absl::StrCat(where, "field[", i, "]");
    if (fields[i].from().empty()) {
      return Wrong(absl::StrCat(name, ".from is missing"));
    }
    absl::StatusOr<ProvenanceField> to = ProvenanceField::Find(fields[i].to());
    if (!to.ok()) {
      return Wrong(absl::StrCat(name, ".to: ", to.status().message()));
    }
    Rule::Field field{.to = *std::move(to)};
    for (const ValueRule& value : fields[i].value()) {
      Provenance scratch;
      const absl::Status means = field.to.Set(value.means(), scratch);
      if (!means.ok()) {
        return Wrong(absl::StrCat(name, ".value: ", means.message()));
      }
      field.values[value.is()] = value.means();
    }
    compiled.emplace(fields[i].from(), std::move(field));
  }
  return compiled;
}

// What a sidecar says that is none of Verso's own.
absl::StatusOr<Provenance> ReadSidecar(const Rule& rule,
                                       const std::string& path,
                                       const std::string& text) {
  if (EndsIn(path, ".json")) {
    ASSIGN_OR_RETURN(const json value, ParseJson(text));
    return ReadFields(rule, value);
  }
  if (!IsUtf8(text)) return Wrong("it is not UTF-8");
  Provenance provenance;
  RETURN_IF_ERROR(SetField(
      rule, "text", std::string(absl::StripAsciiWhitespace(text)), provenance));
  return provenance;
}

// The provenance that Verso wrote, if `text` is that (shardstore/FORMAT.md: all
// fields are always there); nullopt: another JSON.
std::optional<Provenance> ReadVersoRecord(const std::string& text) {
  for (const char* name : {"\"sha256\":", "\"source_item_id\":",
                           "\"label_evidence\":", "\"worker_version\":"}) {
    if (!absl::StrContains(text, name)) return std::nullopt;
  }
  absl::StatusOr<Provenance> record = ProvenanceFromJson(text);
  if (!record.ok() || record->sha256().size() != 64) return std::nullopt;
  return *std::move(record);
}

}  // namespace

absl::string_view StemOf(absl::string_view path) {
  const size_t dot = path.rfind('.');
  const size_t slash = path.rfind('/');
  const bool has_ending =
      dot != path.npos && (slash == path.npos || dot > slash);
  return has_ending ? path.substr(0, dot) : path;
}

absl::StatusOr<MetadataRules> MetadataRules::Compile(
    const ImportRecipe& recipe) {
  MetadataRules compiled;
  ASSIGN_OR_RETURN(const auto shared, CompileFields(recipe.field(), ""));
  for (int i = 0; i < recipe.metadata_size(); ++i) {
    const MetadataRule& metadata = recipe.metadata(i);
    const std::string name = absl::StrCat("metadata[", i, "].");
    Rule& rule = compiled.rules_.emplace_back();
    ASSIGN_OR_RETURN(rule.file, CompilePattern(metadata.file(), name + "file"));
    rule.form = metadata.form();
    if (rule.form == METADATA_FORM_UNSPECIFIED ||
        !MetadataForm_IsValid(rule.form)) {
      return Wrong(name + "form is missing: TABLE, BY_NAME or SIDECAR");
    }
    rule.name_field =
        metadata.name_field().empty() ? "file_name" : metadata.name_field();
    ASSIGN_OR_RETURN(rule.fields, CompileFields(metadata.field(), name));
    if (rule.fields.empty()) rule.fields = shared;
    if (rule.fields.empty()) {
      return Wrong(name + "field is missing, and the recipe has none either");
    }
  }
  return compiled;
}

const Rule* MetadataRules::Find(const std::string& path) const {
  for (const Rule& rule : rules_) {
    if (RE2::FullMatch(path, *rule.file)) return &rule;
  }
  return nullptr;
}

const Rule* MetadataRules::FirstTable() const {
  for (const Rule& rule : rules_) {
    if (rule.form != SIDECAR) return &rule;
  }
  return nullptr;
}

absl::Status PictureMetadata::Add(const Rule& rule, const std::string& path,
                                  const std::string& folder,
                                  std::string bytes) {
  if (rule.form == SIDECAR) {
    sidecars_[std::string(StemOf(path))].push_back(
        {&rule, path, std::move(bytes)});
    return absl::OkStatus();
  }
  folder_ = folder;
  tables_.push_back(path);
  absl::Status added;
  if (EndsIn(path, ".json")) {
    added = AddJson(rule, bytes);
  } else if (rule.form == TABLE && EndsIn(path, ".csv")) {
    added = AddCsv(rule, bytes);
  } else if (rule.form == TABLE && EndsIn(path, ".jsonl")) {
    added = AddJsonLines(rule, bytes);
  } else {
    added = Wrong(rule.form == TABLE ? ": must end in .csv, .jsonl or .json"
                                     : ": must end in .json");
  }
  if (added.ok()) return added;
  return Wrong(absl::StrCat(path, added.message()));
}

absl::Status PictureMetadata::AddRow(const std::string& name,
                                     Provenance provenance) {
  const std::string path = absl::StrCat(folder_, absl::StripPrefix(name, "./"));
  const size_t table = tables_.size() - 1;
  const auto [it, is_new] = rows_.emplace(path, Row{.table = table});
  if (!is_new && it->second.table == table) {
    return Wrong(absl::StrCat(name, " has a row already"));
  }
  it->second.table = table;
  MergeProvenance(provenance, it->second.provenance);
  return absl::OkStatus();
}

absl::Status PictureMetadata::AddCsv(const Rule& rule, absl::string_view text) {
  if (!IsUtf8(text)) return Wrong(": it is not UTF-8");
  CsvReader reader(text);
  const auto wrong = [&](absl::string_view what) {
    return Wrong(absl::StrCat(" line ", reader.line(), ": ", what));
  };
  std::vector<std::string> header;
  size_t name_column = 0;
  while (true) {
    const auto row = reader.Next();
    if (!row.ok()) return wrong(row.status().message());
    if (!row->has_value()) return absl::OkStatus();
    if (header.empty()) {
      header = **row;
      const auto name =
          std::find(header.begin(), header.end(), rule.name_field);
      if (name == header.end()) {
        return wrong(absl::StrCat("there is no column ", rule.name_field,
                                  "; there are ", absl::StrJoin(header, ", ")));
      }
      name_column = static_cast<size_t>(name - header.begin());
      continue;
    }
    if ((**row).size() != header.size()) {
      return wrong(absl::StrCat("it has ", (**row).size(),
                                " fields, the header ", header.size()));
    }
    Provenance provenance;
    absl::Status status;
    for (size_t i = 0; i < header.size(); ++i) {
      status.Update(SetField(rule, header[i], (**row)[i], provenance));
    }
    status.Update(AddRow((**row)[name_column], std::move(provenance)));
    if (!status.ok()) return wrong(status.message());
  }
}

absl::Status PictureMetadata::AddJsonLines(const Rule& rule,
                                           absl::string_view text) {
  const auto add = [&](absl::string_view line) -> absl::Status {
    ASSIGN_OR_RETURN(const json row, ParseJson(line));
    ASSIGN_OR_RETURN(const std::string name, NameIn(rule, row));
    ASSIGN_OR_RETURN(Provenance provenance, ReadFields(rule, row));
    return AddRow(name, std::move(provenance));
  };
  int64_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const absl::Status added = add(line);
    if (!added.ok()) {
      return Wrong(absl::StrCat(" line ", number, ": ", added.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status PictureMetadata::AddJson(const Rule& rule,
                                      absl::string_view text) {
  const absl::StatusOr<json> file = ParseJson(text);
  if (!file.ok()) return Wrong(": it is not JSON");
  const bool by_name = rule.form == BY_NAME;
  if (by_name ? !file->is_object() : !file->is_array()) {
    return Wrong(by_name ? ": it is no JSON object of pictures by their names"
                         : ": it is no JSON array of objects");
  }
  const auto add = [&](const std::string& key, const json& row) {
    absl::StatusOr<std::string> name = key;
    if (!by_name) name = NameIn(rule, row);
    RETURN_IF_ERROR(name.status());
    ASSIGN_OR_RETURN(Provenance provenance, ReadFields(rule, row));
    return AddRow(*name, std::move(provenance));
  };
  for (const auto& [key, row] : file->items()) {
    const absl::Status added = add(key, row);
    if (added.ok()) continue;
    return Wrong(by_name ? absl::StrCat(" at \"", key, "\": ", added.message())
                         : absl::StrCat(" [", key, "]: ", added.message()));
  }
  return absl::OkStatus();
}

void PictureMetadata::MarkListed(const std::string& path) {
  const auto row = rows_.find(path);
  if (row != rows_.end()) row->second.listed = true;
}

absl::StatusOr<std::vector<std::string>> PictureMetadata::FindAbsent(
    int64_t& count) const {
  struct Sum {
    int64_t rows = 0;
    int64_t absent = 0;
    std::string first;
  };
  std::vector<Sum> sums(tables_.size());
  count = 0;
  for (const auto& [path, row] : rows_) {
    Sum& sum = sums[row.table];
    ++sum.rows;
    if (row.listed) continue;
    if (++sum.absent == 1) sum.first = path;
    ++count;
  }
  std::vector<std::string> sentences;
  for (size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].absent == 0) continue;
    if (sums[i].absent == sums[i].rows) {
      return Wrong(
          absl::StrCat(tables_[i], " speaks of ", sums[i].first,
                       ", which is not there, and of no picture that "
                       "is; names in it are taken from its folder on"));
    }
    sentences.push_back(absl::StrCat(tables_[i], " speaks of ", sums[i].absent,
                                     " pictures that are not there, such as ",
                                     sums[i].first));
  }
  return sentences;
}

absl::Status PictureMetadata::Find(const std::string& path,
                                   KnownOfPicture& known) const {
  const auto row = rows_.find(path);
  if (row != rows_.end()) {
    MergeProvenance(row->second.provenance, known.provenance);
  }
  const auto sidecars = sidecars_.find(std::string(StemOf(path)));
  if (sidecars == sidecars_.end()) return absl::OkStatus();
  for (const Sidecar& sidecar : sidecars->second) {
    if (std::optional<Provenance> record = ReadVersoRecord(sidecar.text)) {
      known = {.provenance = *std::move(record), .is_record = true};
      return absl::OkStatus();
    }
    absl::StatusOr<Provenance> said =
        ReadSidecar(*sidecar.rule, sidecar.path, sidecar.text);
    if (!said.ok()) {
      return Wrong(absl::StrCat(sidecar.path, ": ", said.status().message()));
    }
    MergeProvenance(*said, known.provenance);
  }
  return absl::OkStatus();
}

}  // namespace verso
