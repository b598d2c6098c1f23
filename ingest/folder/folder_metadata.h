#ifndef VERSO_INGEST_FOLDER_FOLDER_METADATA_H_
#define VERSO_INGEST_FOLDER_FOLDER_METADATA_H_

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// What is known of pictures, by the path of their file inside the folder.
using FolderMetadata = std::map<std::string, Provenance>;

// Reads a table with a header line, as Hugging Face's ImageFolder takes it: the
// column file_name names the picture, and of these columns those that are there
// tell of it: label (human, generated, mixed, unknown), collection, title,
// artist, date, style, school, work, family, generator, version, prompt, seed,
// page_url, image_url, found_by, licence, terms_url. Others are ignored; an
// empty field says nothing. Without `work`, artist and title make the work.
// kInvalidArgument names `file`, the line and what is wrong with it.
absl::StatusOr<FolderMetadata> ParseFolderMetadata(absl::string_view csv,
                                                   absl::string_view file);

// metadata.csv in `folder`; empty when there is none.
absl::StatusOr<FolderMetadata> ReadFolderMetadata(
    const std::filesystem::path& folder);

}  // namespace verso

#endif  // VERSO_INGEST_FOLDER_FOLDER_METADATA_H_
