#pragma once
/// \file  Tracked files given by the test.
#include <map>
#include <set>
#include <string>

#include "asset/asset.h"
#include "sys/hash.h"

namespace llmops::fakes {

/// Every file is tracked; patterns match whole paths, and what lies below a folder.
class MemoryAssets final : public asset::AssetSource {
 public:
  explicit MemoryAssets(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  std::set<std::string> executables;

  Result<asset::Asset> file(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return invalid_error("`" + path + "` is not there");
    return as_asset(*found);
  }
  Result<std::optional<asset::Asset>> tracked(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::optional<asset::Asset>();
    return std::optional(as_asset(*found));
  }
  Result<std::vector<asset::Asset>> glob(const std::string& pattern) override {
    std::vector<asset::Asset> out;
    for (const auto& file : files_) {
      if (matches(file.first, pattern)) out.push_back(as_asset(file));
    }
    if (out.empty()) return invalid_error("nothing matches `" + pattern + "`");
    return out;
  }
  Result<std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return invalid_error("`" + path + "` is not there");
    return found->second;
  }
  Result<bool> has_entry(const std::string& path) override { return files_.contains(path); }
  Result<std::vector<std::string>> untracked(const std::vector<std::string>&) override {
    return std::vector<std::string>();
  }
  std::map<std::string, std::string> folder_links;  ///< Folder → where it leads, or empty for out of the repository.
  Result<std::string> place(const std::string& path) override {
    for (const auto& [link, to] : folder_links) {
      if (!path.starts_with(link + "/")) continue;
      if (to.empty()) return invalid_error("`" + link + "` leads out of the repository");
      return to + path.substr(link.size());
    }
    return path;
  }
  Result<std::vector<std::string>> list(const std::string& pattern) override {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : files_) {
      if (matches(path, pattern)) out.push_back(path);
    }
    return out;
  }

 private:
  static bool matches(const std::string& path, const std::string& pattern) {
    return path == pattern || path.starts_with(pattern + "/");
  }
  asset::Asset as_asset(const std::pair<const std::string, std::string>& file) const {
    return {file.first, sys::sha256(file.second).hex(), true, executables.contains(file.first), {}};
  }

  std::map<std::string, std::string> files_;
};

}  // namespace llmops::fakes
