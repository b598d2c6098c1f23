#include "shardstore/near_duplicates/link_records.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/on_all_cores.h"
#include "common/base/paths.h"
#include "common/base/progress.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/server_address.h"
#include "shardstore/keyed_hash.h"
#include "shardstore/near_duplicates/judged_pairs.h"
#include "shardstore/near_duplicates/picture_match.h"
#include "shardstore/near_duplicates/sketch_cache.h"
#include "shardstore/near_duplicates/work_links.h"
#include "shardstore/record_query.h"

namespace verso {
namespace {

// Compared between two commits of links: about a second of work.
constexpr size_t kChunkPairs = 128;

// What is kept of every record.
struct Catalog {
  std::vector<PackedId> ids;
  std::vector<int64_t> sizes;  // Bytes.
  std::vector<PictureKeys> keys;
};

PictureKeys KeysOf(const Provenance& provenance) {
  PictureKeys keys;
  keys.look = ParseLook(provenance.perceptual_hash());
  const std::string& work = provenance.work().work_key();
  if (!work.empty()) keys.work = KeyedHash(0, work);
  return keys;
}

absl::StatusOr<Catalog> ReadCatalog(ShardStore& store, LinkReport& report) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   store.Query(RecordQuery()));
  Catalog catalog;
  ProgressLine progress;
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    const absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) {
      ++report.unreadable;
      continue;
    }
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) break;
    const Provenance& provenance = (*record)->provenance();
    if (!IsRecordId(RecordIdOf(provenance.sha256()))) {
      ++report.unreadable;  // Nobody can ask for it.
      continue;
    }
    catalog.ids.push_back(PackId(RecordIdOf(provenance.sha256())));
    catalog.sizes.push_back(provenance.size_bytes());
    catalog.keys.push_back(KeysOf(provenance));
    progress.Update(
        absl::StrCat("reading keys: ", catalog.ids.size(), " records"));
  }
  report.records = static_cast<int64_t>(catalog.ids.size());
  return catalog;
}

// The numbers of two records as one, whichever comes first.
uint64_t PairKey(uint32_t a, uint32_t b) {
  return uint64_t{std::min(a, b)} << 32 | std::max(a, b);
}

// What earlier runs made of pairs of catalogued records.
class Memory {
 public:
  explicit Memory(const Catalog& catalog) {
    for (size_t i = 0; i < catalog.ids.size(); ++i) {
      numbers_[catalog.ids[i]] = static_cast<uint32_t>(i);
    }
  }

  void AddJudged(const JudgedPair& pair) {
    if (const auto key = KeyOf(pair.first, pair.second)) judged_.insert(*key);
  }
  // A link of an older method is judged anew, and may be taken back.
  void AddLink(const WorkLink& link) {
    const auto key = KeyOf(PackId(link.record_id()), PackId(link.other_id()));
    if (!key.has_value()) return;
    if (link.method_version() == kMatchVersion) {
      judged_.insert(*key);
    } else {
      old_links_.insert(*key);
    }
  }
  bool IsJudged(uint64_t key) const { return judged_.contains(key); }
  bool HasOldLink(uint64_t key) const { return old_links_.contains(key); }

 private:
  std::optional<uint64_t> KeyOf(const PackedId& a, const PackedId& b) const {
    const auto first = numbers_.find(a);
    const auto second = numbers_.find(b);
    if (first == numbers_.end() || second == numbers_.end()) {
      return std::nullopt;
    }
    return PairKey(first->second, second->second);
  }

  absl::flat_hash_map<PackedId, uint32_t> numbers_;
  absl::flat_hash_set<uint64_t> judged_;
  absl::flat_hash_set<uint64_t> old_links_;
};

WorkLink LinkOf(const PictureMatch& match, const std::string& first,
                const std::string& second) {
  WorkLink link;
  const bool second_is_detail =
      match.relation == PictureRelation::kSecondIsDetail;
  link.set_record_id(second_is_detail ? second : first);
  link.set_other_id(second_is_detail ? first : second);
  switch (match.relation) {
    case PictureRelation::kDifferent:
      link.set_relation(WORK_RELATION_DIFFERENT);
      break;
    case PictureRelation::kSamePicture:
      link.set_relation(WORK_RELATION_SAME_PICTURE);
      break;
    case PictureRelation::kFirstIsDetail:
    case PictureRelation::kSecondIsDetail:
      link.set_relation(WORK_RELATION_DETAIL_OF);
      break;
  }
  link.set_correlation(std::clamp(match.correlation, -1.0, 1.0));
  link.set_method_version(kMatchVersion);
  return link;
}

