#include "trainer/run_log.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"
#include "trainer/train_config.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kConfigName[] = "config.textproto";
constexpr char kLogName[] = "log.csv";

const std::vector<std::string>& Columns() {
  static const auto& columns =
      *new std::vector<std::string>{"step",
                                    "epoch",
                                    "samples",
                                    "loss",
                                    "accuracy",
                                    "lr",
                                    "images_per_s",
                                    "wait_share",
                                    "validation_loss",
                                    "validation_accuracy",
                                    "threshold",
                                    "time"};
  return columns;
}

std::string Number(double value) { return absl::StrFormat("%.9g", value); }

std::vector<std::string> Fields(const LogRow& row) {
  std::vector<std::string> fields = {absl::StrCat(row.step),
                                     absl::StrCat(row.epoch),
                                     absl::StrCat(row.samples)};
  if (row.training) {
    fields.push_back(Number(row.training->loss));
    fields.push_back(Number(row.training->accuracy));
    fields.push_back(Number(row.training->learning_rate));
    fields.push_back(absl::StrFormat("%.1f", row.training->images_per_s));
    fields.push_back(absl::StrFormat("%.3f", row.training->wait_share));
  } else {
    fields.insert(fields.end(), 5, "");
  }
  if (row.validation) {
    fields.push_back(Number(row.validation->loss));
    fields.push_back(Number(row.validation->accuracy));
    // All digits: the threshold is compared with, not looked at.
    fields.push_back(absl::StrFormat("%.17g", row.validation->threshold));
  } else {
    fields.insert(fields.end(), 3, "");
  }
  fields.push_back(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", row.time, absl::UTCTimeZone()));
  return fields;
}

absl::StatusOr<FileDescriptor> LockRun(const fs::path& run_dir) {
  ASSIGN_OR_RETURN(FileDescriptor lock,
                   OpenFile(run_dir / ".lock", O_RDWR | O_CREAT));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) {
    return ErrnoStatus("lock", run_dir / ".lock", errno);
  }
  return absl::FailedPreconditionError(
      absl::StrCat("run ", run_dir.string(),
                   " is being written by another process; wait for it, or use "
                   "another --run"));
}

// Checks that the run in `run_dir`, if there is one, may go on with `config`.
absl::Status CheckSameRun(const fs::path& run_dir, const TrainConfig& config,
                          ResumePolicy policy) {
  const absl::StatusOr<std::string> text = ReadFile(run_dir / kConfigName);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  RETURN_IF_ERROR(text.status());
  if (policy == ResumePolicy::kNever) {
    return absl::AlreadyExistsError(absl::StrCat(
        "run ", run_dir.string(),
        " exists already; use another --run, or --resume=auto to go on with "
        "it"));
  }
  TrainConfig before;
  const absl::Status parsed =
      ParseTextProto(*text, (run_dir / kConfigName).string(), before);
  if (!parsed.ok()) {
    return absl::DataLossError(
        absl::StrCat(parsed.message(),
                     " (this is no configuration of a run); use another "
                     "--run"));
  }
  const std::string difference = DescribeDifference(before, config);
  if (difference.empty() || policy == ResumePolicy::kForce) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "run ", run_dir.string(), " was started otherwise (then -> now: ",
      difference, "); use another --run, or --resume=force to go on with it"));
}

// The lines of a log up to `step`, with the header.
absl::StatusOr<std::string> LinesUpTo(absl::string_view csv, int64_t step,
                                      const fs::path& path) {
  CsvReader reader(csv);
  ASSIGN_OR_RETURN(auto row, reader.Next());
  if (!row || *row != Columns()) {
    return absl::DataLossError(
        absl::StrCat(path.string(), " is not a log of this version of Verso"));
  }
  std::string kept;
  AppendCsvRow(*row, kept);
  while (true) {
    absl::StatusOr<std::optional<std::vector<std::string>>> next =
        reader.Next();
    // A line cut by a crash can only be the last one, and is done again.
    if (!next.ok() || !*next) return kept;
    int64_t row_step = 0;
    if ((*next)->size() != Columns().size() ||
        !absl::SimpleAtoi((**next)[0], &row_step) || row_step > step) {
      return kept;
    }
    AppendCsvRow(**next, kept);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::Open(const fs::path& run_dir,
                                                     const TrainConfig& config,
                                                     ResumePolicy policy) {
  RETURN_IF_ERROR(MakeDirs(run_dir));
  ASSIGN_OR_RETURN(FileDescriptor lock, LockRun(run_dir));
  RETURN_IF_ERROR(CheckSameRun(run_dir, config, policy));
  RETURN_IF_ERROR(
      WriteFileAtomically(run_dir / kConfigName, ToTextProto(config)));
  return std::unique_ptr<RunLog>(new RunLog(run_dir, std::move(lock)));
}

absl::Status RunLog::RewindTo(int64_t step) {
  const fs::path path = run_dir_ / kLogName;
  std::string lines;
  const absl::StatusOr<std::string> before = ReadFile(path);
  if (before.ok() && !before->empty()) {
    ASSIGN_OR_RETURN(lines, LinesUpTo(*before, step, path));
  } else if (before.ok() || absl::IsNotFound(before.status())) {
    AppendCsvRow(Columns(), lines);
  } else {
    return before.status();
  }
  RETURN_IF_ERROR(WriteFileAtomically(path, lines));
  ASSIGN_OR_RETURN(log_, OpenFile(path, O_WRONLY));
  log_bytes_ = static_cast<int64_t>(lines.size());
  return absl::OkStatus();
}

absl::Status RunLog::Append(const LogRow& row) {
  std::string line;
  AppendCsvRow(Fields(row), line);
  RETURN_IF_ERROR(WriteAt(log_, line, log_bytes_, run_dir_ / kLogName));
  log_bytes_ += static_cast<int64_t>(line.size());
  return absl::OkStatus();
}

}  // namespace verso
