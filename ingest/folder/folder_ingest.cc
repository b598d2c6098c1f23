#include "ingest/folder/folder_ingest.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "ingest/folder/folder_metadata.h"
#include "ingest/frontier/frontier.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/group_appender.h"
#include "ingest/item_sink.h"
#include "ingest/run_counts.h"
#include "ingest/text_encoding.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxImageBytes = 32 << 20;

bool IsPicture(const fs::path& path) {
  static const auto& endings =
      *new std::set<std::string>{".jpg", ".jpeg", ".png", ".webp", ".gif"};
  const std::string name = path.filename().string();
  return name[0] != '.' &&
         endings.contains(absl::AsciiStrToLower(path.extension().string()));
}

// Paths inside the folder, ascending.
absl::StatusOr<std::vector<std::string>> ListPictures(const fs::path& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    if (it->path().filename().string()[0] == '.' && it->is_directory(error)) {
      it.disable_recursion_pending();
    } else if (it->symlink_status(error).type() == fs::file_type::regular &&
               IsPicture(it->path())) {
      paths.push_back(it->path().lexically_relative(folder).string());
    }
  }
  if (error) return ErrnoStatus("list", folder, error.value());
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::Status CheckSourceName(const std::string& source) {
  const auto is_plain = [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  };
  if (source.empty() || source.size() > 64 ||
      !std::all_of(source.begin(), source.end(), is_plain)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--source=", source,
                     " must be a name of letters, digits, \"-\" and \"_\""));
  }
  const std::vector<std::string>& sites = SourceNames();
  if (source == "twin" ||
      std::find(sites.begin(), sites.end(), source) != sites.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--source=", source,
                     " is a site's name; give your own pictures another"));
  }
  return absl::OkStatus();
}

absl::Status CheckNamedFiles(const FolderOptions& options,
                             const FolderMetadata& metadata) {
  for (const auto& [name, unused] : metadata) {
    std::error_code ignored;
    if (fs::is_regular_file(options.folder / name, ignored)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat((options.folder / "metadata.csv").string(), " speaks of ",
                     name, ", which is not there"));
  }
  return absl::OkStatus();
}

// One picture on its way to the store.
Record MakeRecord(const FolderOptions& options, const FolderMetadata& metadata,
                  const std::string& path, std::string bytes) {
  Record record;
  Provenance& provenance = *record.mutable_provenance();
  const auto known = metadata.find(path);
  if (known != metadata.end()) provenance = known->second;
  provenance.set_source_item_id(path);
  if (provenance.collection().empty()) {
    provenance.set_collection(options.source);
  }
  if (provenance.label_evidence() == LABEL_EVIDENCE_UNKNOWN &&
      options.label != LABEL_UNKNOWN) {
    provenance.set_label(options.label);
    provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  }
  record.set_image(std::move(bytes));
  return record;
}

// The folder as an item of the frontier: its members are marked one by one.
WorkItem FolderItem(const std::string& source) {
  WorkItem item;
  item.set_source(source);
  item.set_id("folder");
  item.set_kind(FETCH_KIND_ARCHIVE);
  return item;
}

absl::Status AddPictures(const FolderOptions& options,
                         const FolderMetadata& metadata,
                         const std::vector<std::string>& paths,
                         FrontierSession& frontier, const RunCounts& counts,
                         ItemSink& sink) {
  ProgressLine progress;
  const absl::Time start = absl::Now();
  for (size_t i = 0; i < paths.size(); ++i) {
    RETURN_IF_ERROR(CheckNotStopped());
    ASSIGN_OR_RETURN(const std::vector<bool> done,
                     frontier.FindFinished(options.source, {paths[i]}));
    if (done[0]) continue;
    if (!IsUtf8(paths[i])) {
      RETURN_IF_ERROR(sink.Refuse("file name is not UTF-8", ""));
      continue;
    }
    absl::StatusOr<std::string> bytes =
        ReadFile(options.folder / paths[i], kMaxImageBytes);
    if (!bytes.ok()) {
      RETURN_IF_ERROR(sink.Refuse(absl::IsResourceExhausted(bytes.status())
                                      ? "too large"
                                      : "unreadable",
                                  ""));
      continue;
    }
    RETURN_IF_ERROR(sink.AddRecord(
        MakeRecord(options, metadata, paths[i], *std::move(bytes))));
    progress.Update(absl::StrFormat(
        "%s: %d of %d files, %s, left %s", options.source, i + 1, paths.size(),
        FormatCounts(counts.Get()),
        FormatTimeLeft(static_cast<double>(i + 1),
                       static_cast<double>(paths.size()), start)));
  }
  return absl::OkStatus();
}

// What CheckFolder() checks, and the folder's table.
absl::StatusOr<FolderMetadata> ReadChecked(const FolderOptions& options) {
  RETURN_IF_ERROR(CheckSourceName(options.source));
  std::error_code ignored;
  if (!fs::is_directory(options.folder, ignored)) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no folder ", options.folder.string()));
  }
  ASSIGN_OR_RETURN(FolderMetadata metadata, ReadFolderMetadata(options.folder));
  RETURN_IF_ERROR(CheckNamedFiles(options, metadata));
  return metadata;
}

}  // namespace

absl::Status CheckFolder(const FolderOptions& options) {
  return ReadChecked(options).status();
}

absl::StatusOr<SourceResult> IngestFolder(const FolderOptions& options,
                                          ShardStore& store) {
  ASSIGN_OR_RETURN(const FolderMetadata metadata, ReadChecked(options));
  ASSIGN_OR_RETURN(const std::vector<std::string> paths,
                   ListPictures(options.folder));
  if (paths.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no .jpg, .jpeg, .png, .webp or .gif file in ",
                     options.folder.string()));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Frontier> frontier,
                   OpenFrontier(options.frontier));
  ASSIGN_OR_RETURN(const std::unique_ptr<FrontierSession> session,
                   FrontierSession::Open(frontier.get(), ThisWorker().worker));
  const absl::Time start = absl::Now();
  GroupAppender appender(&store);
  RunCounts counts;
  const WorkItem item = FolderItem(options.source);
  const HttpHead no_head;
  ItemSink sink({session.get(), &appender, &counts, ThisWorker()}, item,
                no_head);
  absl::Status added =
      AddPictures(options, metadata, paths, *session, counts, sink);
  added.Update(sink.Flush());
  return SourceResult{.source = options.source,
                      .counts = counts.Get(),
                      .time = absl::Now() - start,
                      .status = added};
}

}  // namespace verso
