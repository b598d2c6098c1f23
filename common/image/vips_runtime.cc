#include "common/image/vips_runtime.h"

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// A bad image writes hundreds of warnings: the status says what matters.
void DropLogLine(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

bool StartVips() {
  VERSO_CHECK(VIPS_INIT("verso") == 0);
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  constexpr int kQuiet = G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                         G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG;
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(kQuiet), DropLogLine,
                    nullptr);
  return true;
}

struct ThreadEnd {
  ~ThreadEnd() { vips_thread_shutdown(); }
  void Touch() {}
};

}  // namespace

void UseVips() {
  static const bool started = StartVips();
  (void)started;
  thread_local ThreadEnd thread_end;
  thread_end.Touch();
}

std::string TakeVipsError() {
  char* buffer = vips_error_buffer_copy();
  const absl::string_view all(buffer);
  std::string line(all.substr(0, all.find('\n')));
  g_free(buffer);
  vips_error_clear();
  return line.empty() ? "no reason given" : line;
}

absl::StatusOr<VipsImagePtr> WrapForVips(const Image& image) {
  constexpr int kBands = 3;
  RETURN_IF_ERROR(CheckImage(image));
  UseVips();
  VipsImage* wrapped = vips_image_new_from_memory(
      image.rgb.data(), image.rgb.size(), image.width, image.height, kBands,
      VIPS_FORMAT_UCHAR);
  if (wrapped == nullptr) return absl::InternalError(TakeVipsError());
  wrapped->Type = VIPS_INTERPRETATION_sRGB;
  return VipsImagePtr(wrapped);
}

}  // namespace verso
