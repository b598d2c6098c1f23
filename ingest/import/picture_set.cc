#include "ingest/import/picture_set.h"

#include <glob.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "ingest/scrapers/archive_reader.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxShards = 1'000'000;  // Of one "{a..b}".

absl::string_view NameOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool EndsInOneOf(absl::string_view path,
                 std::initializer_list<absl::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](auto ending) {
    return absl::EndsWithIgnoreCase(path, ending);
  });
}

bool IsArchiveName(absl::string_view path) {
  return EndsInOneOf(path, {".tar", ".tar.gz", ".tgz", ".zip"});
}

struct Listing {
  std::vector<std::string> files;  // Inside the folder, ascending.
  int64_t links = 0;
};

absl::StatusOr<Listing> ListFolder(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    const bool hidden = it->path().filename().string()[0] == '.';
    const fs::file_type type = it->symlink_status(error).type();
    if (hidden && type == fs::file_type::directory) {
      it.disable_recursion_pending();
    } else if (!hidden && type == fs::file_type::symlink) {
      ++listing.links;
    } else if (!hidden && type == fs::file_type::regular) {
      listing.files.push_back(it->path().lexically_relative(folder).string());
    }
  }
  if (error) return ErrnoStatus("list", folder, error.value());
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

class FolderReader : public FileReader {
 public:
  FolderReader(fs::path folder, Listing listing)
      : folder_(std::move(folder)), listing_(std::move(listing)) {}

  absl::StatusOr<std::optional<std::string>> Next() override {
    if (next_ == listing_.files.size()) return std::nullopt;
    return listing_.files[next_++];
  }
  absl::StatusOr<std::string> Read(int64_t max_bytes) override {
    return ReadFile(folder_ / listing_.files[next_ - 1], max_bytes);
  }
  int64_t left_out() const override { return listing_.links; }

 private:
  const fs::path folder_;
  const Listing listing_;
  size_t next_ = 0;
};

class ArchivePartReader : public FileReader {
 public:
  explicit ArchivePartReader(const SetPart& part)
      : archive_(part.file), prefix_(part.prefix) {}

  absl::StatusOr<std::optional<std::string>> Next() override {
    ASSIGN_OR_RETURN(const std::optional<std::string> path, archive_.Next());
    if (!path) return std::nullopt;
    return absl::StrCat(prefix_, absl::StripPrefix(*path, "./"));
  }
  absl::StatusOr<std::string> Read(int64_t max_bytes) override {
    return archive_.Read(max_bytes);
  }
  int64_t left_out() const override { return archive_.left_out(); }

 private:
  ArchiveReader archive_;
  const std::string prefix_;
};

// "a-{00..02}.tar" as its three names; any other path as it is.
absl::StatusOr<std::vector<std::string>> ExpandBraces(const std::string& path) {
  const size_t open = path.find('{');
  const size_t dots = path.find("..", open == path.npos ? path.size() : open);
  const size_t close = path.find('}', dots == path.npos ? path.size() : dots);
  if (close == path.npos) return std::vector<std::string>{path};
  const std::string from = path.substr(open + 1, dots - open - 1);
  const std::string to = path.substr(dots + 2, close - dots - 2);
  int64_t first = 0;
  int64_t last = 0;
  if (!absl::SimpleAtoi(from, &first) || !absl::SimpleAtoi(to, &last) ||
      first < 0 || last < first || last - first >= kMaxShards) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " must have two ascending numbers in its {}, as in {000..099}"));
  }
  std::vector<std::string> names;
  for (int64_t i = first; i <= last; ++i) {
    names.push_back(absl::StrFormat("%s%0*d%s", path.substr(0, open),
                                    static_cast<int>(from.size()), i,
                                    path.substr(close + 1)));
  }
  return names;
}

// The files that `pattern` means, itself first of all.
std::vector<fs::path> Glob(const fs::path& pattern) {
  std::error_code ignored;
  if (fs::exists(pattern, ignored)) return {pattern};
  glob_t found;
  std::vector<fs::path> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

absl::StatusOr<std::vector<fs::path>> ExpandPaths(
    const std::vector<std::string>& paths) {
  std::vector<fs::path> expanded;
  for (const std::string& path : paths) {
    std::error_code ignored;
    std::vector<std::string> names = {path};
    if (!fs::exists(ResolveUserPath(path), ignored)) {
      ASSIGN_OR_RETURN(names, ExpandBraces(path));
    }
    for (const std::string& name : names) {
      const std::vector<fs::path> found = Glob(ResolveUserPath(name));
      if (found.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "there is no folder or archive ", ResolveUserPath(name).string()));
      }
      expanded.insert(expanded.end(), found.begin(), found.end());
    }
  }
  return expanded;
}

absl::StatusOr<PictureSet> FolderSet(const fs::path& folder) {
  PictureSet set;
  set.name = (folder / ".").lexically_normal().parent_path().filename();
  set.parts.push_back({.file = folder});
  ASSIGN_OR_RETURN(const Listing listing, ListFolder(folder));
  for (const std::string& file : listing.files) {
    if (!IsArchiveName(file)) continue;
    set.parts.push_back({folder / file, true, absl::StrCat(file, "/")});
  }
  return set;
}

}  // namespace

absl::StatusOr<PictureSet> FindPictureSet(
    const std::vector<std::string>& paths) {
  ASSIGN_OR_RETURN(const std::vector<fs::path> files, ExpandPaths(paths));
  PictureSet set;
  std::set<std::string> names;
  for (const fs::path& file : files) {
    std::error_code ignored;
    if (fs::is_directory(file, ignored)) {
      if (files.size() == 1) return FolderSet(file);
      return absl::InvalidArgumentError(absl::StrCat(
          file.string(), " is a folder: give it alone, or only archives"));
    }
    const std::string name = file.filename().string();
    if (!names.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two archives are called ", name,
                       "; their pictures would have the same names"));
    }
    set.parts.push_back({file, true, absl::StrCat(name, "/")});
  }
  if (files.size() == 1) {
    const std::string name = files[0].filename().string();
    set.name = name.substr(0, name.find('.'));
  }
  return set;
}

absl::StatusOr<std::unique_ptr<FileReader>> OpenPart(const SetPart& part) {
  if (part.is_archive) return std::make_unique<ArchivePartReader>(part);
  ASSIGN_OR_RETURN(Listing listing, ListFolder(part.file));
  return std::make_unique<FolderReader>(part.file, std::move(listing));
}

bool IsPicture(absl::string_view path) {
  return !absl::StartsWith(NameOf(path), ".") &&
         EndsInOneOf(path, {".jpg", ".jpeg", ".png", ".webp", ".gif"});
}

}  // namespace verso