// Compares pairs chunk by chunk and keeps what comes of it.
class Linker {
 public:
  Linker(ShardStore& store, const Catalog& catalog, const Memory& memory,
         JudgedPairs& judged, LinkReport& report)
      : store_(store),
        catalog_(catalog),
        memory_(memory),
        judged_(judged),
        report_(report),
        sketches_(store) {}

  absl::Status Run(const std::vector<CandidatePair>& pairs) {
    ProgressLine progress;
    const absl::Time start = absl::Now();
    const auto total = static_cast<double>(pairs.size());
    for (size_t done = 0; done < pairs.size();) {
      RETURN_IF_ERROR(CheckNotStopped());
      const auto chunk = absl::MakeConstSpan(pairs).subspan(done, kChunkPairs);
      RETURN_IF_ERROR(Judge(chunk));
      done += chunk.size();
      const double rate =
          static_cast<double>(done) /
          std::max(0.001, absl::ToDoubleSeconds(absl::Now() - start));
      progress.Update(absl::StrFormat(
          "comparing: %d of %d pairs, %.0f/s, %s left", done, pairs.size(),
          rate, FormatTimeLeft(static_cast<double>(done), total, start)));
    }
    if (pairs.empty()) return absl::OkStatus();
    progress.Finish(absl::StrCat("compared ", pairs.size(), " pairs in ",
                                 HumanDuration(absl::Now() - start)));
    return absl::OkStatus();
  }

 private:
  absl::Status LoadSketches(absl::Span<const CandidatePair> pairs) {
    std::vector<uint32_t> records;
    for (const CandidatePair& pair : pairs) {
      records.push_back(pair.first);
      records.push_back(pair.second);
    }
    std::sort(records.begin(), records.end());
    records.erase(std::unique(records.begin(), records.end()), records.end());
    std::vector<SketchRequest> requests;
    for (const uint32_t record : records) {
      requests.push_back(
          {record, UnpackId(catalog_.ids[record]), catalog_.sizes[record]});
    }
    return sketches_.Load(requests);
  }

  bool AreBoth(SketchCache::State state, const CandidatePair& pair) const {
    return sketches_.StateOf(pair.first) == state &&
           sketches_.StateOf(pair.second) == state;
  }
  bool IsEither(SketchCache::State state, const CandidatePair& pair) const {
    return sketches_.StateOf(pair.first) == state ||
           sketches_.StateOf(pair.second) == state;
  }

  absl::Status Judge(absl::Span<const CandidatePair> pairs) {
    RETURN_IF_ERROR(LoadSketches(pairs));
    std::vector<PictureMatch> matches(pairs.size());
    OnAllCores(pairs.size(), [&](size_t i) {
      if (!AreBoth(SketchCache::State::kReady, pairs[i])) return;
      matches[i] = ComparePictures(sketches_.Get(pairs[i].first),
                                   sketches_.Get(pairs[i].second));
    });
    std::vector<WorkLink> links;
    std::vector<JudgedPair> judged;
    for (size_t i = 0; i < pairs.size(); ++i) {
      // A damaged record may be put right: its pairs stay open.
      if (IsEither(SketchCache::State::kUnreadable, pairs[i])) continue;
      Count(pairs[i], matches[i]);
      judged.push_back(
          {catalog_.ids[pairs[i].first], catalog_.ids[pairs[i].second]});
      if (matches[i].relation != PictureRelation::kDifferent ||
          memory_.HasOldLink(PairKey(pairs[i].first, pairs[i].second))) {
        links.push_back(LinkOf(matches[i], UnpackId(judged.back().first),
                               UnpackId(judged.back().second)));
      }
    }
    // Links first: a pair that is known as judged has its link.
    if (!links.empty()) RETURN_IF_ERROR(store_.AddLinks(links));
    return judged_.Add(judged);
  }

