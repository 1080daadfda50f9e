#pragma once
/// \file  What was known of a work tree's files at the last run, in one file that is searched without being parsed.
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/file_system.h"

namespace llmops::asset {

struct Seen {
  sys::FileStat stat;    ///< `kind == none`: nothing was there.
  std::string git_blob;  ///< Empty: not computed.
  bool tracked = false;
  bool current = false;  ///< `tracked` is of the index as it is now.
};

/// Safe to call from many threads. A file that is missing, damaged or of another form counts as empty.
class SeenFile {
 public:
  /// `index` is the index's stat now; nothing where it is so fresh that a further change might not show.
  SeenFile(sys::FileSystem& files, sys::Path path, std::optional<sys::FileStat> index);

  std::optional<Seen> find(const std::string& path);
  void put(const std::string& path, Seen seen);
  /// The tracked paths that matched a pattern, where the index is still the same.
  std::optional<std::vector<std::string>> matches(const std::string& pattern);
  void put_matches(const std::string& pattern, const std::vector<std::string>& paths);
  /// Writes what is new. Not being able to is no error: it costs time at the next run.
  void save();

 private:
  void load();
  std::string_view stored(std::string_view key) const;

  sys::FileSystem& files_;
  sys::Path path_;
  std::optional<sys::FileStat> index_;
  std::mutex mutex_;
  bool loaded_ = false;
  bool same_index_ = false;                                ///< The file was written when the index was as it is now.
  std::string text_;                                       ///< The file.
  std::vector<std::uint32_t> offsets_;                     ///< Of its records, sorted by key.
  std::map<std::string, std::string, std::less<>> fresh_;  ///< Key → value, not yet in the file.
};

}  // namespace llmops::asset
