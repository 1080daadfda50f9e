#include "sys/real/git_history.h"

#include "base/text.h"

namespace llmops::sys {
namespace {

constexpr std::size_t kLines = 6;  // In front of the message.

Result<CommitInfo> parse_commit(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < kLines; ++at) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return environment_error("`git log` printed something unexpected");
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  CommitInfo out;
  out.id = lines[0];
  out.tree = lines[1];
  for (auto& parent : text::split(lines[2], ' ')) {
    if (!parent.empty()) out.parents.push_back(std::move(parent));
  }
  out.author = lines[3];
  out.author_email = lines[4];
  out.time_s = text::to_int(lines[5]).value_or(0);
  while (text.ends_with('\n')) text.remove_suffix(1);
  out.message = text;
  return out;
}

}  // namespace

std::vector<std::string> log_args(std::size_t limit) {
  return {"log",
          "-z",
          "--no-color",
          "--no-show-signature",
          "--no-notes",
          "--no-patch",
          "--encoding=UTF-8",
          "-n" + std::to_string(limit),
          "--format=%H%n%T%n%P%n%an%n%ae%n%at%n%B"};
}

Result<std::vector<CommitInfo>> parse_log(std::string_view text) {
  std::vector<CommitInfo> out;
  for (const auto& part : text::split(text, '\0')) {
    if (text::trim(part).empty()) continue;
    TRY(auto commit, parse_commit(part));
    out.push_back(std::move(commit));
  }
  return out;
}

}  // namespace llmops::sys
