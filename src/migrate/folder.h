#pragma once
/// \file  The files beside a configuration. Private to this room.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "sys/file_system.h"

namespace llmops::migrate {

/// Paths in a configuration are relative to the folder that it stands in.
class Folder {
 public:
  /// `folder` is where files are read, `shown` what it is called in messages and in the recipe; empty: the root.
  Folder(sys::FileSystem& files, sys::Path folder, std::string shown)
      : files_(files), folder_(std::move(folder)), shown_(std::move(shown)) {}

  bool has_file(const std::string& path) const;
  Result<std::string> read(const std::string& path) const;
  /// As `read`, parsed by its ending: YAML (in which a plain `yes` or `no` is a text, as for other tools), JSON, JSON
  /// Lines (a list), CSV (a list of maps). With places.
  Result<doc::Node, Errors> parse(const std::string& path) const;
  /// The files that a pattern means, sorted; the path itself where it is none.
  std::vector<std::string> glob(const std::string& pattern) const;
  /// The path from the repository's root.
  std::string shown(const std::string& path) const;

 private:
  sys::FileSystem& files_;
  sys::Path folder_;
  std::string shown_;
};

/// The ending of a path behind its last dot, in lower case; a `:function` behind it left out.
std::string ending(const std::string& path);
/// The path without `file://`; nothing where a text does not begin so.
std::optional<std::string> file_uri(const std::string& text);
/// Of a path, the last part without its ending.
std::string stem(const std::string& path);

}  // namespace llmops::migrate
