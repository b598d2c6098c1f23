#include "ingest/import/picture_import.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/progress.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/image/sandbox/image_sandbox.h"
#include "ingest/frontier/frontier.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/frontier/source_counts.h"
#include "ingest/group_appender.h"
#include "ingest/import/import_recipe.h"
#include "ingest/import/import_sink.h"
#include "ingest/import/path_rules.h"
#include "ingest/import/picture_metadata.h"
#include "ingest/import/picture_set.h"
#include "ingest/run_counts.h"
#include "ingest/scraper.h"
#include "ingest/text_encoding.h"
#include "ingest/work_key.h"

namespace verso {
namespace {

constexpr int64_t kMaxImageBytes = 32 << 20;
constexpr size_t kMaxPathBytes = 4096;  // As of a file on disk.
constexpr int64_t kMaxSidecarBytes = 1 << 20;
constexpr int64_t kMaxJsonBytes = 64 << 20;  // Ten times that when parsed.
constexpr int64_t kMaxTableBytes = 256 << 20;
constexpr int64_t kMaxMetadataBytes = int64_t{1} << 30;  // Of one part.

int64_t MaxBytes(const MetadataRules::Rule& rule, absl::string_view path) {
  if (rule.form == SIDECAR) return kMaxSidecarBytes;
  return absl::EndsWithIgnoreCase(path, ".json") ? kMaxJsonBytes
                                                 : kMaxTableBytes;
}

// "a/" of "a/b.csv".
std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash + 1);
}

void Warn(absl::string_view sentence) {
  std::fprintf(stderr, "warning: %s\n", std::string(sentence).c_str());
}

absl::Status CheckSourceName(const std::string& source) {
  if (!IsSourceName(source)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--source=", source,
                     " must be a name of letters, digits, \"-\" and \"_\""));
  }
  const std::vector<std::string>& sites = SourceNames();
  if (std::find(sites.begin(), sites.end(), source) != sites.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--source=", source,
                     " is a site's name; give your own pictures another"));
  }
  return absl::OkStatus();
}

// A picture with what is known of it, still without bytes.
ImportedPicture MakePicture(const ImportOptions& options,
                            const std::string& path, KnownOfPicture known) {
  ImportedPicture picture;
  picture.id = path;
  picture.is_record = known.is_record;
  Provenance& provenance = *picture.record.mutable_provenance();
  provenance = std::move(known.provenance);
  if (picture.is_record) {
    if (provenance.source_item_id().empty()) {
      provenance.set_source_item_id(path);
    }
    return picture;
  }
  provenance.set_source(options.source);
  provenance.set_source_item_id(path);
  if (provenance.collection().empty()) {
    provenance.set_collection(options.source);
  }
  if (provenance.label_evidence() == LABEL_EVIDENCE_UNKNOWN &&
      options.label != LABEL_UNKNOWN) {
    provenance.set_label(options.label);
    provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  }
  const Work& work = provenance.work();
  if (work.work_key().empty()) {
    const std::string key = WorkKey(work.artist(), work.title());
    if (!key.empty()) provenance.mutable_work()->set_work_key(key);
  }
  return picture;
}

ImageSandboxOptions SandboxOf(const ImportOptions& options) {
  return {.limits = LimitsForPixels(options.max_pixels)};
}

class PictureImportImpl : public PictureImport {
 public:
  PictureImportImpl(ImportOptions options, PictureSet set, PathRules rules,
                    MetadataRules metadata_rules)
      : options_(std::move(options)),
        set_(std::move(set)),
        rules_(std::move(rules)),
        metadata_rules_(std::move(metadata_rules)) {}

  // The tables and sidecars that hold for the whole set.
  absl::Status ReadSharedMetadata();

  absl::StatusOr<SourceResult> Run(ShardStore& store) override;

 private:
  // What one pass over the parts works with.
  struct Pass {
    FrontierSession& frontier;
    ImportSink& sink;
    RunCounts& counts;
    const int64_t taken_before;
    ProgressLine progress = ProgressLine();
  };

