#include "ingest/record_completer.h"

#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/image.h"
#include "common/image/perceptual_hash.h"
#include "common/image/probe.h"
#include "ingest/scraper.h"
#include "ingest/text_encoding.h"

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

absl::Status SetImage(absl::string_view bytes, Provenance& provenance) {
  absl::StatusOr<ImageProbe> probe = ProbeImage(bytes);
  if (absl::IsInvalidArgument(probe.status())) {
    const bool html =
        absl::StartsWith(absl::StripLeadingAsciiWhitespace(bytes), "<");
    return Malformed(html ? "html" : "not an image", probe.status().message());
  }
  RETURN_IF_ERROR(probe.status());
  const absl::StatusOr<Image> image = DecodeImage(bytes);
  if (absl::IsInvalidArgument(image.status())) {
    return Malformed(probe->frames > 1 ? "animated" : "too many pixels",
                     image.status().message());
  }
  RETURN_IF_ERROR(image.status());
  provenance.set_perceptual_hash(PerceptualHash(*image));
  provenance.set_width(probe->width);
  provenance.set_height(probe->height);
  provenance.set_format(probe->format);
  *provenance.mutable_encoder() = probe->encoder;
  provenance.set_color_profile(probe->color_profile);
  *provenance.mutable_claims() = probe->claims;
  return absl::OkStatus();
}

}  // namespace

WorkerName ThisWorker() {
  char host[256] = {0};
  gethostname(host, sizeof(host) - 1);
  return {.worker = host, .version = std::string(kProduct)};
}

absl::Status CompleteRecord(const HttpHead& head, absl::Time fetched_at,
                            const WorkerName& worker, Record& record) {
  Provenance& provenance = *record.mutable_provenance();
  RETURN_IF_ERROR(SetImage(record.image(), provenance));
  SetResponse(head, fetched_at, provenance);
  provenance.set_sha256(Sha256Hex(record.image()));
  provenance.set_size_bytes(static_cast<int64_t>(record.image().size()));
  provenance.set_worker(worker.worker);
  provenance.set_worker_version(worker.version);
  return absl::OkStatus();
}

}  // namespace verso
