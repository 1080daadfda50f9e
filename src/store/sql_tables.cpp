#include "store/sql_tables.h"

#include <algorithm>
#include <cstring>

#include "sys/hash.h"

namespace llmops::store {
namespace {

constexpr std::int64_t kSettledNs = 20'000'000;

template <class Number>
void add(std::string& to, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  to.append(raw, sizeof value);
}

/// Takes numbers and texts off the front; `broken` once something is missing.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : bytes_(bytes) {}
  template <class Number>
  Number number() {
    Number out{};
    const auto raw = take(sizeof out);
    if (raw.size() == sizeof out) std::memcpy(&out, raw.data(), sizeof out);
    return out;
  }
  std::string_view take(std::size_t count) {
    broken_ = broken_ || count > bytes_.size();
    const auto out = bytes_.substr(0, broken_ ? 0 : count);
    bytes_.remove_prefix(out.size());
    return out;
  }
  bool whole() const { return !broken_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool broken_ = false;
};

Digest key_of(const sys::Path& path) { return sys::sha256(path.native()); }

}  // namespace

bool settled(const sys::FileStat& stat, std::int64_t seen_at_ns) {
  return std::max(stat.mtime_ns, stat.ctime_ns) + kSettledNs < seen_at_ns;
}

std::string to_bytes(const StatEntry& entry) {
  std::string out;
  add(out, static_cast<std::uint8_t>(entry.stat.kind));
  for (const auto number : {entry.stat.size, entry.stat.inode, entry.stat.device}) add(out, number);
  for (const auto time : {entry.stat.mtime_ns, entry.stat.ctime_ns, entry.seen_at_ns}) add(out, time);
  add(out, entry.stat.mode);
  add(out, static_cast<std::uint8_t>(entry.git_blob.size()));
  out += entry.git_blob;
  add(out, static_cast<std::uint8_t>(entry.sha256 ? 1 : 0));
  if (entry.sha256) out.append(reinterpret_cast<const char*>(entry.sha256->bytes.data()), entry.sha256->bytes.size());
  return out;
}

std::optional<StatEntry> stat_entry_of(std::string_view bytes) {
  Cutter in(bytes);
  StatEntry out;
  out.stat.kind = static_cast<sys::FileKind>(in.number<std::uint8_t>());
  for (auto* number : {&out.stat.size, &out.stat.inode, &out.stat.device}) *number = in.number<std::uint64_t>();
  for (auto* time : {&out.stat.mtime_ns, &out.stat.ctime_ns, &out.seen_at_ns}) *time = in.number<std::int64_t>();
  out.stat.mode = in.number<std::uint32_t>();
  out.git_blob = in.take(in.number<std::uint8_t>());
  if (in.number<std::uint8_t>() == 1) {
    const auto raw = in.take(32);
    if (raw.size() == 32) std::memcpy(out.sha256.emplace().bytes.data(), raw.data(), raw.size());
  }
  if (!in.whole()) return std::nullopt;
  return out;
}

std::optional<StatEntry> SqlStatCache::get(const sys::Path& absolute, const sys::FileStat& now) {
  const auto found = database_.get(TableName::stats, key_of(absolute));
  if (!found || !*found) return std::nullopt;
  auto entry = stat_entry_of(**found);
  if (!entry || !(entry->stat == now)) return std::nullopt;
  return entry;
}

void SqlStatCache::put(const sys::Path& absolute, const StatEntry& entry) {
  if (!settled(entry.stat, entry.seen_at_ns)) return;
  // A cache that can't be written only costs time; whoever needs it written asks `Cache::writable`.
  static_cast<void>(database_.put(TableName::stats, key_of(absolute), to_bytes(entry)).has_value());
}

}  // namespace llmops::store
