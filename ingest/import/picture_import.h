#ifndef VERSO_INGEST_IMPORT_PICTURE_IMPORT_H_
#define VERSO_INGEST_IMPORT_PICTURE_IMPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/decode_limits.h"
#include "ingest/ingest.h"
#include "proto/provenance.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

struct ImportOptions {
  std::vector<std::string> paths;  // picture_set.h.
  std::string recipe = "plain";    // import_recipe.h.
  // A table beside the set, or empty. Its names are paths inside the set, of a
  // single archive those inside it.
  std::string metadata;
  // The user's own name; empty: the recipe's, else the set's.
  std::string source;
  // Of pictures that neither recipe nor tables label.
  Label label = LABEL_UNKNOWN;
  int64_t limit = 0;  // Records over all runs; 0: all there are.
  // Larger pictures are refused (see LimitsForPixels()).
  int64_t max_pixels = DecodeLimits().max_pixels;
  std::string frontier;  // A directory or a server: OpenFrontier().
};

// Pictures that lie on this machine as a source. Not thread-safe.
class PictureImport {
 public:
  // Finds the set, its recipe and the tables beside it; nothing is stored.
  // kInvalidArgument: an option, the recipe or a table is wrong, the source has
  // a site's name, or a table speaks of none of the set's pictures. kNotFound:
  // no such recipe or file. Else as reading fails. Pictures that a table speaks
  // of and that are not there are said on stderr and counted by Run().
  static absl::StatusOr<std::unique_ptr<PictureImport>> Prepare(
      const ImportOptions& options);
  virtual ~PictureImport() = default;

  // Puts the pictures into `store`, by the order of their paths in a folder and
  // as an archive has them, each with what the recipe makes of its path and of
  // the tables. The item id is the path inside the set; one that was taken in
  // an earlier run is not read again. Pictures that the JSON of another Verso
  // store accompanies keep their whole provenance, source included. Archives
  // are never unpacked to disk nor held in memory. Shows progress on stderr.
  // Nothing is taken of an archive that is cut short, encrypted or none; the
  // others are, and the first such one is in the result's status.
  // kNotFound: there is no picture. kCancelled (in the result): the process was
  // asked to stop; what was taken is kept. Else errors of OpenFrontier() and of
  // the store.
  virtual absl::StatusOr<SourceResult> Run(ShardStore& store) = 0;
};

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_PICTURE_IMPORT_H_
