#ifndef VERSO_SHARDSTORE_SAMPLE_TABLE_H_
#define VERSO_SHARDSTORE_SAMPLE_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// One row of a snapshot's samples.csv: what is known of a sample. The row
// number is Sample::index.
struct SampleRow {
  std::string sample_id;  // The record's id: 32 hex digits.
  std::string source;
  std::string collection;
  Label label = LABEL_UNKNOWN;
  Split split = SPLIT_UNSPECIFIED;
  bool held_out = false;
  std::string work;       // Never crosses a split.
  std::string family;     // Generator's; empty for human.
  std::string generator;  // Generator's name; empty for human.
  std::string style;
  std::string title;
  std::string artist;
  std::string page_url;
  std::string image_url;
  std::string sha256;  // Of the original bytes.
  // Traits of the original file (the shortcut audit's input).
  std::string format;
  int64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  int jpeg_quality = 0;
  std::string chroma_subsampling;
  // Side of the prepared picture / side of the original; 1 = untouched.
  double scale = 1;
  std::string stand_in;
};

// "human", "generated", "mixed" or "unknown", as in every table of Verso.
absl::string_view LabelName(Label label);
// kInvalidArgument: not one of these names; lists them.
absl::StatusOr<Label> LabelOfName(absl::string_view name);

// "train", "validation" or "test"; empty when unspecified.
absl::string_view SplitName(Split split);

// RFC 4180 with a header line; SampleRow's fields by their names.
std::string SamplesToCsv(const std::vector<SampleRow>& rows);

// kDataLoss: not such a CSV, or a column is missing; the line is named. Unknown
// columns are ignored.
absl::StatusOr<std::vector<SampleRow>> SamplesFromCsv(absl::string_view csv);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SAMPLE_TABLE_H_
