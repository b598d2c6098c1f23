#ifndef VERSO_INGEST_SCRAPER_H_
#define VERSO_INGEST_SCRAPER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/http/http_fetcher.h"
#include "proto/frontier.pb.h"
#include "proto/record.pb.h"

namespace verso {

// Takes what a scraper finds in one response. An error of any method ends the
// parsing: return it. Not thread-safe.
class ScrapeSink {
 public:
  virtual ~ScrapeSink() = default;

  // A further request. One that was seen before is dropped.
  virtual absl::Status AddItem(WorkItem item) = 0;

  // A picture and what the site says of it; what can be read from the bytes or
  // the response is filled in later. `source_item_id` is the item's when it is
  // empty; a picture of an archive whose id is stored already is dropped.
  virtual absl::Status AddRecord(Record record) = 0;

  // Something that is left out, counted under a short reason ("grid"); with
  // its id, once for all the answers that it appears in.
  virtual absl::Status Refuse(absl::string_view reason,
                              absl::string_view item_id = "") = 0;

  // Facts that another response of the site will need (a catalogue and its
  // archive). They outlive the run.
  virtual absl::Status AddNote(absl::string_view key,
                               const Provenance& note) = 0;
  virtual absl::StatusOr<std::optional<Provenance>> FindNote(
      absl::string_view key) = 0;
};

// One site: knows its requests and formats, never fetches, sleeps or stores
// (the worker does). Thread-safe.
class Scraper {
 public:
  virtual ~Scraper() = default;

  virtual std::string source() const = 0;

  // Where a crawl starts.
  virtual std::vector<WorkItem> Seeds() const = 0;

  // Stored records of another source, each of which may lead to an item of
  // this one (a search by picture, a prompt from a title). nullopt: none.
  virtual std::optional<RecordQuery> DerivesFrom() const {
    return std::nullopt;
  }
  virtual std::optional<WorkItem> Derive(const Record& record) const {
    return std::nullopt;
  }

  // What is posted for an item that is made from the picture of its parent: the
  // body is asked for just before it is sent (post_body.h), so that no picture
  // waits in a queue. `parent` is the stored record that the item's provenance
  // names, bytes included. Only where PostsParent(); elsewhere the item's own
  // `post_body` is all. kInvalidArgument: nothing can be made of this parent.
  virtual bool PostsParent() const { return false; }
  virtual absl::StatusOr<std::string> PostBody(const WorkItem& item,
                                               const Record& parent) const {
    return absl::UnimplementedError("nothing is posted for a parent");
  }

  // Another way to the picture of an item that its site answers with HTTP 404;
  // it takes the item's place. nullopt: none.
  virtual std::optional<WorkItem> Instead(const WorkItem& item) const {
    return std::nullopt;
  }

  // Reads the 2xx response to an item of this scraper. kInvalidArgument: it is
  // not in the site's format (see Malformed()); else errors of `response` and
  // of `sink`.
  virtual absl::Status Parse(const WorkItem& item, HttpStream& response,
                             ScrapeSink& sink) const = 0;
};

// The absolute URL of `item`, of a source with these base URLs (sources.h).
// kInvalidArgument: the source has no such base.
absl::StatusOr<std::string> UrlOf(const WorkItem& item,
                                  absl::Span<const std::string> base_urls);

// The record of an item whose response is the picture itself: the bytes and
// the item's provenance.
absl::Status ParseImage(const WorkItem& item, HttpStream& response,
                        ScrapeSink& sink);

// kInvalidArgument that is counted under `reason` ("html", "not JSON").
absl::Status Malformed(absl::string_view reason, absl::string_view message);

// What a failure is counted under: Malformed()'s reason, else a word for the
// code.
std::string RefusalReason(const absl::Status& status);

// A web page came where something else was asked for, Malformed("html"): sites
// that are busy or look for robots answer so, and the same request may succeed
// later.
bool IsWebPage(const absl::Status& status);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPER_H_