  absl::Status ReadMetadata(FileReader& files, PictureMetadata& metadata);
  absl::Status ReportAbsent(const PictureMetadata& metadata);
  absl::Status TakePart(const SetPart& part, Pass& pass);
  absl::Status TakePictures(const SetPart& part, FileReader& files,
                            const PictureMetadata& own, Pass& pass);
  absl::StatusOr<ImportedPicture> ReadPicture(const std::string& path,
                                              FileReader& files,
                                              const PictureMetadata& own);
  absl::Status MarkListed(FileReader& archive);
  bool LimitReached(const Pass& pass) const;
  absl::Status BrokenPart(const SetPart& part, const absl::Status& why);
  void ShowProgress(const SetPart& part, Pass& pass) const;
  void SayWhatIsLeft() const;

  const ImportOptions options_;
  const PictureSet set_;
  const PathRules rules_;
  const MetadataRules metadata_rules_;
  PictureMetadata shared_;
  int64_t unlabelled_ = 0;    // Taken by this run.
  int64_t taken_before_ = 0;  // By an earlier one.
  int64_t absent_ = 0;        // Pictures that tables speak of, in vain.
  int64_t listed_ = 0;        // Pictures seen.
  int64_t left_out_ = 0;
  absl::Status broken_;  // Of the first part that is.
};

absl::Status PictureImportImpl::ReadMetadata(FileReader& files,
                                             PictureMetadata& metadata) {
  int64_t total = 0;
  std::vector<std::string> pictures;
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    ASSIGN_OR_RETURN(const std::optional<std::string> path, files.Next());
    if (!path) break;
    if (IsPicture(*path)) {
      pictures.push_back(*path);
      continue;
    }
    const MetadataRules::Rule* rule = metadata_rules_.Find(*path);
    if (rule == nullptr) continue;
    absl::StatusOr<std::string> bytes = files.Read(MaxBytes(*rule, *path));
    if (!bytes.ok() && rule->form == SIDECAR &&
        absl::IsResourceExhausted(bytes.status())) {
      continue;  // Nothing that lies beside one picture is so large.
    }
    RETURN_IF_ERROR(bytes.status());
    total += static_cast<int64_t>(bytes->size());
    if (total > kMaxMetadataBytes) {
      return absl::ResourceExhaustedError(
          "it has more than 1 GiB of metadata; split it");
    }
    RETURN_IF_ERROR(
        metadata.Add(*rule, *path, FolderOf(*path), *std::move(bytes)));
  }
  // Not before: a table may come after the pictures that it names.
  for (const std::string& picture : pictures) metadata.MarkListed(picture);
  return absl::OkStatus();
}

absl::Status PictureImportImpl::ReportAbsent(const PictureMetadata& metadata) {
  int64_t count = 0;
  ASSIGN_OR_RETURN(const std::vector<std::string> sentences,
                   metadata.FindAbsent(count));
  for (const std::string& sentence : sentences) Warn(sentence);
  absent_ += count;
  return absl::OkStatus();
}

absl::Status PictureImportImpl::ReadSharedMetadata() {
  if (!options_.metadata.empty()) {
    const std::filesystem::path file = ResolveUserPath(options_.metadata);
    const std::string name = file.filename().string();
    const MetadataRules::Rule* rule = metadata_rules_.Find(name);
    if (rule == nullptr || rule->form == SIDECAR) {
      rule = metadata_rules_.FirstTable();
    }
    if (rule == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("--metadata=", options_.metadata, ": the recipe ",
                       options_.recipe, " reads no table"));
    }
    ASSIGN_OR_RETURN(std::string bytes, ReadFile(file, MaxBytes(*rule, name)));
    RETURN_IF_ERROR(shared_.Add(
        *rule, file.string(),
        set_.parts.size() == 1 ? set_.parts[0].prefix : "", std::move(bytes)));
  }
  for (const SetPart& part : set_.parts) {
    if (part.is_archive && !shared_.has_tables()) continue;
    absl::StatusOr<std::unique_ptr<FileReader>> files = OpenPart(part);
    RETURN_IF_ERROR(files.status());
    if (!part.is_archive) {
      RETURN_IF_ERROR(ReadMetadata(**files, shared_));
    } else {
      // One that is broken is said when its pictures are taken.
      RETURN_IF_ERROR(MarkListed(**files));
    }
  }
  return ReportAbsent(shared_);
}

