#ifndef VERSO_COMMON_HTTP_TRANSFER_LOOP_H_
#define VERSO_COMMON_HTTP_TRANSFER_LOOP_H_

#include <curl/curl.h>

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/http/transfer.h"

namespace verso {

// One curl_multi on one thread, which moves all transfers. When the process is
// asked to stop every transfer ends with kCancelled. Thread-safe.
class TransferLoop {
 public:
  TransferLoop();
  // Ends what is still going on.
  ~TransferLoop();

  // The transfer ends by its own limits, by Cancel() or with the loop.
  void Start(std::shared_ptr<Transfer> transfer) ABSL_LOCKS_EXCLUDED(mu_);
  // No effect on a transfer that has ended.
  void Cancel(std::shared_ptr<Transfer> transfer) ABSL_LOCKS_EXCLUDED(mu_);
  // A reader made room in a paused transfer.
  void Wake();

 private:
  void Run();
  bool TakeOrders() ABSL_LOCKS_EXCLUDED(mu_);
  void Add(std::shared_ptr<Transfer> transfer);
  void Remove(CURL* easy, CURLcode code, absl::Status why);
  void RemoveAll(const absl::Status& why);
  void FinishDone();
  void Unpause();

  CURLM* const multi_;
  std::map<CURL*, std::shared_ptr<Transfer>> running_;  // Of the thread alone.

  absl::Mutex mu_;
  std::vector<std::shared_ptr<Transfer>> to_start_ ABSL_GUARDED_BY(mu_);
  std::vector<std::shared_ptr<Transfer>> to_cancel_ ABSL_GUARDED_BY(mu_);
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_TRANSFER_LOOP_H_
