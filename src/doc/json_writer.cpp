#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "doc/json.h"
#include "doc/number.h"

namespace llmops::doc {
namespace {

enum class Form { compact, pretty, canonical };

bool needs_care(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

class Writer {
 public:
  explicit Writer(Form form) : form_(form) {}

  void write(const Node& node) {
    switch (node.kind()) {
      case Kind::null:
        out_ += "null";
        break;
      case Kind::boolean:
        out_ += node.as_bool() ? "true" : "false";
        break;
      case Kind::integer:
        write(node.as_int());
        break;
      case Kind::real:
        write(node.as_double());
        break;
      case Kind::string:
        write(node.as_string());
        break;
      case Kind::list:
        write(node.items());
        break;
      case Kind::map:
        write(node.entries());
        break;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write(std::int64_t value) {
    char buffer[24];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }

  void write(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
    } else if (const auto whole = to_integer(value); whole && form_ == Form::canonical) {
      write(*whole);
    } else {
      out_ += real_text(value);
    }
  }

  void write(const std::string& value) {
    out_ += '"';
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), needs_care) - rest.begin());
      out_ += rest.substr(0, end);
      rest.remove_prefix(end);
      if (rest.empty()) break;
      if (static_cast<unsigned char>(rest[0]) >= 0x80) {
        rest.remove_prefix(write_wide(rest));
      } else {
        escape(rest[0]);
        rest.remove_prefix(1);
      }
    }
    out_ += '"';
  }

  /// The run of bytes above ASCII at the front; returns how many bytes it took.
  std::size_t write_wide(std::string_view rest) {
    std::size_t end = 0;
    while (end < rest.size() && static_cast<unsigned char>(rest[end]) >= 0x80) ++end;
    const auto run = rest.substr(0, end);
    const auto broken = text::invalid_utf8(run);
    out_ += run.substr(0, broken.value_or(end));
    if (!broken) return end;
    out_ += "\xEF\xBF\xBD";
    return *broken + 1;
  }

  void escape(char c) {
    switch (c) {
      case '"':
        out_ += "\\\"";
        return;
      case '\\':
        out_ += "\\\\";
        return;
      case '\b':
        out_ += "\\b";
        return;
      case '\f':
        out_ += "\\f";
        return;
      case '\n':
        out_ += "\\n";
        return;
      case '\r':
        out_ += "\\r";
        return;
      case '\t':
        out_ += "\\t";
        return;
      default:
        out_ += "\\u00" + text::to_hex({&c, 1});
    }
  }

  void write(const List& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    open('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      next(i);
      write(items[i]);
    }
    close(']');
  }

  void write(const std::vector<Entry>& entries) {
    if (entries.empty()) {
      out_ += "{}";
      return;
    }
    open('{');
    if (form_ == Form::canonical) {
      write_sorted(entries);
    } else {
      for (std::size_t i = 0; i < entries.size(); ++i) write(i, entries[i]);
    }
    close('}');
  }

  void write_sorted(const std::vector<Entry>& entries) {
    std::vector<const Entry*> order;
    order.reserve(entries.size());
    for (const auto& entry : entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
    for (std::size_t i = 0; i < order.size(); ++i) write(i, *order[i]);
  }

  void write(std::size_t index, const Entry& entry) {
    next(index);
    write(entry.key);
    out_ += form_ == Form::pretty ? ": " : ":";
    write(entry.value);
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void next(std::size_t index) {
    if (index > 0) out_ += ',';
    break_line();
  }
  void close(char bracket) {
    --depth_;
    break_line();
    out_ += bracket;
  }
  void break_line() {
    if (form_ != Form::pretty) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  Form form_;
  std::string out_;
  std::size_t depth_ = 0;
};

std::string written(const Node& node, Form form) {
  Writer writer(form);
  writer.write(node);
  return writer.take();
}

}  // namespace

std::string to_json(const Node& node) { return written(node, Form::compact); }
std::string to_pretty_json(const Node& node) { return written(node, Form::pretty); }
std::string to_canonical_json(const Node& node) { return written(node, Form::canonical); }

}  // namespace llmops::doc
