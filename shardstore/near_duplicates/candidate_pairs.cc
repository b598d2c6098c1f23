#include "shardstore/near_duplicates/candidate_pairs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/check.h"

namespace verso {
namespace {

constexpr uint32_t kNobody = ~uint32_t{0};
constexpr int kBands = 5;
constexpr int kMaxDistance = 3 * kBands - 1;
constexpr std::array<int, kBands> kBandBits = {13, 13, 13, 13, 12};

int Distance(uint64_t a, uint64_t b) { return std::popcount(a ^ b); }

// Numbers with at most two bits set out of `bits`.
std::vector<uint32_t> NearFlips(int bits) {
  std::vector<uint32_t> flips = {0};
  for (int i = 0; i < bits; ++i) {
    flips.push_back(1u << i);
    for (int j = 0; j < i; ++j) flips.push_back(1u << i | 1u << j);
  }
  return flips;
}

// Which of all looks have a value in one band: rows of one table.
class BandTable {
 public:
  BandTable(const std::vector<uint64_t>& looks, int shift, int bits)
      : shift_(shift),
        mask_((uint64_t{1} << bits) - 1),
        flips_(NearFlips(bits)),
        starts_((size_t{1} << bits) + 1),
        ids_(looks.size()) {
    for (const uint64_t look : looks) ++starts_[RowOf(look) + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    std::vector<uint32_t> next = starts_;
    for (size_t i = 0; i < looks.size(); ++i) {
      ids_[next[RowOf(looks[i])]++] = static_cast<uint32_t>(i);
    }
  }

  // Gives the looks before `look`, number `number`, that differ in at most two
  // bits of this band; at most `limit` of each row.
  template <typename Visit>
  void ForEachNear(uint64_t look, uint32_t number, int64_t limit,
                   Visit visit) const {
    for (const uint32_t flip : flips_) {
      const size_t row = RowOf(look) ^ flip;
      const int64_t begin = starts_[row];
      const int64_t end = std::min<int64_t>(starts_[row + 1], begin + limit);
      for (int64_t i = begin; i < end && ids_[i] < number; ++i) visit(ids_[i]);
    }
  }

  int64_t CountRowsOver(int64_t limit) const {
    int64_t over = 0;
    for (size_t row = 0; row + 1 < starts_.size(); ++row) {
      if (starts_[row + 1] - starts_[row] > limit) ++over;
    }
    return over;
  }

 private:
  size_t RowOf(uint64_t look) const { return look >> shift_ & mask_; }

  const int shift_;
  const uint64_t mask_;
  const std::vector<uint32_t> flips_;
  std::vector<uint32_t> starts_;  // [rows + 1] into ids_.
  std::vector<uint32_t> ids_;     // Ascending within a row.
};

// Records sorted by a key, in runs of one key.
class Groups {
 public:
  void Add(uint64_t key, uint32_t record) { items_.emplace_back(key, record); }
  void Close() {
    std::sort(items_.begin(), items_.end());
    for (size_t i = 0; i < items_.size(); ++i) {
      if (i > 0 && items_[i].first == items_[i - 1].first) continue;
      keys_.push_back(items_[i].first);
      starts_.push_back(i);
    }
    starts_.push_back(items_.size());
  }
  const std::vector<uint64_t>& keys() const { return keys_; }
  int64_t SizeOf(size_t group) const {
    return static_cast<int64_t>(starts_[group + 1] - starts_[group]);
  }
  uint32_t Record(size_t group, int64_t i) const {
    return items_[starts_[group] + static_cast<size_t>(i)].second;
  }

 private:
  std::vector<std::pair<uint64_t, uint32_t>> items_;
  std::vector<uint64_t> keys_;  // Of each group, ascending.
  std::vector<size_t> starts_;
};

class Finder {
 public:
  explicit Finder(const CandidateLimits& limits) : limits_(limits) {}

  void PairEqualKeys(const Groups& works) {
    for (size_t group = 0; group < works.keys().size(); ++group) {
      for (int64_t i = 0; i < works.SizeOf(group); ++i) {
        PairWithEarlier(works, group, i, limits_.pairs_of_record);
      }
    }
  }

