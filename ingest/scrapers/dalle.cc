#include "ingest/scrapers/dalle.h"

#include <utility>

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

absl::Status DalleScraper::Parse(const WorkItem& item, HttpStream& response,
                                 ScrapeSink& sink) const {
  if (item.kind() == FETCH_KIND_IMAGE) return ParseImage(item, response, sink);
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

absl::Status DalleScraper::AddEntry(const nlohmann::json& entry,
                                    const std::string& found_by,
                                    ScrapeSink& sink) const {
  std::string work_key;
  for (const nlohmann::json& id : ArrayOf(entry, "Ids")) {
    if (!id.is_string() || !IsPlainId(id.get_ref<const std::string&>())) {
      RETURN_IF_ERROR(sink.Refuse("bad id"));
      continue;
    }
    WorkItem item;
    item.set_source(source());
    item.set_id(id.get<std::string>());
    item.set_url(absl::StrCat("/", item.id(), "/generated"));
    item.set_base(kImageBase);
    item.set_kind(FETCH_KIND_IMAGE);
    // The pictures of an entry are variants of one prompt: one work.
    if (work_key.empty()) work_key = absl::StrCat("dalle-entry|", item.id());
    Provenance& provenance = *item.mutable_provenance();
    provenance.set_collection("dalle2.gallery");
    provenance.set_label(LABEL_GENERATED);
    provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
    provenance.set_page_url(absl::StrCat(base_, "/api/images/", item.id()));
    provenance.set_found_by(found_by);
    provenance.mutable_work()->set_work_key(work_key);
    Generator& generator = *provenance.mutable_generator();
    generator.set_family("dall-e");
    generator.set_name("dall-e-2");
    generator.set_prompt(TextOf(entry, "Caption"));
    RETURN_IF_ERROR(sink.AddItem(std::move(item)));
  }
  return absl::OkStatus();
}

}  // namespace verso