  void Count(const CandidatePair& pair, const PictureMatch& match) {
    ++report_.compared;
    if (IsEither(SketchCache::State::kNoPicture, pair)) ++report_.no_picture;
    if (match.relation == PictureRelation::kDifferent) return;
    ++(match.relation == PictureRelation::kSamePicture ? report_.same_pictures
                                                       : report_.details);
  }

  ShardStore& store_;
  const Catalog& catalog_;
  const Memory& memory_;
  JudgedPairs& judged_;
  LinkReport& report_;
  SketchCache sketches_;
};

}  // namespace

absl::StatusOr<LinkReport> LinkRecords(ShardStore& store,
                                       const LinkOptions& options) {
  LinkReport report;
  ASSIGN_OR_RETURN(const Catalog catalog, ReadCatalog(store, report));
  Memory memory(catalog);
  ASSIGN_OR_RETURN(
      const std::unique_ptr<JudgedPairs> judged,
      JudgedPairs::Open(options.judged_file, kMatchVersion,
                        [&](const JudgedPair& p) { memory.AddJudged(p); }));
  ASSIGN_OR_RETURN(const std::vector<WorkLink> links, store.ReadLinks());
  for (const WorkLink& link : links) {
    RETURN_IF_ERROR(CheckLink(link));
    memory.AddLink(link);
  }
  Candidates candidates = FindCandidates(catalog.keys, options.limits);
  report.candidates = static_cast<int64_t>(candidates.pairs.size());
  report.pairs_left_out = candidates.pairs_left_out;
  report.full_bands = candidates.full_bands;
  report.judged_before = static_cast<int64_t>(
      std::erase_if(candidates.pairs, [&](const CandidatePair& pair) {
        return memory.IsJudged(PairKey(pair.first, pair.second));
      }));
  RETURN_IF_ERROR(
      Linker(store, catalog, memory, *judged, report).Run(candidates.pairs));
  return report;
}

std::filesystem::path JudgedFileOf(absl::string_view store_location) {
  constexpr size_t kDigits = 16;
  if (!IsServerAddress(store_location)) {
    return std::filesystem::path(std::string(store_location)) / "judged_pairs";
  }
  return VersoHome() /
         absl::StrCat("judged_pairs-",
                      Sha256Hex(store_location).substr(0, kDigits));
}

int64_t CountCrossedLinks(absl::Span<const SampleRow> samples,
                          absl::Span<const WorkLink> links) {
  absl::flat_hash_map<absl::string_view, Split> splits;
  for (const SampleRow& sample : samples) {
    splits[sample.sample_id] = sample.split;
  }
  return std::count_if(links.begin(), links.end(), [&](const WorkLink& link) {
    const auto one = splits.find(link.record_id());
    const auto other = splits.find(link.other_id());
    return one != splits.end() && other != splits.end() &&
           one->second != other->second;
  });
}

std::string ListLinkReport(const LinkReport& report) {
  std::string text = absl::StrFormat(
      "%d records, %d candidate pairs: %d judged before, %d compared now\n"
      "found %d pairs of one picture and %d details\n",
      report.records, report.candidates, report.judged_before, report.compared,
      report.same_pictures, report.details);
  if (report.pairs_left_out > 0) {
    absl::StrAppendFormat(
        &text,
        "warning: %d pairs were left out, since too many records share a look "
        "or a work\n",
        report.pairs_left_out);
  }
  if (report.full_bands > 0) {
    absl::StrAppendFormat(
        &text,
        "warning: %d groups of similar looks are too large to be searched "
        "whole\n",
        report.full_bands);
  }
  if (report.unreadable > 0) {
    absl::StrAppendFormat(&text,
                          "warning: %d records are damaged; run bazel run "
                          "//shardstore -- fsck\n",
                          report.unreadable);
  }
  if (report.no_picture > 0) {
    absl::StrAppendFormat(&text,
                          "warning: %d pairs have a picture that cannot be "
                          "decoded\n",
                          report.no_picture);
  }
  return text;
}

}  // namespace verso