absl::Status PictureImportImpl::MarkListed(FileReader& archive) {
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    const auto path = archive.Next();
    if (!path.ok() || !path->has_value()) return absl::OkStatus();
    shared_.MarkListed(**path);
  }
}

absl::Status PictureImportImpl::BrokenPart(const SetPart& part,
                                           const absl::Status& why) {
  RETURN_IF_ERROR(CheckNotStopped());
  const std::string sentence =
      absl::StrCat(part.file.string(), ": ", why.message());
  if (broken_.ok()) broken_ = absl::Status(why.code(), sentence);
  Warn(sentence);
  return absl::OkStatus();
}

absl::Status PictureImportImpl::TakePart(const SetPart& part, Pass& pass) {
  PictureMetadata own;
  if (part.is_archive) {
    ASSIGN_OR_RETURN(const auto files, OpenPart(part));
    absl::Status read = ReadMetadata(*files, own);
    if (read.ok()) read = ReportAbsent(own);
    // Nothing is taken of an archive that is cut short: what is told of its
    // pictures may be what is missing.
    if (!read.ok()) return BrokenPart(part, read);
  }
  ASSIGN_OR_RETURN(const auto files, OpenPart(part));
  const absl::Status taken = TakePictures(part, *files, own, pass);
  left_out_ += files->left_out();
  pass.sink.Refuse("link or unreadable name", files->left_out());
  return taken;
}

absl::Status PictureImportImpl::TakePictures(const SetPart& part,
                                             FileReader& files,
                                             const PictureMetadata& own,
                                             Pass& pass) {
  std::set<std::string> names;  // Archives may hold two of one name.
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    const auto path = files.Next();
    if (!path.ok()) return BrokenPart(part, path.status());
    if (!path->has_value()) return absl::OkStatus();
    if (!IsPicture(**path)) continue;
    ++listed_;
    if (part.is_archive && !names.insert(**path).second) {
      pass.sink.Refuse("duplicate name");
      continue;
    }
    if (!IsUtf8(**path) || (**path).size() > kMaxPathBytes) {
      pass.sink.Refuse(IsUtf8(**path) ? "file name is too long"
                                      : "file name is not UTF-8");
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<bool> done,
                     pass.frontier.FindFinished(options_.source, {**path}));
    if (done[0]) {
      ++taken_before_;
      continue;
    }
    if (LimitReached(pass)) return absl::OkStatus();
    absl::StatusOr<ImportedPicture> picture = ReadPicture(**path, files, own);
    if (picture.ok()) {
      if (picture->record.provenance().label() == LABEL_UNKNOWN) ++unlabelled_;
      RETURN_IF_ERROR(pass.sink.Add(*std::move(picture)));
      ShowProgress(part, pass);
    } else {
      pass.sink.Refuse(RefusalReason(picture.status()));
    }
  }
}

absl::StatusOr<ImportedPicture> PictureImportImpl::ReadPicture(
    const std::string& path, FileReader& files, const PictureMetadata& own) {
  const std::optional<Provenance> of_path = rules_.Apply(path);
  KnownOfPicture known{.provenance = of_path.value_or(Provenance())};
  for (const PictureMetadata* metadata : {&std::as_const(shared_), &own}) {
    const absl::Status found = metadata->Find(path, known);
    if (found.ok()) continue;
    Warn(found.message());
    return Malformed("bad metadata", found.message());
  }
  if (known.is_record && !IsSourceName(known.provenance.source())) {
    return Malformed("bad metadata", "its JSON names no source");
  }
  if (!of_path && !known.is_record) {
    return Malformed("no rule for its path", "no rule matches");
  }
  absl::StatusOr<std::string> bytes = files.Read(kMaxImageBytes);
  RETURN_IF_ERROR(bytes.status());
  ImportedPicture picture = MakePicture(options_, path, std::move(known));
  picture.record.set_image(*std::move(bytes));
  return picture;
}

