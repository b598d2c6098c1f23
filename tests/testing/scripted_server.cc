#include "tests/testing/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"

namespace verso::testing {
namespace {

constexpr size_t kMaxRequestBytes = 1 << 20;

// A listening socket and its port.
std::pair<int, int> Listen(const std::string& address, int port) {
  sockaddr_in6 v6 = {};
  sockaddr_in v4 = {};
  const bool is_v6 = absl::StrContains(address, ":");
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(static_cast<uint16_t>(port));
  void* const host = is_v6 ? static_cast<void*>(&v6.sin6_addr) : &v4.sin_addr;
  VERSO_CHECK(inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(), host) ==
              1);
  auto* const bound = is_v6 ? reinterpret_cast<sockaddr*>(&v6)
                            : reinterpret_cast<sockaddr*>(&v4);
  socklen_t size = is_v6 ? sizeof(v6) : sizeof(v4);
  const int fd = socket(bound->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  VERSO_CHECK(bind(fd, bound, size) == 0);
  VERSO_CHECK(listen(fd, 128) == 0);
  VERSO_CHECK(getsockname(fd, bound, &size) == 0);
  return {fd, ntohs(is_v6 ? v6.sin6_port : v4.sin_port)};
}

}  // namespace

std::string Connection::ReadRequest() {
  std::string request = std::exchange(unread_, std::string());
  if (!request.empty()) return request;
  char c = 0;
  while (request.size() < kMaxRequestBytes && recv(fd_, &c, 1, 0) == 1) {
    request.push_back(c);
    if (absl::EndsWith(request, "\r\n\r\n")) return request;
  }
  return "";
}

bool Connection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void Connection::SendForever(absl::string_view bytes) {
  while (Send(bytes)) {
  }
}

bool Connection::Drip(absl::string_view bytes, absl::Duration gap) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!Send(bytes.substr(i, 1)) || PeerClosesWithin(gap)) return false;
  }
  return true;
}

bool Connection::PeerClosesWithin(absl::Duration time) {
  pollfd wait = {fd_, POLLIN, 0};
  if (poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(time))) <= 0) {
    return false;
  }
  char c = 0;
  return recv(fd_, &c, 1, 0) <= 0;
}

void Connection::AwaitClose() {
  char bytes[4096];
  while (recv(fd_, bytes, sizeof(bytes), 0) > 0) {
  }
}

void Connection::Reset() {
  const linger hard = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

ScriptedServer::ScriptedServer(Script script, const std::string& address,
                               int port)
    : script_(std::move(script)), address_(address) {
  std::tie(listener_, port_) = Listen(address, port);
  thread_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  {
    absl::MutexLock lock(&mu_);
    ending_ = true;
    for (const Peer& peer : peers_) {
      if (peer.fd >= 0) shutdown(peer.fd, SHUT_RDWR);
    }
  }
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  // Nothing is added any more, and the threads take `mu_` to end.
  for (Peer& peer : peers_) peer.thread.join();
  close(listener_);
}

std::string ScriptedServer::Url(absl::string_view path) const {
  const bool is_v6 = absl::StrContains(address_, ":");
  return absl::StrCat("http://", is_v6 ? "[" : "", address_, is_v6 ? "]" : "",
                      ":", port_, path);
}

void ScriptedServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    absl::MutexLock lock(&mu_);
    if (ending_) {
      close(fd);
      return;
    }
    Peer& peer = peers_.emplace_back();
    peer.fd = fd;
    peer.thread = std::thread([this, &peer, fd] { Serve(peer, fd); });
  }
}

void ScriptedServer::Serve(Peer& peer, int fd) {
  Connection connection(fd);
  script_(connection);
  absl::MutexLock lock(&mu_);
  close(fd);
  peer.fd = -1;
}

std::string PathOf(absl::string_view request) {
  const std::vector<std::string> words =
      absl::StrSplit(request, absl::MaxSplits(' ', 2));
  return words.size() > 1 ? words[1] : "";
}

ScriptedServer::Script Answer(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
  };
}

ScriptedServer::Script AnswerAndWait(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
    peer.AwaitClose();
  };
}

ScriptedServer::Script Endless(std::string head, std::string block) {
  return [head = std::move(head), block = std::move(block)](Connection& peer) {
    peer.ReadRequest();
    peer.Send(head);
    peer.SendForever(block);
  };
}

std::string Ok(absl::string_view body, absl::string_view headers) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n", headers, "\r\n", body);
}

std::string RedirectTo(absl::string_view location) {
  return absl::StrCat("HTTP/1.1 302 Found\r\nLocation: ", location,
                      "\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace verso::testing
