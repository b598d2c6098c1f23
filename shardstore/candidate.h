#ifndef VERSO_SHARDSTORE_CANDIDATE_H_
#define VERSO_SHARDSTORE_CANDIDATE_H_

#include <cstdint>
#include <string>

namespace verso {

// What the choice of records and splits needs to know of a stored record: a
// small part of its provenance, so that a whole collection fits in memory.
struct Candidate {
  std::string id;  // The record's.
  int source = 0;  // Index in DatasetRecipe::source.
  std::string work_key;
  std::string parent;
  std::string perceptual_hash;
  std::string style;
  int short_side = 0;  // Pixels; 0 = unknown.
  int64_t size_bytes = 0;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_CANDIDATE_H_
