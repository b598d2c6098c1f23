#include "tests/common/http/own_network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "tests/testing/process.h"

namespace verso {
namespace {

absl::Status Forbidden(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(
      "no network of its own here: ", what, ": ", std::strerror(errno)));
}

void Write(const std::string& path, absl::string_view text) {
  std::ofstream(path) << text;
}

absl::Status BindOver(const std::string& file, const char* path) {
  if (mount(file.c_str(), path, nullptr, MS_BIND, nullptr) != 0) {
    return Forbidden(path);
  }
  return absl::OkStatus();
}

// struct in6_ifreq of linux/ipv6.h, which does not go with netinet/in.h.
struct Ipv6Request {
  in6_addr address;
  uint32_t prefix;
  int interface;
};

absl::Status AddAddress(const std::string& address, int number) {
  const bool is_v6 = absl::StrContains(address, ":");
  const int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  int result = -1;
  if (is_v6) {
    Ipv6Request request = {{}, 128, static_cast<int>(if_nametoindex("lo"))};
    inet_pton(AF_INET6, address.c_str(), &request.address);
    result = ioctl(fd, SIOCSIFADDR, &request);
  } else {
    ifreq request = {};
    std::strcpy(request.ifr_name, absl::StrCat("lo:", number).c_str());
    auto* const host = reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
    host->sin_family = AF_INET;
    inet_pton(AF_INET, address.c_str(), &host->sin_addr);
    result = ioctl(fd, SIOCSIFADDR, &request);
  }
  close(fd);
  return result == 0 ? absl::OkStatus() : Forbidden(address);
}

// The kernel takes a new IPv6 address into use a moment later: until then
// nobody can listen there.
absl::Status AwaitAddress(const std::string& address) {
  sockaddr_in6 host = {};
  host.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, address.c_str(), &host.sin6_addr) != 1) {
    return absl::OkStatus();  // IPv4: at once.
  }
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int result = -1;
  while (result != 0 && absl::Now() < give_up) {
    result = bind(fd, reinterpret_cast<const sockaddr*>(&host), sizeof(host));
    if (result != 0) std::this_thread::yield();
  }
  close(fd);
  return result == 0 ? absl::OkStatus() : Forbidden(address);
}

absl::Status BringUpLoopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int result = ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
  return result == 0 ? absl::OkStatus() : Forbidden("lo");
}

}  // namespace

absl::Status EnterOwnNetwork(const std::vector<std::string>& addresses,
                             const std::string& ca_file) {
  const uid_t user = getuid();
  const gid_t group = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return Forbidden("unshare");
  }
  Write("/proc/self/setgroups", "deny");
  Write("/proc/self/uid_map", absl::StrCat("0 ", user, " 1"));
  Write("/proc/self/gid_map", absl::StrCat("0 ", group, " 1"));
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Forbidden("mount");
  }
  const std::string resolver =
      (testing::MakeTestDir("resolver") / "resolv.conf").string();
  // A name server that is silent is waited for longer than a test may take.
  Write(resolver, "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
  RETURN_IF_ERROR(BindOver(resolver, "/etc/resolv.conf"));
  RETURN_IF_ERROR(BindOver(ca_file, "/etc/ssl/certs/ca-certificates.crt"));
  RETURN_IF_ERROR(BringUpLoopback());
  for (size_t i = 0; i < addresses.size(); ++i) {
    RETURN_IF_ERROR(AddAddress(addresses[i], static_cast<int>(i) + 1));
  }
  for (const std::string& address : addresses) {
    RETURN_IF_ERROR(AwaitAddress(address));
  }
  return absl::OkStatus();
}

NameServer::NameServer(Names names)
    : names_(std::move(names)),
      socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  VERSO_CHECK(bind(socket_, reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)) == 0);
  thread_ = std::thread([this] { Serve(); });
}

NameServer::~NameServer() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
}

void NameServer::Serve() {
  while (true) {
    char query[512];
    sockaddr_in peer = {};
    socklen_t size = sizeof(peer);
    const ssize_t got = recvfrom(socket_, query, sizeof(query), 0,
                                 reinterpret_cast<sockaddr*>(&peer), &size);
    if (got <= 0) return;
    const std::string reply = Reply({query, static_cast<size_t>(got)});
    if (reply.empty()) continue;
    sendto(socket_, reply.data(), reply.size(), 0,
           reinterpret_cast<sockaddr*>(&peer), size);
  }
}

// RFC 1035, 4.1: a head of 12 bytes, the question as it was asked, and an
// answer of 16 bytes for each address.
std::string NameServer::Reply(absl::string_view query) const {
  std::string name;
  size_t at = 12;
  while (at < query.size() && query[at] != 0) {
    const size_t length = static_cast<uint8_t>(query[at]);
    absl::StrAppend(&name, name.empty() ? "" : ".",
                    query.substr(at + 1, length));
    at += 1 + length;
  }
  const bool is_v4 = query.size() >= at + 5 && query[at + 2] == 1;
  const Addresses addresses = names_(name);
  if (!addresses) return "";
  const size_t answers = is_v4 ? addresses->size() : 0;
  std::string reply(query.substr(0, 2));
  reply.append("\x81\x80\0\1\0", 5);
  reply.push_back(static_cast<char>(answers));
  reply.append(4, '\0');
  absl::StrAppend(&reply, query.substr(12, at + 5 - 12));
  for (size_t i = 0; i < answers; ++i) {
    in_addr address = {};
    inet_pton(AF_INET, (*addresses)[i].c_str(), &address);
    reply.append("\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
    reply.append(reinterpret_cast<const char*>(&address), 4);
  }
  return reply;
}

}  // namespace verso
