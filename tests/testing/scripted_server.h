#ifndef VERSO_TESTS_TESTING_SCRIPTED_SERVER_H_
#define VERSO_TESTS_TESTING_SCRIPTED_SERVER_H_

#include <atomic>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace verso::testing {

// One accepted connection, as a script sees it. Not thread-safe.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}

  // The next request: all bytes up to its empty line. Empty when the peer has
  // closed. A body of it is not read.
  std::string ReadRequest();

  // The next ReadRequest() gives `request` (again): another script goes on.
  void Unread(std::string request) { unread_ = std::move(request); }

  // False when the peer is gone.
  bool Send(absl::string_view bytes);

  // Sends `bytes` again and again until the peer is gone.
  void SendForever(absl::string_view bytes);

  // Sends `bytes` one at a time, with `gap` between them; false when the peer
  // went away meanwhile.
  bool Drip(absl::string_view bytes, absl::Duration gap);

  // Waits until the peer closes, passing over what it sends.
  void AwaitClose();

  // Ends the connection by RST instead of FIN.
  void Reset();

 private:
  bool PeerClosesWithin(absl::Duration time);

  const int fd_;
  std::string unread_;
};

// A server that says what its script says, byte for byte: no HTTP library would
// send such answers. Each connection has a thread of its own; destroying the
// server cuts them all. Also a canary: connections() says whether anybody came.
class ScriptedServer {
 public:
  using Script = std::function<void(Connection&)>;

  // On a free port, or on `port`, of `address` (IPv4 or IPv6, in text). Aborts
  // the process when it cannot listen there.
  explicit ScriptedServer(Script script,
                          const std::string& address = "127.0.0.1",
                          int port = 0);
  ~ScriptedServer() ABSL_NO_THREAD_SAFETY_ANALYSIS;
  ScriptedServer(const ScriptedServer&) = delete;

  int port() const { return port_; }
  std::string Url(absl::string_view path) const;
  int connections() const { return connections_; }

 private:
  struct Peer {
    int fd = -1;  // -1 once closed.
    std::thread thread;
  };
  void Accept();
  void Serve(Peer& peer, int fd) ABSL_LOCKS_EXCLUDED(mu_);

  const Script script_;
  const std::string address_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  absl::Mutex mu_;
  std::list<Peer> peers_ ABSL_GUARDED_BY(mu_);
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

// The path of a request, with its query.
std::string PathOf(absl::string_view request);

// Scripts that read one request and send `bytes`; then the connection is closed
// by the script, or by the peer.
ScriptedServer::Script Answer(std::string bytes);
ScriptedServer::Script AnswerAndWait(std::string bytes);
// Sends `head`, and `block` again and again.
ScriptedServer::Script Endless(std::string head, std::string block);

// "HTTP/1.1 200 OK" with the body's length, and the body.
std::string Ok(absl::string_view body, absl::string_view headers = "");

// "HTTP/1.1 302 Found" to `location`.
std::string RedirectTo(absl::string_view location);

}  // namespace verso::testing

#endif  // VERSO_TESTS_TESTING_SCRIPTED_SERVER_H_
