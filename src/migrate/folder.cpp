#include "migrate/folder.h"

#include <algorithm>

#include "asset/csv.h"
#include "base/text.h"
#include "doc/json.h"
#include "doc/yaml.h"

namespace llmops::migrate {
namespace {

constexpr Bytes kLargest{std::uint64_t{256} << 20};

Result<doc::Node, Errors> json_lines(const std::string& name, const std::string& text) {
  auto out = doc::Node::list();
  std::uint32_t number = 0;
  for (const auto& line : text::split(text, '\n')) {
    ++number;
    if (text::trim(line).empty()) continue;
    auto node = doc::parse_json(name, line, number);
    if (!node) return Errors{std::move(node).error()};
    out.push_back(*std::move(node));
  }
  return out;
}

doc::Node csv_rows(const std::string& name, const std::string& text) {
  const auto source = std::make_shared<const SourceText>(SourceText{name, text});
  auto out = doc::Node::list();
  std::vector<std::string> header;
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    const auto end = asset::csv_row_end(text, at);
    auto written = std::string_view(text).substr(at, end - at);
    const auto place = position_at(source, at);
    at = end + 1;
    if (written.ends_with('\r')) written.remove_suffix(1);
    if (text::trim(written).empty()) continue;
    const auto row = asset::csv_row(written);
    if (header.empty()) {
      for (const auto& name_of_column : row) header.emplace_back(text::trim(name_of_column));
      continue;
    }
    auto node = doc::Node::map();
    node.set_at(place);
    for (std::size_t i = 0; i < header.size() && i < row.size(); ++i) {
      doc::Node value(row[i]);
      value.set_at(place);
      node.entries().push_back({header[i], place, std::move(value)});
    }
    out.push_back(std::move(node));
  }
  return out;
}

/// The byte at a place of a text.
std::size_t offset_of(std::string_view text, const SourcePos& at) {
  std::size_t offset = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) offset = text.find('\n', offset) + 1;
  const auto is_inner = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  for (std::uint32_t column = 1; column < at.column; ++column) {
    do ++offset;
    while (offset < text.size() && is_inner(offset));
  }
  return offset;
}

/// YAML as others read it: a plain `yes`, `no`, `on` or `off` is a text.
Result<doc::Node, Errors> yaml(const std::string& name, std::string text) {
  constexpr std::string_view kWord = "the unquoted word `";
  for (;;) {
    auto node = doc::parse_yaml(name, text);
    if (node) return node;
    auto errors = node.error();
    const bool words =
        std::all_of(errors.begin(), errors.end(), [&](const Error& error) { return error.message.starts_with(kWord); });
    if (!words) return node;
    std::reverse(errors.begin(), errors.end());
    for (const auto& error : errors) {
      const auto word = error.message.substr(kWord.size(), error.message.find('`', kWord.size()) - kWord.size());
      const auto offset = offset_of(text, error.at);
      if (text.compare(offset, word.size(), word) != 0) return node;
      text.replace(offset, word.size(), "\"" + word + "\"");
    }
  }
}

/// The parts of a path that a pattern has no wildcards in.
std::string fixed_part(const std::string& pattern) {
  const auto wild = pattern.find_first_of("*?[");
  const auto slash = pattern.rfind('/', wild);
  return slash == std::string::npos ? std::string() : pattern.substr(0, slash);
}

}  // namespace

std::string ending(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return {};
  name = name.substr(dot + 1);
  return text::lower(name.substr(0, name.find(':')));
}

std::optional<std::string> file_uri(const std::string& text) {
  constexpr std::string_view kScheme = "file://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  return text.substr(kScheme.size());
}

std::string stem(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  return dot == 0 || dot == std::string::npos ? name : name.substr(0, dot);
}

bool Folder::has_file(const std::string& path) const {
  if (path.empty() || path.size() > 1000 || path.find('\n') != std::string::npos) return false;
  const auto stat = files_.stat(folder_ / path);
  return stat && (stat->kind == sys::FileKind::regular || stat->kind == sys::FileKind::symlink);
}

Result<std::string> Folder::read(const std::string& path) const { return files_.read(folder_ / path, kLargest); }

Result<doc::Node, Errors> Folder::parse(const std::string& path) const {
  auto text = read(path);
  if (!text) return Errors{std::move(text).error()};
  const auto kind = ending(path);
  if (const auto broken = text::invalid_utf8(*text)) {
    const auto source = std::make_shared<const SourceText>(SourceText{shown(path), *text});
    return Errors{invalid_error("a byte is not UTF-8", position_at(source, *broken), "save the file as UTF-8")};
  }
  if (kind == "json") {
    auto node = doc::parse_json(shown(path), *std::move(text));
    if (!node) return Errors{std::move(node).error()};
    return *std::move(node);
  }
  if (kind == "jsonl") return json_lines(shown(path), *text);
  if (kind == "csv") return csv_rows(shown(path), *text);
  return yaml(shown(path), *std::move(text));
}

std::vector<std::string> Folder::glob(const std::string& pattern) const {
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  std::vector<std::string> out, folders = {fixed_part(pattern)};
  constexpr std::size_t kMost = 10'000;
  const auto plain = pattern.starts_with("./") ? pattern.substr(2) : pattern;
  while (!folders.empty() && out.size() < kMost) {
    const auto folder = std::move(folders.back());
    folders.pop_back();
    const auto names = files_.list(folder_ / folder);
    if (!names) continue;
    for (const auto& name : *names) {
      auto path = folder.empty() || folder == "." ? name : folder + "/" + name;
      const auto stat = files_.stat(folder_ / path);
      if (!stat) continue;
      if (stat->kind == sys::FileKind::folder) folders.push_back(path);
      const auto bare = path.starts_with("./") ? path.substr(2) : path;
      if (stat->kind == sys::FileKind::regular && text::glob_match(plain, bare)) out.push_back(std::move(path));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string Folder::shown(const std::string& path) const {
  auto out = (sys::Path(shown_) / path).lexically_normal().generic_string();
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out.starts_with("./") ? out.substr(2) : out;
}

}  // namespace llmops::migrate
