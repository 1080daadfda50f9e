#include "migrate/yaml_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "doc/json.h"
#include "doc/yaml.h"

namespace llmops::migrate {
namespace {

constexpr std::size_t kWidth = 100;

/// Whether a text needs no quotes, in braces or out of them.
bool is_plain(const std::string& text) {
  static constexpr std::string_view kSafe = "_./+-";
  if (text.empty() || text.size() > kWidth) return false;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!letter(text.front()) || text.back() == ' ') return false;
  const bool safe = std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || c == ' ' || kSafe.find(c) != std::string_view::npos;
  });
  if (!safe) return false;
  const auto read = doc::parse_yaml("", text);
  return read && read->is_string() && read->as_string() == text;
}

std::string quoted(const std::string& text) { return is_plain(text) ? text : doc::to_json(doc::Node(text)); }

std::string flow(const doc::Node& node) {
  std::string out;
  if (node.is_list()) {
    for (const auto& item : node.items()) out += (out.empty() ? "" : ", ") + flow(item);
    return "[" + out + "]";
  }
  if (node.is_map()) {
    for (const auto& entry : node.entries()) {
      out += (out.empty() ? "" : ", ") + quoted(entry.key) + ": " + flow(entry.value);
    }
    return "{" + out + "}";
  }
  return node.is_string() ? quoted(node.as_string()) : node.text();
}

/// A text of several lines that a literal block can hold as it is.
bool is_block(const doc::Node& node) {
  if (!node.is_string()) return false;
  const auto& text = node.as_string();
  if (text.find('\n') == std::string::npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.ends_with("\n\n") || text.find_first_not_of(" \n") == std::string::npos) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }) &&
         text.find(" \n") == std::string::npos;
}

void put_block(std::string& out, const std::string& text, const std::string& indent) {
  out += text.ends_with('\n') ? "|\n" : "|-\n";
  for (const auto& line : text::split(text::replace_all(text, "\r", ""), '\n')) {
    if (!line.empty()) out += indent + line;
    out += "\n";
  }
  while (out.ends_with("\n\n")) out.pop_back();
}

bool has_block(const doc::Node& node) {
  if (node.is_list()) return std::any_of(node.items().begin(), node.items().end(), &has_block);
  if (!node.is_map()) return is_block(node);
  return std::any_of(node.entries().begin(), node.entries().end(), [](const auto& e) { return has_block(e.value); });
}

class Writer {
 public:
  /// A map or list, each entry on a line of its own; the first one's indentation is there already where `inlined`.
  void write(const doc::Node& node, std::size_t indent) {
    if (node.is_list()) {
      for (const auto& item : node.items()) {
        out += std::string(indent, ' ') + "- ";
        value(item, indent + 2, Behind::dash);
      }
      return;
    }
    bool first = true;
    for (const auto& entry : node.entries()) {
      if (!(std::exchange(first, false) && inlined_)) out += std::string(indent, ' ');
      inlined_ = false;
      out += quoted(entry.key) + ":";
      value(entry.value, indent + 2, Behind::key);
    }
  }
  std::string out;

 private:
  enum class Behind { key, dash };

  void value(const doc::Node& node, std::size_t indent, Behind behind) {
    const std::string space = behind == Behind::key ? " " : "";
    if (is_block(node)) {
      out += space;
      return put_block(out, node.as_string(), std::string(indent, ' '));
    }
    const auto line = flow(node);
    const bool nested = !node.is_scalar() && node.size() > 0 && (has_block(node) || indent + line.size() > kWidth);
    if (!nested) {
      out += space + line + "\n";
      return;
    }
    if (behind == Behind::key) {
      out += "\n";
    } else if (node.is_map()) {
      inlined_ = true;
    } else {
      out += "\n";
    }
    write(node, indent);
  }

  bool inlined_ = false;
};

}  // namespace

std::string yaml_text(const doc::Node& node) {
  Writer writer;
  writer.write(node, 0);
  return std::move(writer.out);
}

}  // namespace llmops::migrate
