#include "common/http/transfer_loop.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/stop_signal.h"

namespace verso {
namespace {

// Also how soon a request to stop is seen.
constexpr int kPollMillis = 200;

CURLM* NewMulti() {
  // Static: libcurl's global state is set up once, before the first handle.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  VERSO_CHECK(ready == CURLE_OK);
  return curl_multi_init();
}

}  // namespace

TransferLoop::TransferLoop() : multi_(NewMulti()) {
  VERSO_CHECK(multi_ != nullptr);
  thread_ = std::thread([this] { Run(); });
}

TransferLoop::~TransferLoop() {
  {
    absl::MutexLock lock(&mu_);
    ending_ = true;
  }
  Wake();
  thread_.join();
  curl_multi_cleanup(multi_);
}

void TransferLoop::Start(std::shared_ptr<Transfer> transfer) {
  {
    absl::MutexLock lock(&mu_);
    to_start_.push_back(std::move(transfer));
  }
  Wake();
}

void TransferLoop::Cancel(std::shared_ptr<Transfer> transfer) {
  {
    absl::MutexLock lock(&mu_);
    to_cancel_.push_back(std::move(transfer));
  }
  Wake();
}

void TransferLoop::Wake() { curl_multi_wakeup(multi_); }

void TransferLoop::Run() {
  while (TakeOrders()) {
    if (StopRequested()) RemoveAll(CheckNotStopped());
    Unpause();
    int running = 0;
    curl_multi_perform(multi_, &running);
    FinishDone();
    curl_multi_poll(multi_, nullptr, 0, kPollMillis, nullptr);
  }
  RemoveAll(absl::CancelledError("the fetcher was closed"));
}

// False once the loop has to end.
bool TransferLoop::TakeOrders() {
  std::vector<std::shared_ptr<Transfer>> start, cancel;
  bool ending = false;
  {
    absl::MutexLock lock(&mu_);
    start.swap(to_start_);
    cancel.swap(to_cancel_);
    ending = ending_;
  }
  for (auto& transfer : start) Add(std::move(transfer));
  for (const auto& transfer : cancel) {
    Remove(transfer->easy(), CURLE_OK, absl::CancelledError("cancelled"));
  }
  return !ending;
}

void TransferLoop::Add(std::shared_ptr<Transfer> transfer) {
  CURL* const easy = transfer->easy();
  VERSO_CHECK(curl_multi_add_handle(multi_, easy) == CURLM_OK);
  running_.emplace(easy, std::move(transfer));
}

void TransferLoop::Remove(CURL* easy, CURLcode code, absl::Status why) {
  const auto it = running_.find(easy);
  if (it == running_.end()) return;
  curl_multi_remove_handle(multi_, easy);
  it->second->Finish(code, std::move(why));
  running_.erase(it);
}

void TransferLoop::RemoveAll(const absl::Status& why) {
  while (!running_.empty()) Remove(running_.begin()->first, CURLE_OK, why);
}

void TransferLoop::FinishDone() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) {
      // The message dies with the handle's removal.
      const CURLcode code = message->data.result;
      Remove(message->easy_handle, code, absl::OkStatus());
    }
  }
}

void TransferLoop::Unpause() {
  // curl_easy_pause() may call back and end a transfer, but never removes one
  // from `running_`.
  for (const auto& [easy, transfer] : running_) {
    if (transfer->TakeUnpause()) curl_easy_pause(easy, CURLPAUSE_CONT);
  }
}

}  // namespace verso
