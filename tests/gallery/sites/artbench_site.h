#ifndef VERSO_TESTS_GALLERY_SITES_ARTBENCH_SITE_H_
#define VERSO_TESTS_GALLERY_SITES_ARTBENCH_SITE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace verso {

// artbench.eecs.berkeley.edu below /artbench:
//   /artbench/files/ArtBench-10.csv
//   /artbench/files/artbench-10-imagefolder-split.tar
//   /artbench/files/artbench-10-binary.tar.gz
//   /artbench/files/SHA256SUMS  of the other three
// The tar is made while it is sent, from any offset; its length and checksum
// need each picture once beforehand. The binary batches hold the pictures at
// 32x32 pixels; those without one of the ten styles have label 255 there.
class ArtbenchSite : public SiteRoutes {
 public:
  // `gallery` is not owned and must outlive the site.
  explicit ArtbenchSite(Gallery* gallery);

  void AddTo(httplib::Server& server) override;

  std::string TableCsv() const;
  absl::StatusOr<std::string> Checksums() ABSL_LOCKS_EXCLUDED(mu_);

  // Where an item is said to come from; a search by picture asks for it.
  static std::string UrlOf(const GalleryItem& item);

 private:
  // The tar as it will be.
  struct Tar {
    std::vector<int64_t> ends;  // Offset behind each member.
    std::string sha256;         // 64 hex digits.
    std::string binary;         // The other archive, whole.
  };

  std::string PathOf(size_t index) const;
  absl::StatusOr<std::string> Member(size_t index);
  absl::Status Measure() ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::string> BatchPicture(const GalleryItem& item,
                                           absl::string_view picture) const;
  void AnswerTar(httplib::Response& response);
  void AnswerBinary(const httplib::Request& request,
                    httplib::Response& response);
  bool SendTar(int64_t offset, httplib::DataSink& sink);

  Gallery* const gallery_;
  std::vector<std::string> names_;  // Of the items' files, without ending.

  absl::Mutex mu_;
  bool measured_ ABSL_GUARDED_BY(mu_) = false;
  Tar tar_;  // Set once, before anything reads it.
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SITES_ARTBENCH_SITE_H_
