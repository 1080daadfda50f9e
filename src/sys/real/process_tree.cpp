#include "sys/real/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/text.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {
namespace {

std::optional<std::string> contents(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string out;
  std::array<char, 4096> chunk;
  while (true) {
    const auto got = read(file.get(), chunk.data(), chunk.size());
    if (got <= 0) break;
    out.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return out;
}

/// The entries of `folder` that are numbers.
std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (!entries) return out;
  while (const auto* const entry = readdir(entries.get())) {
    if (const auto number = text::to_int(entry->d_name)) out.push_back(static_cast<pid_t>(*number));
  }
  return out;
}

/// The parent of `process`: the second field after the name's closing parenthesis.
std::optional<pid_t> parent_of(pid_t process) {
  const auto stat = contents("/proc/" + std::to_string(process) + "/stat");
  if (!stat) return std::nullopt;
  const auto name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = text::split(std::string_view(*stat).substr(name_end + 1), ' ');
  if (fields.size() < 3) return std::nullopt;
  const auto parent = text::to_int(fields[2]);
  return parent ? std::optional(static_cast<pid_t>(*parent)) : std::nullopt;
}

/// For kernels built without CONFIG_PROC_CHILDREN.
std::vector<pid_t> children_by_parent(pid_t process) {
  std::vector<pid_t> out;
  for (const auto other : numbers_in("/proc")) {
    if (parent_of(other) == process) out.push_back(other);
  }
  return out;
}

}  // namespace

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> out;
  const auto tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto task : numbers_in(tasks)) {  // each thread has children of its own
    const auto path = tasks + "/" + std::to_string(task);
    const auto list = contents(path + "/children");
    if (!list && access(path.c_str(), F_OK) == 0) return children_by_parent(process);
    if (!list) continue;
    for (const auto& word : text::split(*list, ' ')) {
      if (const auto pid = text::to_int(word)) out.push_back(static_cast<pid_t>(*pid));
    }
  }
  return out;
}

std::vector<pid_t> descendants_of(pid_t process) {
  auto out = children_of(process);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto below = children_of(out[i]);
    out.insert(out.end(), below.begin(), below.end());
  }
  return out;
}

void kill_tree(pid_t process) {
  const auto below = descendants_of(process);
  kill(process, SIGKILL);
  for (const auto pid : below) kill(pid, SIGKILL);
}

}  // namespace llmops::sys
