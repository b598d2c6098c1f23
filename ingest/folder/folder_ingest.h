#ifndef VERSO_INGEST_FOLDER_FOLDER_INGEST_H_
#define VERSO_INGEST_FOLDER_FOLDER_INGEST_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ingest/ingest.h"
#include "proto/provenance.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

struct FolderOptions {
  std::filesystem::path folder;
  std::string source;  // The user's own name: letters, digits, "-" and "_".
  // Of pictures that metadata.csv does not label.
  Label label = LABEL_UNKNOWN;
  std::string frontier;  // A directory or a server: OpenFrontier().
};

// kInvalidArgument: the source's name is empty, has other characters or is that
// of a site; there is no such folder; or its metadata.csv is wrong (the line is
// named), or speaks of files that are not there.
absl::Status CheckFolder(const FolderOptions& options);

// Puts the pictures of a folder and of those below it into `store`, by the
// order of their paths, each with what metadata.csv says of it
// (folder_metadata.h). The item id is the path inside the folder; one that was
// taken in an earlier run is not read again. Files that do not end in .jpg,
// .jpeg, .png, .webp or .gif, hidden ones and symbolic links are left alone.
// Shows progress on stderr.
// kInvalidArgument as CheckFolder(). kNotFound: there is no picture.
// kCancelled: the process was asked to stop; what was taken is kept. Else
// errors of OpenFrontier() and of the store.
absl::StatusOr<SourceResult> IngestFolder(const FolderOptions& options,
                                          ShardStore& store);

}  // namespace verso

#endif  // VERSO_INGEST_FOLDER_FOLDER_INGEST_H_
