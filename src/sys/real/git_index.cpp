#include "sys/real/git_index.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace llmops::sys {
namespace {

constexpr std::size_t kStatBytes = 40;

/// Big-endian numbers from the front of a text; past its end everything is zero and `broken` holds.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      broken_ = true;
      bytes_ = {};
      return {};
    }
    const auto out = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return out;
  }
  std::uint32_t number(std::size_t count) {
    std::uint32_t out = 0;
    for (const char c : take(count)) out = (out << 8) | static_cast<unsigned char>(c);
    return out;
  }
  /// Git's variable-width number, as in offsets of packs.
  std::size_t varint() {
    auto byte = number(1);
    std::size_t out = byte & 127;
    for (int length = 1; (byte & 128) != 0 && length < 8; ++length) {
      byte = number(1);
      out = ((out + 1) << 7) | (byte & 127);
    }
    return out;
  }
  std::string_view until_nul() {
    const auto end = bytes_.find('\0');
    const auto out = take(end == std::string_view::npos ? bytes_.size() + 1 : end);
    take(1);
    return out;
  }
  std::size_t left() const { return bytes_.size(); }
  bool broken() const { return broken_; }

 private:
  std::string_view bytes_;
  bool broken_ = false;
};

std::int64_t nanoseconds(std::uint32_t seconds, std::uint32_t rest) {
  return std::int64_t{seconds} * 1'000'000'000 + rest;
}

FileKind kind_of(std::uint32_t mode) {
  switch (mode & 0170000) {
    case 0100000:
      return FileKind::regular;
    case 0120000:
      return FileKind::symlink;
    case 0160000:
      return FileKind::folder;
    default:
      return FileKind::other;
  }
}

void read_stat(Reader& in, IndexEntry& entry) {
  const auto ctime_s = in.number(4), ctime_ns = in.number(4), mtime_s = in.number(4), mtime_ns = in.number(4);
  entry.stat.ctime_ns = nanoseconds(ctime_s, ctime_ns);
  entry.stat.mtime_ns = nanoseconds(mtime_s, mtime_ns);
  entry.stat.device = in.number(4);
  entry.stat.inode = in.number(4);
  entry.mode = in.number(4);
  entry.stat.kind = kind_of(entry.mode);
  entry.stat.mode = entry.mode;
  in.take(8);  // uid and gid
  entry.size = in.number(4);
  entry.stat.size = entry.size;
}

/// One entry after another; `previous` is the path before, which version 4 shortens by.
void read_entry(Reader& in, std::uint32_t version, std::size_t id_bytes, const std::string& previous,
                IndexEntry& entry) {
  const auto before = in.left();
  read_stat(in, entry);
  entry.id = text::to_hex(in.take(id_bytes));
  const auto flags = in.number(2);
  entry.assume_valid = (flags & 0x8000u) != 0;
  entry.unmerged = ((flags >> 12) & 3u) != 0;
  if ((flags & 0x4000u) != 0) {
    const auto more = in.number(2);
    entry.skip_worktree = (more & 0x4000u) != 0;
    entry.intent_to_add = (more & 0x2000u) != 0;
  }
  if (version == 4) {
    const auto cut = in.varint();
    entry.path = previous.substr(0, previous.size() - std::min(cut, previous.size()));
    entry.path += in.until_nul();
    return;
  }
  entry.path = in.until_nul();
  const auto length = before - in.left();  // One NUL is taken; the entry's length is a multiple of eight.
  in.take((8 - length % 8) % 8);
}

/// Whether what follows the entries may be passed over: an extension with a small letter first is required.
bool only_optional_extensions(Reader& in, std::size_t id_bytes) {
  while (in.left() > id_bytes && !in.broken()) {
    const auto signature = in.take(4);
    const auto size = in.number(4);
    if (signature.empty() || signature[0] < 'A' || signature[0] > 'Z') return false;
    in.take(size);
  }
  return !in.broken();
}

std::uint32_t parse_number(std::string_view text, int base) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out, base);
  return out;
}

/// The text behind `name: ` up to the next blank.
std::string_view field(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find_first_of("\t\n "));
}

std::int64_t time_field(std::string_view text, std::string_view name) {
  const auto value = field(text, name);
  const auto colon = value.find(':');
  if (colon == std::string_view::npos) return 0;
  return nanoseconds(parse_number(value.substr(0, colon), 10), parse_number(value.substr(colon + 1), 10));
}

void read_debug(std::string_view lines, IndexEntry& entry) {
  entry.stat.ctime_ns = time_field(lines, "ctime: ");
  entry.stat.mtime_ns = time_field(lines, "mtime: ");
  entry.stat.device = parse_number(field(lines, "dev: "), 10);
  entry.stat.inode = parse_number(field(lines, "ino: "), 10);
  entry.size = entry.stat.size = parse_number(field(lines, "size: "), 10);
  entry.stat.kind = kind_of(entry.mode);
  entry.stat.mode = entry.mode;
  const auto flags = parse_number(field(lines, "flags: "), 16);
  entry.assume_valid = (flags & 0x8000u) != 0;
  entry.skip_worktree = (flags & (1u << 30)) != 0;
  entry.intent_to_add = (flags & (1u << 29)) != 0;
}

}  // namespace

void keep_one_per_path(Index& index) {
  const auto same = [](const IndexEntry& a, const IndexEntry& b) { return a.path == b.path; };
  index.erase(std::unique(index.begin(), index.end(), same), index.end());
}

std::optional<Index> parse_index(std::string_view bytes, ObjectFormat format) {
  const std::size_t id_bytes = format == ObjectFormat::sha1 ? 20 : 32;
  Reader in(bytes);
  if (in.take(4) != "DIRC") return std::nullopt;
  const auto version = in.number(4);
  const auto count = in.number(4);
  if (version < 2 || version > 4 || count > bytes.size() / kStatBytes) return std::nullopt;
  Index out(count);
  std::string none;
  for (std::size_t at = 0; at < count; ++at) {
    read_entry(in, version, id_bytes, at == 0 ? none : out[at - 1].path, out[at]);
    if (in.broken()) return std::nullopt;
  }
  if (!only_optional_extensions(in, id_bytes)) return std::nullopt;
  keep_one_per_path(out);
  return out;
}

std::optional<Index> parse_ls_files_debug(std::string_view text) {
  Index out;
  while (!text.empty()) {
    const auto tab = text.find('\t');
    const auto nul = text.find('\0');
    if (tab == std::string_view::npos || nul == std::string_view::npos || tab > nul) return std::nullopt;
    const auto head = text::split(text.substr(0, tab), ' ');
    if (head.size() != 3) return std::nullopt;
    IndexEntry entry;
    entry.mode = parse_number(head[0], 8);
    entry.id = head[1];
    entry.unmerged = head[2] != "0";
    entry.path = text.substr(tab + 1, nul - tab - 1);
    text.remove_prefix(nul + 1);
    const auto flags_at = text.find("flags: ");
    const auto end = flags_at == std::string_view::npos ? flags_at : text.find('\n', flags_at);
    if (end == std::string_view::npos) return std::nullopt;
    read_debug(text.substr(0, end + 1), entry);
    text.remove_prefix(end + 1);
    out.push_back(std::move(entry));
  }
  keep_one_per_path(out);
  return out;
}

}  // namespace llmops::sys
