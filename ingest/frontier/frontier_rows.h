#ifndef VERSO_INGEST_FRONTIER_FRONTIER_ROWS_H_
#define VERSO_INGEST_FRONTIER_FRONTIER_ROWS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "common/kv/kv.h"

namespace verso {

// The frontier's rows on disk:
//   i/<source>/<id>             FrontierEntry
//   q/<source>/<0|1>/<order>    the id of a queued item
//   l/<source>/<id>             ItemLease
//   c/<source>                  SourceStatus, without `leased`
//   n/<scope>/<key>             a note's value
//   s/<session>                 WorkerSession
//   h/<host:port>               HostState
//   v                           kFormat
namespace frontier_rows {

// Of these rows; a directory with others is not read.
inline constexpr absl::string_view kFormat = "2";
inline constexpr absl::string_view kVersion = "v";

inline constexpr absl::string_view kItems = "i/";
inline constexpr absl::string_view kLeases = "l/";
inline constexpr absl::string_view kSources = "c/";
inline constexpr absl::string_view kSessions = "s/";
inline constexpr absl::string_view kHosts = "h/";

inline std::string Item(absl::string_view source, absl::string_view id) {
  return absl::StrCat(kItems, source, "/", id);
}
inline std::string Queue(absl::string_view source, int priority) {
  return absl::StrCat("q/", source, "/", priority, "/");
}
inline std::string Lease(absl::string_view source, absl::string_view id) {
  return absl::StrCat(kLeases, source, "/", id);
}
inline std::string Source(absl::string_view source) {
  return absl::StrCat(kSources, source);
}
inline std::string Note(absl::string_view scope, absl::string_view key) {
  return absl::StrCat("n/", scope, "/", key);
}
inline std::string Session(absl::string_view session) {
  return absl::StrCat(kSessions, session);
}
inline std::string Host(absl::string_view authority) {
  return absl::StrCat(kHosts, authority);
}

// kDataLoss: `bytes` are no such message.
template <typename Message>
absl::StatusOr<Message> Parse(absl::string_view key, absl::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(
        absl::StrCat("row \"", key,
                     "\" of the frontier is damaged; give another --frontier "
                     "and ingest again"));
  }
  return message;
}

// nullopt: no such row.
template <typename Message>
absl::StatusOr<std::optional<Message>> Find(const KvStore& kv,
                                            absl::string_view key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, kv.Get(key));
  if (!bytes.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(Message message, Parse<Message>(key, *bytes));
  return message;
}

}  // namespace frontier_rows
}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_FRONTIER_ROWS_H_
