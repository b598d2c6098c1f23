#ifndef VERSO_TESTS_SHARDSTORE_KILL_TESTING_H_
#define VERSO_TESTS_SHARDSTORE_KILL_TESTING_H_

#include <cstdint>

#include "proto/record.pb.h"
#include "tests/shardstore/storage_testing.h"

namespace verso::testing {

// The records of kill_test: a function of the arguments, so that the reader
// can tell what each one's bytes must be. No two are alike.
inline Record KillTestRecord(uint64_t stream, uint64_t number) {
  const uint64_t seed = stream << 32 | number;
  Record record = RecordOf("killed", static_cast<int>(number));
  record.mutable_provenance()->set_found_by(std::to_string(seed));
  record.set_image(FakeJpeg(seed, 100 + seed % 9000));
  if (number % 4 == 0) record.mutable_provenance()->set_quarantine("doubt");
  return record;
}

// How a record is quarantined once it is stored.
inline bool IsSeenAsGenerated(uint64_t number) { return number % 4 == 1; }
inline bool IsJudgedLater(uint64_t number) { return number % 4 == 2; }

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_KILL_TESTING_H_
