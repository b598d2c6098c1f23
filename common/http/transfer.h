#ifndef VERSO_COMMON_HTTP_TRANSFER_H_
#define VERSO_COMMON_HTTP_TRANSFER_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/http/http_fetcher.h"
#include "common/http/response_head.h"

namespace verso {

// What one hop (a request or one redirect of it) may do.
struct TransferLimits {
  int64_t max_body_bytes = 0;
  int64_t max_header_bytes = 0;
  absl::Duration timeout = absl::ZeroDuration();        // Zero: none.
  absl::Duration stall_timeout = absl::ZeroDuration();  // Zero: none.
  bool any_address = false;  // The address guard is off (a base URL).
};

// One hop: a curl easy handle, its head and its body so far. The loop thread
// calls Finish() and the callbacks, one reader the rest. Thread-safe.
class Transfer {
 public:
  Transfer(HttpRequest request, const std::string& user_agent,
           const TransferLimits& limits);
  ~Transfer();
  Transfer(const Transfer&) = delete;

  CURL* easy() const { return easy_; }

  // Reader: waits for the head. Errors as HttpFetcher::Open().
  absl::StatusOr<HttpHead> AwaitHead() ABSL_LOCKS_EXCLUDED(mu_);

  // Reader: waits for bytes and takes them all; empty at the end.
  // `wake` becomes true when the loop has to unpause this transfer.
  absl::StatusOr<std::string> Take(bool& wake) ABSL_LOCKS_EXCLUDED(mu_);

  // Loop: the transfer ended with `code`; `why` overrides it unless OK.
  void Finish(CURLcode code, absl::Status why = absl::OkStatus())
      ABSL_LOCKS_EXCLUDED(mu_);

  // Loop: true once after the reader made room in a paused transfer.
  bool TakeUnpause() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose,
                                    curl_sockaddr* address);
  static int OnPrerequest(void* self, char* remote_ip, char* local_ip,
                          int remote_port, int local_port);
  static int OnDebug(CURL* easy, curl_infotype type, char* data, size_t size,
                     void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t,
                        curl_off_t);
  void SetOptions(const std::string& user_agent);
  void SetLimits();
  void SetCallbacks();
  void SetPost();
  void SetHeaders();
  void AddConditionHeader(absl::string_view name, absl::string_view value);
  size_t AddBody(absl::string_view bytes) ABSL_LOCKS_EXCLUDED(mu_);
  size_t AddHeader(absl::string_view line) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status TooManyBytes() const;
  void Refuse(absl::Status why) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status StatusOfCode(CURLcode code) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HeadReady() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return head_.done() || done_;
  }
  bool BodyReady() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return !buffer_.empty() || done_;
  }

  const HttpRequest request_;
  const TransferLimits limits_;
  CURL* const easy_;
  curl_slist* header_list_ = nullptr;
  char error_text_[CURL_ERROR_SIZE] = {0};

  absl::Mutex mu_;
  ResponseHead head_ ABSL_GUARDED_BY(mu_);
  int64_t body_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // Of the body as it comes, with the chunks' own lines and trailers.
  int64_t wire_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::string buffer_ ABSL_GUARDED_BY(mu_);
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  bool unpause_ ABSL_GUARDED_BY(mu_) = false;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status refused_ ABSL_GUARDED_BY(mu_);  // Why a callback gave up.
  absl::Status status_ ABSL_GUARDED_BY(mu_);   // Of the whole, once done_.
};

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_TRANSFER_H_
