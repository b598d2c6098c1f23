// A web site of many pictures for the benchmark: laid out as WGA is, so that
// ingest reads it unchanged, and with a list of URLs for others.
//   picture_server --pictures=2000 --side=512 --port_file=FILE --url_list=FILE
#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/stop_signal.h"
#include "common/image/jpeg.h"
#include "tests/ingest/archives.h"

ABSL_FLAG(int, pictures, 2000, "how many, all different");
ABSL_FLAG(int, side, 512, "pixels");
ABSL_FLAG(std::string, port_file, "", "file that gets the port");
ABSL_FLAG(std::string, url_list, "", "file that gets a URL a line");

namespace verso {
namespace {

constexpr int kQuality = 90;
// A connection that is kept alive keeps its thread: as many as any client has.
constexpr int kServerThreads = 256;

// Soft shapes with grain, so that the file is as large as a painting's of this
// size; `number` moves them.
Image Draw(int number, int side) {
  Image image{side, side, {}};
  image.rgb.reserve(static_cast<size_t>(side) * side * 3);
  uint32_t grain = 2654435761u * (number + 1);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        grain = grain * 1664525u + 1013904223u;
        const int shape =
            ((x + number * 7) * (channel + 2) / 8 + y * y / (side + number)) &
            127;
        image.rgb.push_back(static_cast<uint8_t>(shape + 48 + (grain >> 28)));
      }
    }
  }
  return image;
}

std::vector<std::string> DrawAll(int pictures, int side) {
  std::vector<std::string> all(pictures);
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&] {
      for (int number = next++; number < pictures; number = next++) {
        all[number] = EncodeJpeg(Draw(number, side), kQuality).value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return all;
}

std::string Catalogue(int pictures) {
  std::string csv =
      "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;SCHOOL;"
      "TIMEFRAME\n";
  for (int i = 0; i < pictures; ++i) {
    absl::StrAppend(&csv, "A;;Work ", i, ";1500;;;http://www.wga.hu/html/", i,
                    ".html;painting;;;\n");
  }
  return MakeZip({{"catalog.csv", csv}});
}

absl::Status Serve() {
  const int pictures = absl::GetFlag(FLAGS_pictures);
  const std::vector<std::string> all =
      DrawAll(pictures, absl::GetFlag(FLAGS_side));
  const std::string catalogue = Catalogue(pictures);
  httplib::Server server;
  server.new_task_queue = [] {
    return new httplib::ThreadPool(kServerThreads);
  };
  server.set_keep_alive_max_count(1 << 20);
  server.Get("/database/download/data_txt.zip",
             [&](const auto&, auto& response) {
               response.set_content(catalogue, "application/zip");
             });
  server.Get(R"(/art/(\d+)\.jpg)", [&](const auto& request, auto& response) {
    const size_t number = std::stoul(request.matches[1]);
    if (number >= all.size()) {
      response.status = 404;
      return;
    }
    response.set_content(all[number].data(), all[number].size(), "image/jpeg");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::string urls;
  for (int i = 0; i < pictures; ++i) {
    absl::StrAppend(&urls, "http://127.0.0.1:", port, "/art/", i, ".jpg\n");
  }
  std::thread thread([&] { server.listen_after_bind(); });
  absl::Status status =
      WriteFileAtomically(absl::GetFlag(FLAGS_url_list), urls);
  status.Update(WriteFileAtomically(absl::GetFlag(FLAGS_port_file),
                                    absl::StrCat(port, "\n")));
  while (status.ok() && !WaitForStop(absl::Minutes(1))) {
  }
  server.stop();
  thread.join();
  return status;
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::ParseCommandLine(argc, argv, "A site of pictures to be fetched.");
  verso::InstallStopSignals();
  return verso::ExitCodeOf(verso::Serve());
}
