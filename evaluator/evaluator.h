#ifndef VERSO_EVALUATOR_EVALUATOR_H_
#define VERSO_EVALUATOR_EVALUATOR_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "evaluator/report.h"
#include "shardstore/shard_store.h"
#include "trainer/classifier.h"

namespace verso {

struct EvaluationOptions {
  std::string checkpoint;       // Its folder's name: "step-0000000120".
  std::string manifest_sha256;  // Of its manifest.json.
  // Pictures read from the store at a time.
  int64_t batch_size = 64;
  // Called from the classifier's thread after each prediction.
  std::function<void(int64_t done, int64_t total)> progress;
};

// Scores every picture of the test split (held-out sources lie in it) of the
// checkpoint's snapshot once per noise draw: not shuffled, not padded. A
// picture that cannot be decoded is a row without a logit. The same checkpoint
// and snapshot give the same report.
// kFailedPrecondition: the snapshot has no test samples.
// kDataLoss: the store's stream and its sample table disagree, or the
//   classifier left out a picture or scored one as NaN; there is no report
//   with gaps.
// kCancelled: the process was asked to stop (common/base/stop_signal.h).
// Else as the store and the classifier fail.
absl::StatusOr<EvaluationReport> Evaluate(Classifier& classifier,
                                          ShardStore& store,
                                          const EvaluationOptions& options);

}  // namespace verso

#endif  // VERSO_EVALUATOR_EVALUATOR_H_
