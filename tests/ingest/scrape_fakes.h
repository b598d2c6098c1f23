#ifndef VERSO_TESTS_INGEST_SCRAPE_FAKES_H_
#define VERSO_TESTS_INGEST_SCRAPE_FAKES_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// A response whose bytes come in small parts.
class FakeResponse : public HttpStream {
 public:
  explicit FakeResponse(std::string body) : body_(std::move(body)) {
    head_.status = 200;
  }
  const HttpHead& head() const override { return head_; }
  absl::StatusOr<absl::string_view> Next() override {
    constexpr size_t kPart = 700;
    const size_t begin = std::min(next_, body_.size());
    next_ = begin + kPart;
    return absl::string_view(body_).substr(begin, kPart);
  }

 private:
  const std::string body_;
  size_t next_ = 0;
  HttpHead head_;
};

// Keeps what a scraper finds.
class FakeSink : public ScrapeSink {
 public:
  absl::Status AddItem(WorkItem item) override {
    items.push_back(std::move(item));
    return absl::OkStatus();
  }
  absl::Status AddRecord(Record record) override {
    records.push_back(std::move(record));
    return absl::OkStatus();
  }
  absl::Status Refuse(absl::string_view reason, absl::string_view) override {
    ++refused[std::string(reason)];
    return absl::OkStatus();
  }
  absl::Status AddNote(absl::string_view key, const Provenance& note) override {
    notes[std::string(key)] = note;
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<Provenance>> FindNote(
      absl::string_view key) override {
    const auto it = notes.find(std::string(key));
    if (it == notes.end()) return std::nullopt;
    return it->second;
  }

  std::vector<WorkItem> items;
  std::vector<Record> records;
  std::map<std::string, int> refused;
  std::map<std::string, Provenance> notes;
};

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_SCRAPE_FAKES_H_
