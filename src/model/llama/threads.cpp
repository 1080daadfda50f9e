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

std::uint32_t usable_cpus(sys::FileSystem& files) {
  const auto limit = files.read("/sys/fs/cgroup/cpu.max");
  return allowed_cpus(limit ? *limit : "", std::thread::hardware_concurrency());
}

}  // namespace llmops::model::llama
