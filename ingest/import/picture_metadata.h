#ifndef VERSO_INGEST_IMPORT_PICTURE_METADATA_H_
#define VERSO_INGEST_IMPORT_PICTURE_METADATA_H_

#include <re2/re2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ingest/import/provenance_field.h"
#include "proto/import_recipe.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// A recipe's `metadata`, ready for use. Thread-compatible.
class MetadataRules {
 public:
  // One of them. `from` -> where it goes and which values are right.
  struct Rule {
    struct Field {
      ProvenanceField to;
      std::map<std::string, std::string> values;  // Empty: any.
    };
    std::unique_ptr<RE2> file;
    MetadataForm form;
    std::string name_field;
    std::multimap<std::string, Field> fields;
  };

  // kInvalidArgument names the field: "metadata[0].field[2].to ...".
  static absl::StatusOr<MetadataRules> Compile(const ImportRecipe& recipe);

  // How to read the file of this path; null: it is none of the metadata.
  const Rule* Find(const std::string& path) const;
  // The first one that reads a table (TABLE or BY_NAME); null: there is none.
  const Rule* FirstTable() const;

 private:
  std::vector<Rule> rules_;
};

// What is known of one picture beside its path.
struct KnownOfPicture {
  Provenance provenance;
  // The JSON that Verso keeps beside each picture of its shards said it: it
  // holds alone, once the picture's sha256 is found to be the one it names.
  bool is_record = false;
};

// What the tables and sidecars of a set say, by the paths of pictures. Not
// thread-safe.
class PictureMetadata {
 public:
  // Names in the file are taken from `folder` on ("" or ending in "/").
  // kInvalidArgument names the file, the line or the picture, and what is
  // wrong. Sidecars are only kept, and read by Find().
  absl::Status Add(const MetadataRules::Rule& rule, const std::string& path,
                   const std::string& folder, std::string bytes);

  // That the set has a picture of this path.
  void MarkListed(const std::string& path);

  // Pictures that tables speak of and the set has not, by table: sentences.
  // `count` is how many there are. kInvalidArgument: a table speaks of pictures
  // and the set has none of them; it surely means other paths.
  absl::StatusOr<std::vector<std::string>> FindAbsent(int64_t& count) const;

  // Adds what is known of the picture to `known`. kInvalidArgument: a sidecar
  // of it cannot be read.
  absl::Status Find(const std::string& path, KnownOfPicture& known) const;

  bool has_tables() const { return !tables_.empty(); }

 private:
  struct Row {
    Provenance provenance;
    size_t table;
    bool listed = false;
  };
  struct Sidecar {
    const MetadataRules::Rule* rule;
    std::string path;
    std::string text;
  };

  absl::Status AddRow(const std::string& name, Provenance provenance);
  absl::Status AddCsv(const MetadataRules::Rule& rule, absl::string_view text);
  absl::Status AddJsonLines(const MetadataRules::Rule& rule,
                            absl::string_view text);
  absl::Status AddJson(const MetadataRules::Rule& rule, absl::string_view text);

  std::string folder_;               // Of the table that is being read.
  std::vector<std::string> tables_;  // Paths.
  std::map<std::string, Row> rows_;  // By the picture's path.
  std::map<std::string, std::vector<Sidecar>> sidecars_;  // By path and stem.
};

// "a/b" of "a/b.jpg"; the whole of a name without a dot.
absl::string_view StemOf(absl::string_view path);

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_PICTURE_METADATA_H_
