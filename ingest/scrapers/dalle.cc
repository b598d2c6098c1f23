#include "ingest/scrapers/dalle.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "ingest/scrapers/json.h"

namespace verso {
namespace {

constexpr int kPageSize = 20;
constexpr int kImageBase = 1;  // Of the source's base URLs.
// A site that never sends an empty page is left in the end.
constexpr int kMaxPages = 1'000'000;
constexpr absl::string_view kPagePrefix = "page/";

constexpr char kManifestId[] = "manifest";
constexpr int kManifestBase = 2;
constexpr size_t kMaxLineBytes = 64 << 10;

// The lines of a stream, without their ends, one after the other.
class LineReader {
 public:
  explicit LineReader(ByteStream& stream) : stream_(stream) {}

  // nullopt after the last one. A line above kMaxLineBytes comes in pieces.
  absl::StatusOr<std::optional<std::string>> Next() {
    while (true) {
      const absl::string_view rest = absl::string_view(buffer_).substr(next_);
      const size_t end = rest.find('\n');
      if (end != absl::string_view::npos || rest.size() > kMaxLineBytes) {
        const size_t size = std::min(end, rest.size());
        next_ += size + (size == end ? 1 : 0);
        return std::string(rest.substr(0, size));
      }
      buffer_.erase(0, std::exchange(next_, 0));
      ASSIGN_OR_RETURN(const absl::string_view part, stream_.Next());
      if (part.empty() && buffer_.empty()) return std::nullopt;
      if (part.empty()) return std::exchange(buffer_, "");
      buffer_.append(part.data(), part.size());
    }
  }

 private:
  ByteStream& stream_;
  std::string buffer_;
  size_t next_ = 0;  // Of the buffer, the first byte that is not handed out.
};

}  // namespace

WorkItem DalleScraper::Page(int number) const {
  WorkItem item;
  item.set_source(source());
  item.set_id(absl::StrCat(kPagePrefix, number));
  item.set_url(absl::StrCat("/api/images/aggregated?pagesize=", kPageSize,
                            "&page=", number));
  item.set_kind(FETCH_KIND_PAGE);
  return item;
}

std::vector<WorkItem> DalleScraper::Seeds() const {
  if (manifest_path_.empty()) return {Page(0)};
  WorkItem item;
  item.set_source(source());
  item.set_id(kManifestId);
  item.set_url(manifest_path_);
  item.set_base(kManifestBase);
  item.set_kind(FETCH_KIND_ARCHIVE);
  return {item};
}

absl::Status DalleScraper::Parse(const WorkItem& item, HttpStream& response,
                                 ScrapeSink& sink) const {
  if (item.kind() == FETCH_KIND_IMAGE) return ParseImage(item, response, sink);
  return item.id() == kManifestId ? ParseManifest(item, response, sink)
                                  : ParsePage(item, response, sink);
}

absl::Status DalleScraper::ParsePage(const WorkItem& item, HttpStream& response,
                                     ScrapeSink& sink) const {
  ASSIGN_OR_RETURN(const nlohmann::json page, ReadJson(response));
  if (!page.is_array()) {
    return Malformed("not a page of entries", "the answer is not an array");
  }
  for (const nlohmann::json& entry : page) {
    RETURN_IF_ERROR(AddEntry(entry, item.id(), sink));
  }
  int number = 0;
  if (page.empty() ||
      !absl::SimpleAtoi(absl::StripPrefix(item.id(), kPagePrefix), &number) ||
      number + 1 >= kMaxPages) {
    return absl::OkStatus();
  }
  return sink.AddItem(Page(number + 1));
}

// One bad line costs one row; a file of none but bad ones is no manifest.
absl::Status DalleScraper::ParseManifest(const WorkItem& item,
                                         HttpStream& response,
                                         ScrapeSink& sink) const {
  LineReader lines(response);
  bool is_manifest = false;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<std::string> line, lines.Next());
    if (!line) break;
    if (absl::StripAsciiWhitespace(*line).empty()) continue;
    const absl::StatusOr<nlohmann::json> row = ParseJson(*line);
    if (!is_manifest && !row.ok()) return row.status();
    is_manifest = true;
    const std::string id = row.ok() ? TextOf(*row, "id") : "";
    if (!IsPlainId(id)) {
      RETURN_IF_ERROR(sink.Refuse("bad manifest line"));
      continue;
    }
    RETURN_IF_ERROR(
        sink.AddItem(Picture(id, TextOf(*row, "caption"), item.id())));
  }
  if (!is_manifest) return Malformed("not a manifest", "it is empty");
  return absl::OkStatus();
}

WorkItem DalleScraper::Picture(const std::string& id, const std::string& prompt,
                               const std::string& found_by) const {
  WorkItem item;
  item.set_source(source());
  item.set_id(id);
  item.set_url(absl::StrCat("/", id, "/generated"));
  item.set_base(kImageBase);
  item.set_kind(FETCH_KIND_IMAGE);
  Provenance& provenance = *item.mutable_provenance();
  provenance.set_collection("dalle2.gallery");
  provenance.set_label(LABEL_GENERATED);
  provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  provenance.set_page_url(absl::StrCat(base_, "/api/images/", id));
  provenance.set_found_by(found_by);
  provenance.mutable_work()->set_work_key("dalle-entry|" + id);
  Generator& generator = *provenance.mutable_generator();
  generator.set_family("dall-e");
  generator.set_name("dall-e-2");
  generator.set_prompt(prompt);
  return item;
}

absl::Status DalleScraper::AddEntry(const nlohmann::json& entry,
                                    const std::string& found_by,
                                    ScrapeSink& sink) const {
  std::string work_key;
  const bool is_edit = !TextOf(entry, "PromptImagePath").empty();
  for (const nlohmann::json& id : ArrayOf(entry, "Ids")) {
    if (!id.is_string() || !IsPlainId(id.get_ref<const std::string&>())) {
      RETURN_IF_ERROR(sink.Refuse("bad id"));
      continue;
    }
    WorkItem item =
        Picture(id.get<std::string>(), TextOf(entry, "Caption"), found_by);
    Provenance& provenance = *item.mutable_provenance();
    // The pictures of an entry are variants of one prompt: one work.
    if (work_key.empty()) work_key = provenance.work().work_key();
    provenance.mutable_work()->set_work_key(work_key);
    if (is_edit) provenance.mutable_generator()->set_edit_mode("img2img");
    RETURN_IF_ERROR(sink.AddItem(std::move(item)));
  }
  return absl::OkStatus();
}

}  // namespace verso
