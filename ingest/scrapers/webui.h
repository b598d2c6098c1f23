#ifndef VERSO_INGEST_SCRAPERS_WEBUI_H_
#define VERSO_INGEST_SCRAPERS_WEBUI_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ingest/scraper.h"

namespace verso {

// What the sources share that let a Stable Diffusion server (AUTOMATIC1111's
// web UI with its API) generate one picture for a stored record, with the
// paper's settings: DDIM without noise (eta 0), 32 steps, guidance 7.5,
// "[style] painting of [title]".

// An item of `source` for `parent`, its post_body left out: labels, links to
// the parent and its work, prompt, settings, and a seed that follows from the
// parent's id, so that a second run asks the same. `api`: "txt2img" or
// "img2img".
WorkItem WebuiItem(absl::string_view source, absl::string_view api,
                   const Record& parent);

// The fields of the request that an item's provenance decides, for a picture
// of this size (pixels; multiples of 8).
nlohmann::json WebuiRequest(const WorkItem& item, int width, int height);

// The record of an answer: the picture's bytes, and what the server says that
// it did (seed, model, sampler, ...), which wins over what it was asked to do.
// kInvalidArgument: the answer has no picture or no "info".
absl::Status ParseWebuiAnswer(const WorkItem& item, HttpStream& response,
                              ScrapeSink& sink);

// JSON text that a stored title cannot break: what is not UTF-8 is replaced.
std::string DumpJson(const nlohmann::json& value);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_WEBUI_H_