  void PairNearLooks(const Groups& looks) {
    std::vector<BandTable> tables;
    int shift = 0;
    for (const int bits : kBandBits) {
      tables.emplace_back(looks.keys(), shift, bits);
      shift += bits;
      found_.full_bands += tables.back().CountRowsOver(limits_.looks_of_band);
    }
    seen_by_.assign(looks.keys().size(), kNobody);
    for (uint32_t group = 0; group < looks.keys().size(); ++group) {
      PairLook(looks, tables, group);
    }
  }

  Candidates Finish() {
    auto& pairs = found_.pairs;
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    return std::move(found_);
  }

 private:
  void Add(uint32_t a, uint32_t b) {
    found_.pairs.push_back({std::min(a, b), std::max(a, b)});
  }

  // Record i of a group with those before it, the latest ones; the number of
  // pairs made.
  int64_t PairWithEarlier(const Groups& groups, size_t group, int64_t i,
                          int64_t budget) {
    const int64_t made = std::min(i, budget);
    for (int64_t k = 1; k <= made; ++k) {
      Add(groups.Record(group, i - k), groups.Record(group, i));
    }
    found_.pairs_left_out += i - made;
    return made;
  }

  // Every record of a look: with those of the same look, then of near ones.
  void PairLook(const Groups& looks, const std::vector<BandTable>& tables,
                uint32_t group) {
    const uint64_t look = looks.keys()[group];
    near_.clear();
    for (const BandTable& table : tables) {
      table.ForEachNear(look, group, limits_.looks_of_band, [&](uint32_t id) {
        if (std::exchange(seen_by_[id], group) == group) return;
        const int distance = Distance(look, looks.keys()[id]);
        if (distance <= limits_.max_distance) near_.emplace_back(distance, id);
      });
    }
    // Each look has a record, so that more looks are never paired.
    const auto wanted = std::min<size_t>(near_.size(), limits_.pairs_of_record);
    std::partial_sort(near_.begin(), near_.begin() + wanted, near_.end());
    for (int64_t i = 0; i < looks.SizeOf(group); ++i) {
      const int64_t left =
          limits_.pairs_of_record -
          PairWithEarlier(looks, group, i, limits_.pairs_of_record);
      PairWithNear(looks, looks.Record(group, i), left);
    }
  }

  void PairWithNear(const Groups& looks, uint32_t record, int64_t left) {
    for (const auto& [distance, id] : near_) {
      const int64_t made = std::min(left, looks.SizeOf(id));
      for (int64_t k = 0; k < made; ++k) Add(looks.Record(id, k), record);
      found_.pairs_left_out += looks.SizeOf(id) - made;
      left -= made;
    }
  }

  const CandidateLimits limits_;
  Candidates found_;
  std::vector<std::pair<int, uint32_t>> near_;  // Distance, look.
  std::vector<uint32_t> seen_by_;  // By look: the last one that met it.
};

}  // namespace

std::optional<uint64_t> ParseLook(absl::string_view perceptual_hash) {
  constexpr size_t kDigits = 16;
  uint64_t look = 0;
  const bool digits =
      std::all_of(perceptual_hash.begin(), perceptual_hash.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  if (perceptual_hash.size() != kDigits || !digits ||
      !absl::SimpleHexAtoi(perceptual_hash, &look)) {
    return std::nullopt;
  }
  return look;
}

Candidates FindCandidates(absl::Span<const PictureKeys> records,
                          const CandidateLimits& limits) {
  VERSO_CHECK(limits.max_distance <= kMaxDistance);
  Groups works;
  Groups looks;
  for (size_t i = 0; i < records.size(); ++i) {
    const auto record = static_cast<uint32_t>(i);
    if (records[i].work != 0) works.Add(records[i].work, record);
    if (records[i].look.has_value()) looks.Add(*records[i].look, record);
  }
  works.Close();
  looks.Close();
  Finder finder(limits);
  finder.PairEqualKeys(works);
  finder.PairNearLooks(looks);
  return finder.Finish();
}

}  // namespace verso
