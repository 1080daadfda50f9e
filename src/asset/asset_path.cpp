#include "asset/asset_path.h"

#include <vector>

#include "base/text.h"

namespace llmops::asset {
namespace {

constexpr int kMostLinks = 40;

Error outside(std::string_view path) {
  return invalid_error("`" + text::printable(path) + "` is outside of the repository, and must be inside", {},
                       "copy the file into the repository, or pin it by `uri:` and `sha256:`");
}

/// `parts` with `more` behind them, `.` and `..` resolved; false when that leaves the root.
bool append_parts(std::vector<std::string>& parts, std::string_view more) {
  for (auto& part : text::split(more, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(std::move(part));
    } else if (parts.empty()) {
      return false;
    } else {
      parts.pop_back();
    }
  }
  return true;
}

/// A link's target as parts from the root; false when it is outside.
bool target_parts(const sys::Path& root, const sys::Path& target, std::vector<std::string>& parts) {
  if (!target.is_absolute()) return append_parts(parts, target.native());
  const auto inside = target.lexically_normal().lexically_relative(root).native();
  parts.clear();
  return !inside.empty() && append_parts(parts, inside);
}

}  // namespace

Result<std::string> clean_path(std::string_view path) {
  std::vector<std::string> parts;
  if (path.starts_with('/') || !append_parts(parts, path)) return outside(path);
  return text::join(parts, "/");
}

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of("*?[") != std::string_view::npos; }

Result<std::string> follow_links(sys::FileSystem& files, const sys::Path& root, const std::string& path) {
  std::vector<std::string> done;
  auto left = text::split(path, '/');
  for (int links = 0; !left.empty();) {
    done.push_back(left.front());
    left.erase(left.begin());
    const auto here = text::join(done, "/");
    TRY(const auto stat, files.stat(root / here));
    if (stat.kind != sys::FileKind::symlink) continue;
    if (++links > kMostLinks) return invalid_error("`" + path + "` is a symbolic link that leads in a circle");
    TRY(const auto target, files.read_link(root / here));
    done.pop_back();
    if (!target_parts(root, target, done)) {
      return invalid_error("`" + path + "` leads out of the repository by the symbolic link `" + here + "` → `" +
                               text::printable(target.native()) + "`",
                           {}, "copy the file into the repository, or pin it by `uri:` and `sha256:`");
    }
    done.insert(done.end(), left.begin(), left.end());  // The target may hold links too: from the top again.
    left = std::exchange(done, {});
  }
  return text::join(done, "/");
}

}  // namespace llmops::asset
