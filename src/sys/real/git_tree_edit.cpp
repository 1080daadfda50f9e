#include "sys/real/git_tree_edit.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sys/real/git_objects.h"

namespace llmops::sys {
namespace {

constexpr std::string_view kFile = "100644", kFolder = "40000";

struct Item {
  std::string mode, id;  ///< As in the tree object: octal digits, raw bytes.
};
using Items = std::map<std::string, Item>;

Result<Items> parse_tree(std::string_view bytes, std::size_t id_bytes) {
  Items out;
  while (!bytes.empty()) {
    const auto space = bytes.find(' ');
    const auto nul = bytes.find('\0');
    if (space == std::string_view::npos || nul == std::string_view::npos || space > nul ||
        bytes.size() - nul - 1 < id_bytes) {
      return environment_error("a tree object of the repository is damaged", "run `git fsck`");
    }
    out[std::string(bytes.substr(space + 1, nul - space - 1))] = {std::string(bytes.substr(0, space)),
                                                                  std::string(bytes.substr(nul + 1, id_bytes))};
    bytes.remove_prefix(nul + 1 + id_bytes);
  }
  return out;
}

/// Git sorts a folder as if its name ended with `/`.
std::string to_tree_bytes(const Items& items) {
  std::vector<std::pair<std::string, const Items::value_type*>> sorted;
  for (const auto& item : items) sorted.emplace_back(item.first + (item.second.mode == kFolder ? "/" : ""), &item);
  std::sort(sorted.begin(), sorted.end());
  std::string out;
  for (const auto& [key, item] : sorted) {
    out += item->second.mode + " " + item->first;
    out += '\0';
    out += item->second.id;
  }
  return out;
}

class TreeWriter {
 public:
  TreeWriter(const GitLayout& layout, const TreeEdit& edit) : layout_(layout), edit_(edit) {
    for (const auto& [path, bytes] : edit.put) add_folders(path);
    for (const auto& path : edit.removed) add_folders(path);
  }

  /// The folder's id, empty where nothing is left in it.
  Result<ObjectId> write(const std::string& folder) {
    const auto now = edit_.folders.find(folder);
    const std::size_t id_bytes = layout_.format == ObjectFormat::sha1 ? 20 : 32;
    TRY(auto items, parse_tree(now == edit_.folders.end() ? std::string_view() : now->second, id_bytes));
    const std::string prefix = folder.empty() ? "" : folder + "/";
    for (const auto& path : edit_.removed) {
      if (directly_in(prefix, path)) items.erase(path.substr(prefix.size()));
    }
    for (const auto& child : folders_) {
      if (!directly_in(prefix, child)) continue;
      TRY(const auto id, write(child));
      set(items, child.substr(prefix.size()), kFolder, id);
    }
    for (const auto& [path, bytes] : edit_.put) {
      if (!directly_in(prefix, path)) continue;
      TRY(const auto id, write_object(layout_, "blob", bytes));
      set(items, path.substr(prefix.size()), kFile, id);
    }
    if (items.empty() && !folder.empty()) return ObjectId{};
    return write_object(layout_, "tree", to_tree_bytes(items));
  }

 private:
  static bool directly_in(const std::string& prefix, const std::string& path) {
    return path.size() > prefix.size() && path.starts_with(prefix) &&
           path.find('/', prefix.size()) == std::string::npos;
  }
  static void set(Items& items, const std::string& name, std::string_view mode, const ObjectId& id) {
    if (id.empty()) {
      items.erase(name);
    } else {
      items[name] = {std::string(mode), text::from_hex(id).value_or("")};
    }
  }
  void add_folders(std::string_view path) {
    for (const auto& folder : folders_above(path)) {
      if (!folder.empty()) folders_.insert(folder);
    }
  }

  const GitLayout& layout_;
  const TreeEdit& edit_;
  std::set<std::string> folders_;
};

}  // namespace

std::set<std::string> folders_above(std::string_view path) {
  std::set<std::string> out = {""};
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    out.emplace(path.substr(0, slash));
  }
  return out;
}

bool valid_tree_path(std::string_view path) {
  const bool control =
      std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  const auto parts = text::split(path, '/');
  return !control && std::none_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part.empty() || part == "." || part == ".." || text::lower(part) == ".git";
  });
}

Result<ObjectId> write_edited_tree(const GitLayout& layout, const TreeEdit& edit) {
  return TreeWriter(layout, edit).write("");
}

}  // namespace llmops::sys