bool PictureImportImpl::LimitReached(const Pass& pass) const {
  if (options_.limit <= 0) return false;
  const SourceCounts counts = pass.counts.Get();
  return pass.taken_before + TotalAppended(counts) +
             static_cast<int64_t>(pass.sink.pending()) >=
         options_.limit;
}

void PictureImportImpl::SayWhatIsLeft() const {
  if (unlabelled_ > 0) {
    Warn(absl::StrCat(unlabelled_,
                      " pictures have no label, and no data set takes them: "
                      "give --label to a new --source, or `shardstore -- "
                      "judge` them"));
  }
  if (taken_before_ > 0) {
    Warn(absl::StrCat(taken_before_,
                      " pictures were taken before and are left as they are; "
                      "labels can be changed by `shardstore -- judge`"));
  }
}

void PictureImportImpl::ShowProgress(const SetPart& part, Pass& pass) const {
  const std::string where =
      part.is_archive ? absl::StrCat(" ", part.file.filename().string()) : "";
  pass.progress.Update(absl::StrFormat("%s:%s %s", options_.source, where,
                                       FormatCounts(pass.counts.Get())));
}

absl::StatusOr<SourceResult> PictureImportImpl::Run(ShardStore& store) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Frontier> frontier,
                   OpenFrontier(options_.frontier));
  ASSIGN_OR_RETURN(const std::unique_ptr<FrontierSession> session,
                   FrontierSession::Open(frontier.get(), ThisWorker().worker));
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<ImageSandbox> images,
                   ImageSandbox::Create(SandboxOf(options_)));
  RunCounts counts;
  GroupAppender appender(&store);
  ImportSink sink({.frontier = session.get(),
                   .appender = &appender,
                   .counts = &counts,
                   .images = images.get(),
                   .source = options_.source});
  ASSIGN_OR_RETURN(const SourceStatus status_before,
                   session->StatusOf(options_.source));
  Pass pass{.frontier = *session,
            .sink = sink,
            .counts = counts,
            .taken_before = TotalAppended(status_before.counts())};
  absl::Status status;
  for (const SetPart& part : set_.parts) {
    status.Update(TakePart(part, pass));
    if (!status.ok() || LimitReached(pass)) break;
  }
  status.Update(sink.Flush());
  status.Update(broken_);
  sink.Refuse("named, but not there", absent_);
  SayWhatIsLeft();
  if (status.ok() && listed_ == 0) {
    return absl::NotFoundError(
        absl::StrCat("there is no .jpg, .jpeg, .png, .webp or .gif file in ",
                     set_.parts[0].file.string(),
                     left_out_ > 0 ? " but links or unreadable names" : ""));
  }
  return SourceResult{.source = options_.source,
                      .counts = counts.Get(),
                      .time = absl::Now() - start,
                      .status = status};
}

}  // namespace

absl::StatusOr<std::unique_ptr<PictureImport>> PictureImport::Prepare(
    const ImportOptions& given) {
  ImportOptions options = given;
  ASSIGN_OR_RETURN(const ImportRecipe recipe, LoadImportRecipe(options.recipe));
  ASSIGN_OR_RETURN(PathRules rules, PathRules::Compile(recipe));
  ASSIGN_OR_RETURN(MetadataRules metadata, MetadataRules::Compile(recipe));
  ASSIGN_OR_RETURN(PictureSet set, FindPictureSet(options.paths));
  if (options.source.empty()) options.source = recipe.source();
  if (options.source.empty()) options.source = set.name;
  RETURN_IF_ERROR(CheckSourceName(options.source));
  RETURN_IF_ERROR(CheckImageSandboxOptions(SandboxOf(options)));
  auto import = std::make_unique<PictureImportImpl>(
      std::move(options), std::move(set), std::move(rules),
      std::move(metadata));
  RETURN_IF_ERROR(import->ReadSharedMetadata());
  return import;
}

}  // namespace verso
