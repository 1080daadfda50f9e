#include "sys/real/git_batch.h"

#include "base/text.h"

namespace llmops::sys {
namespace {

/// Cuts the output of `cat-file --batch` into objects as it comes.
class BatchReader {
 public:
  explicit BatchReader(const std::function<void(std::size_t, const BatchObject&)>& each) : each_(each) {}

  void feed(std::string_view bytes) {
    held_ += bytes;
    std::size_t used = 0;
    while (const auto length = next(std::string_view(held_).substr(used))) used += length;
    held_.erase(0, used);
  }
  std::size_t seen() const { return seen_; }

 private:
  /// Hands on the object at the front, if it is whole, and tells how many bytes it took.
  std::size_t next(std::string_view text) {
    if (text.size() < wanted_) return 0;
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto line = text.substr(0, end);
    const auto last = line.rfind(' ');
    const auto size = last == std::string_view::npos ? std::nullopt : text::to_int(line.substr(last + 1));
    if (!size) {
      each_(seen_++, {});
      return end + 1;
    }
    const auto length = static_cast<std::size_t>(*size);
    wanted_ = end + 1 + length + 1;
    if (text.size() < wanted_) return 0;
    const auto taken = std::exchange(wanted_, 0);
    const auto first = line.find(' ');
    each_(seen_++, {line.substr(0, first), line.substr(first + 1, last - first - 1), text.substr(end + 1, length)});
    return taken;
  }

  const std::function<void(std::size_t, const BatchObject&)>& each_;
  std::string held_;
  std::size_t seen_ = 0;
  std::size_t wanted_ = 0;  ///< Bytes that the object at the front needs, once known.
};

}  // namespace

Result<void> read_objects(const GitCommand& git, const std::vector<std::string>& requests,
                          const std::function<void(std::size_t, const BatchObject&)>& each) {
  if (requests.empty()) return {};
  BatchReader reader(each);
  GitCall call{.args = {"cat-file", "--batch"}};
  for (const auto& request : requests) call.input += request + "\n";
  call.on_out = [&reader](std::string_view bytes) { reader.feed(bytes); };
  TRY(const auto output, git.run(call));
  if (output.status != 0) return git_failed(call, output);
  if (reader.seen() != requests.size()) return environment_error("`git cat-file` stopped early", "run `git fsck`");
  return {};
}

}  // namespace llmops::sys
