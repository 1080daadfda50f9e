#include "model/llama/threads.h"

#include <algorithm>
#include <thread>

#include "base/text.h"

namespace llmops::model::llama {

std::uint32_t allowed_cpus(std::string_view cpu_max, std::uint32_t otherwise) {
  const auto words = text::split(text::trim(cpu_max), ' ');
  if (words.size() != 2) return std::max(otherwise, 1u);
  const auto quota = text::to_int(words[0]), period = text::to_int(words[1]);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::max(otherwise, 1u);
  const auto cpus = *quota / *period + (*quota % *period == 0 ? 0 : 1);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(cpus, std::max(otherwise, 1u)));
}

std::uint32_t cpus_in_list(std::string_view list) {
  std::int64_t count = 0;
  for (const auto& range : text::split(text::trim(list), ',')) {
    const auto dash = range.find('-');
    const auto first = text::to_int(range.substr(0, dash));
    const auto last = dash == std::string::npos ? first : text::to_int(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last > 1'000'000) return 0;
    count += *last - *first + 1;
  }
  return static_cast<std::uint32_t>(count);
}

std::uint32_t usable_cpus(sys::FileSystem& files) {
  auto cpus = std::thread::hardware_concurrency();
  if (const auto status = files.read("/proc/self/status")) {
    constexpr std::string_view key = "\nCpus_allowed_list:";
    if (const auto at = status->find(key); at != std::string::npos) {
      const auto start = at + key.size();
      const auto allowed = cpus_in_list(std::string_view(*status).substr(start, status->find('\n', start) - start));
      if (allowed > 0) cpus = allowed;
    }
  }
  const auto limit = files.read("/sys/fs/cgroup/cpu.max");
  return allowed_cpus(limit ? *limit : "", cpus);
}

}  // namespace llmops::model::llama
