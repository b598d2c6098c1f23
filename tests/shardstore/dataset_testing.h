#ifndef VERSO_TESTS_SHARDSTORE_DATASET_TESTING_H_
#define VERSO_TESTS_SHARDSTORE_DATASET_TESTING_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/dataset.pb.h"
#include "proto/record.pb.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/sample_stream.h"
#include "shardstore/shard_store.h"

namespace verso::testing {

// A JPEG drawn by program: colour fields and lines that `seed` decides.
std::string DrawnJpeg(int width, int height, uint64_t seed);

// A record of `source` whose picture and traits `item` decides, as ingest would
// make it.
Record DrawnRecord(absl::string_view source, int item, int width = 240,
                   int height = 230);

// `per_source` records of each of the five sources: ArtBench in three styles,
// LoFi pictures whose parents are the ArtBench ones, WGA in pairs of whole and
// detail.
std::vector<Record> DrawnCollection(int per_source);

// Appends and expects every one to be stored.
void StoreAll(ShardStore& store, absl::Span<const Record> records);

// A store with DrawnCollection(per_source), open for writing.
std::unique_ptr<LocalShardStore> MakeDrawnStore(
    const std::filesystem::path& dir, int per_source);

// Everything that a stream gives from here on; an error fails the test.
std::vector<SampleBatch> ReadAllBatches(SampleStream& stream);

// One line per sample and step, images included: equal texts are equal streams.
std::string TextOf(const std::vector<SampleBatch>& batches);

// Changes one byte of a file.
void FlipByte(const std::filesystem::path& path, int64_t offset);

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_DATASET_TESTING_H_
