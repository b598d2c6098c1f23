#include "ingest/record_completer.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/claims/label_check.h"
#include "common/image/probe.h"
#include "ingest/scraper.h"
#include "ingest/text_encoding.h"
#include "shardstore/provenance_json.h"
#include "shardstore/record_codec.h"

namespace verso {
namespace {

// A header's value; dropped when it is no UTF-8, which a protobuf text must be.
std::string TextHeader(const HttpHead& head, absl::string_view name) {
  const std::string value = head.Header(name);
  return IsUtf8(value) ? value : "";
}

void SetResponse(const HttpHead& head, absl::Time fetched_at,
                 Provenance& provenance) {
  provenance.set_http_status(head.status);
  provenance.set_etag(TextHeader(head, "etag"));
  provenance.set_last_modified(TextHeader(head, "last-modified"));
  provenance.set_content_type(TextHeader(head, "content-type"));
  provenance.set_stand_in(TextHeader(head, "x-verso-stand-in"));
  provenance.set_fetched_at(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", fetched_at, absl::UTCTimeZone()));
  if (provenance.image_url().empty() && IsUtf8(head.url)) {
    provenance.set_image_url(head.url);
  }
}

// What an image is refused under; `status` is of ImageSandbox::Examine().
absl::Status Refusal(absl::string_view bytes, const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      break;
    case absl::StatusCode::kResourceExhausted:
      return Malformed("decoder memory", status.message());
    case absl::StatusCode::kDeadlineExceeded:
      return Malformed(kDecoderTime, status.message());
    case absl::StatusCode::kInternal:
      return Malformed("decoder crash", status.message());
    default:
      return status;
  }
  const absl::StatusOr<ImageProbe> probe = ProbeImage(bytes);
  if (!probe.ok()) {
    const bool html =
        absl::StartsWith(absl::StripLeadingAsciiWhitespace(bytes), "<");
    return Malformed(html ? "html" : "not an image", status.message());
  }
  if (absl::StrContains(status.message(), "is animated")) {
    return Malformed("animated", status.message());
  }
  return Malformed(
      "too many pixels",
      absl::StrCat(status.message(), "; --max_pixels takes larger ones"));
}

absl::Status SetImage(absl::string_view bytes, ImageSandbox& images,
                      Provenance& provenance) {
  absl::StatusOr<ExaminedImage> examined = images.Examine(bytes);
  if (!examined.ok()) return Refusal(bytes, examined.status());
  const ImageProbe* const probe = &examined->probe;
  provenance.set_perceptual_hash(examined->perceptual_hash);
  provenance.set_width(probe->width);
  provenance.set_height(probe->height);
  provenance.set_format(probe->format);
  *provenance.mutable_encoder() = probe->encoder;
  provenance.set_color_profile(probe->color_profile);
  *provenance.mutable_claims() = probe->claims;
  return absl::OkStatus();
}

// One picture that is too much for the store would fail its whole batch.
absl::Status CheckSize(const Provenance& provenance) {
  constexpr size_t kSpareBytes = 4096;  // What the store may add.
  const absl::StatusOr<std::string> json = ProvenanceToJson(provenance);
  if (!json.ok()) return Malformed("bad metadata", json.status().message());
  if (json->size() + kSpareBytes <= size_t{kMaxProvenanceBytes}) {
    return absl::OkStatus();
  }
  return Malformed("too much metadata",
                   absl::StrCat(provenance.source_item_id(), ": ", json->size(),
                                " bytes of metadata are more than a store "
                                "takes (",
                                kMaxProvenanceBytes, ")"));
}

}  // namespace

WorkerName ThisWorker() {
  char host[256] = {0};
  gethostname(host, sizeof(host) - 1);
  return {.worker = host, .version = std::string(kProduct)};
}

absl::Status CompleteRecord(const HttpHead& head, absl::Time fetched_at,
                            const WorkerName& worker, ImageSandbox& images,
                            Record& record) {
  Provenance& provenance = *record.mutable_provenance();
  RETURN_IF_ERROR(SetImage(record.image(), images, provenance));
  SetResponse(head, fetched_at, provenance);
  provenance.set_sha256(Sha256Hex(record.image()));
  provenance.set_size_bytes(static_cast<int64_t>(record.image().size()));
  provenance.set_worker(worker.worker);
  provenance.set_worker_version(worker.version);
  CheckLabel(provenance);
  return CheckSize(provenance);
}

std::vector<absl::Status> CompleteRecords(const HttpHead& head,
                                          absl::Time fetched_at,
                                          const WorkerName& worker,
                                          ImageSandbox& images,
                                          absl::Span<Record> records) {
  std::vector<absl::Status> statuses(records.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < records.size(); i = next++) {
      statuses[i] =
          CompleteRecord(head, fetched_at, worker, images, records[i]);
    }
  };
  std::vector<std::thread> others;
  const size_t threads = std::min<size_t>(images.decoders(), records.size());
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  return statuses;
}

}  // namespace verso
