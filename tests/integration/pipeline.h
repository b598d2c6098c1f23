#ifndef VERSO_TESTS_INTEGRATION_PIPELINE_H_
#define VERSO_TESTS_INTEGRATION_PIPELINE_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/testing/process.h"

namespace verso::testing {

// Verso's main job on a small simulated collection, with the binaries that
// users run, each as a process of its own. Not thread-safe.
class Pipeline {
 public:
  // All files go below `dir`.
  explicit Pipeline(std::filesystem::path dir) : dir_(std::move(dir)) {}

  absl::Status StartGallery(const std::vector<std::string>& flags = {});
  absl::Status StartStore();

  // Each runs to its end; exit code and output.
  absl::StatusOr<ProcessResult> Ingest(
      const std::vector<std::string>& flags = {});
  absl::StatusOr<ProcessResult> Train(absl::string_view store,
                                      absl::string_view run,
                                      const std::vector<std::string>& flags);
  absl::StatusOr<ProcessResult> Evaluate(absl::string_view run);

  // The id of the snapshot of `recipe`, frozen through the server.
  absl::StatusOr<std::string> Freeze(absl::string_view recipe);

  // How many requests the gallery has answered below `prefix` ("/wga").
  absl::StatusOr<int> Requests(absl::string_view prefix) const;

  std::string store_address() const;
  std::filesystem::path store_dir() const { return dir_ / "store"; }
  std::filesystem::path run_dir(absl::string_view run) const {
    return dir_ / "runs" / std::string(run);
  }

 private:
  std::filesystem::path dir_;
  std::optional<Process> gallery_;
  std::optional<Process> store_;
  int gallery_port_ = 0;
  int store_port_ = 0;
};

}  // namespace verso::testing

#endif  // VERSO_TESTS_INTEGRATION_PIPELINE_H_
