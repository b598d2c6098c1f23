// Fetches "CLASS,HURRIED,URL" for each argument, eight at a time and twice, by
// the real fetcher. Prints the status codes of each argument, and VmHWM in kB.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/http/http_fetcher.h"
#include "tests/ingest/hostile_answers.h"

namespace verso {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 2;

std::string PeakKilobytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmHWM:" && status >> word) return word;
  }
  return "unknown";
}

int Main(const std::vector<std::string>& arguments) {
  std::vector<std::string> urls;
  std::vector<FetchClass> classes;
  std::vector<bool> hurried;
  for (const std::string& argument : arguments) {
    const std::vector<std::string> parts =
        absl::StrSplit(argument, absl::MaxSplits(',', 2));
    classes.push_back(static_cast<FetchClass>(std::stoi(parts[0])));
    hurried.push_back(parts[1] == "1");
    urls.push_back(parts[2]);
  }
  std::array<std::unique_ptr<HttpFetcher>, 2> fetchers;
  for (const bool fast : {false, true}) {
    HttpFetcherOptions options = OptionsFor({.hurried = fast});
    options.base_urls = urls;
    fetchers[fast] = HttpFetcher::Create(options).value();
  }
  const size_t jobs = urls.size() * kRounds;
  std::vector<absl::StatusCode> codes(jobs);
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (size_t job = next++; job < jobs; job = next++) {
        const size_t at = job % urls.size();
        codes[job] = fetchers[hurried[at]]
                         ->Fetch({.url = urls[at], .fetch_class = classes[at]})
                         .status()
                         .code();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t job = 0; job < jobs; ++job) {
    std::printf("%d ", static_cast<int>(codes[job]));
  }
  std::printf("\n%s\n", PeakKilobytes().c_str());
  return 0;
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  return verso::Main(std::vector<std::string>(argv + 1, argv + argc));
}
