#include "asset/seen_file.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace llmops::asset {
namespace {

// The file: magic, checksum of all behind it, index stat, count, offsets of the records, the records: key and value,
// each with its length in front. A key is `f` and a path, or `g` and a pattern.
constexpr std::string_view kMagic = "llmseen2";
constexpr std::size_t kMostEntries = 200'000;

template <class Number>
void add(std::string& to, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  to.append(raw, sizeof value);
}
template <class Number>
Number number_at(std::string_view text, std::size_t at) {
  Number out{};
  if (at + sizeof out <= text.size()) std::memcpy(&out, text.data() + at, sizeof out);
  return out;
}

std::string to_bytes(const sys::FileStat& stat) {
  std::string out;
  for (const auto number : {stat.size, stat.inode, stat.device}) add(out, number);
  for (const auto time : {stat.mtime_ns, stat.ctime_ns}) add(out, time);
  add(out, stat.mode);
  add(out, static_cast<std::uint32_t>(stat.kind));
  return out;
}
constexpr std::size_t kStatBytes = 48;

sys::FileStat stat_at(std::string_view text, std::size_t at) {
  sys::FileStat out;
  out.size = number_at<std::uint64_t>(text, at);
  out.inode = number_at<std::uint64_t>(text, at + 8);
  out.device = number_at<std::uint64_t>(text, at + 16);
  out.mtime_ns = number_at<std::int64_t>(text, at + 24);
  out.ctime_ns = number_at<std::int64_t>(text, at + 32);
  out.mode = number_at<std::uint32_t>(text, at + 40);
  out.kind = static_cast<sys::FileKind>(number_at<std::uint32_t>(text, at + 44));
  return out;
}

constexpr std::size_t kHeader = 8 + 8 + kStatBytes + 4;

/// Finds accidents, not malice; a few bytes a nanosecond.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t out = 0x9E3779B97F4A7C15u ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const auto count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    out = (out ^ word) * 0x2545F4914F6CDD1Du;
    out ^= out >> 29;
    bytes.remove_prefix(count);
  }
  return out;
}

/// The text at `at`, whose length stands in front of it; empty where that is outside.
std::string_view text_at(std::string_view whole, std::size_t at) {
  const auto length = number_at<std::uint32_t>(whole, at);
  if (at + 4 + length > whole.size()) return {};
  return whole.substr(at + 4, length);
}

void add_text(std::string& to, std::string_view text) {
  add(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

enum Flag : char { kTracked = 1, kCurrent = 2 };

}  // namespace

SeenFile::SeenFile(sys::FileSystem& files, sys::Path path, std::optional<sys::FileStat> index)
    : files_(files), path_(std::move(path)), index_(index) {}

void SeenFile::load() {
  if (loaded_) return;
  loaded_ = true;
  const auto present = files_.stat(path_);
  if (!present || present->kind != sys::FileKind::regular) return;
  auto text = files_.read(path_);
  if (!text || text->size() < kHeader || !text->starts_with(kMagic)) return;
  if (number_at<std::uint64_t>(*text, 8) != checksum(std::string_view(*text).substr(16))) return;
  const std::size_t count = number_at<std::uint32_t>(*text, kHeader - 4);
  if (count > (text->size() - kHeader) / 4) return;
  offsets_.resize(count);
  if (count > 0) std::memcpy(offsets_.data(), text->data() + kHeader, count * 4);
  same_index_ = index_ && stat_at(*text, 16) == *index_;
  text_ = std::move(*text);
}

std::string_view SeenFile::stored(std::string_view key) const {
  const auto at =
      std::lower_bound(offsets_.begin(), offsets_.end(), key,
                       [&](std::uint32_t offset, std::string_view wanted) { return text_at(text_, offset) < wanted; });
  if (at == offsets_.end() || text_at(text_, *at) != key) return {};
  return text_at(text_, *at + 4 + key.size());
}

std::optional<Seen> SeenFile::find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  load();
  const auto key = "f" + path;
  const auto fresh = fresh_.find(key);
  const std::string_view value = fresh != fresh_.end() ? std::string_view(fresh->second) : stored(key);
  if (value.size() < kStatBytes + 1) return std::nullopt;
  const int flags = value[kStatBytes];
  const bool current = (flags & kCurrent) != 0 && (fresh != fresh_.end() || same_index_);
  return Seen{stat_at(value, 0), std::string(value.substr(kStatBytes + 1)), (flags & kTracked) != 0, current};
}

void SeenFile::put(const std::string& path, Seen seen) {
  auto value = to_bytes(seen.stat);
  value += static_cast<char>((seen.tracked ? kTracked : 0) | (seen.current ? kCurrent : 0));
  value += seen.git_blob;
  const std::lock_guard lock(mutex_);
  fresh_["f" + path] = std::move(value);
}

std::optional<std::vector<std::string>> SeenFile::matches(const std::string& pattern) {
  const std::lock_guard lock(mutex_);
  load();
  const auto key = "g" + pattern;
  const auto fresh = fresh_.find(key);
  if (fresh == fresh_.end() && !same_index_) return std::nullopt;
  const std::string_view value = fresh != fresh_.end() ? std::string_view(fresh->second) : stored(key);
  if (value.empty()) return std::nullopt;
  std::vector<std::string> out;
  for (auto& path : text::split(value.substr(1), '\0')) {
    if (!path.empty()) out.push_back(std::move(path));
  }
  return out;
}

void SeenFile::put_matches(const std::string& pattern, const std::vector<std::string>& paths) {
  std::string value = "+";
  for (const auto& path : paths) value += path + '\0';
  const std::lock_guard lock(mutex_);
  fresh_["g" + pattern] = std::move(value);
}

void SeenFile::save() {
  const std::lock_guard lock(mutex_);
  if (fresh_.empty()) return;
  load();
  // What was not asked for this time stays; after a change of the index only the files, their `tracked` in doubt.
  for (const auto offset : offsets_) {
    const auto key = text_at(text_, offset);
    if (fresh_.size() >= kMostEntries || key.empty() || (!same_index_ && key[0] == 'g')) continue;
    std::string value(text_at(text_, offset + 4 + key.size()));
    if (!same_index_ && value.size() > kStatBytes) value[kStatBytes] = static_cast<char>(value[kStatBytes] & ~kCurrent);
    fresh_.emplace(key, std::move(value));
  }
  const std::size_t start = kHeader + fresh_.size() * 4;
  std::string offsets, records;
  for (const auto& [key, value] : fresh_) {
    add(offsets, static_cast<std::uint32_t>(start + records.size()));
    add_text(records, key);
    add_text(records, value);
  }
  // An impossible stat, where the index is too fresh to be known again.
  std::string body = to_bytes(index_.value_or(sys::FileStat{sys::FileKind::other, ~std::uint64_t{0}}));
  add(body, static_cast<std::uint32_t>(fresh_.size()));
  body += offsets + records;
  std::string whole(kMagic);
  add(whole, checksum(body));
  static_cast<void>(files_.write_atomically(path_, whole + body).has_value());
  fresh_.clear();
  offsets_.clear();
  text_.clear();
  loaded_ = false;
}

}  // namespace llmops::asset
