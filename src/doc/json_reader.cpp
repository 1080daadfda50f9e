#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "doc/json.h"
#include "doc/json_prefix.h"
#include "doc/unique_keys.h"

namespace llmops::doc {
namespace {

constexpr std::size_t kMostDepth = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Recursive descent over one text. The first failure is kept in `error_`; every reader returns false then.
class Reader {
 public:
  Reader(std::string_view text, std::shared_ptr<const SourceText> source)
      : text_(text), source_(std::move(source)), line_(source_ ? source_->first_line : 1) {}

  Result<Node> read() {
    Node out;
    skip_space();
    if (text_.starts_with("\xEF\xBB\xBF")) {
      fail("a byte order mark stands before the JSON", "save the text as UTF-8 without a byte order mark");
    } else if (at_ == text_.size()) {
      fail("found no JSON value: the text is empty");
    } else if (read_value(out)) {
      skip_space();
      if (at_ < text_.size()) fail("found " + here() + " after the JSON value, expected the end");
    }
    if (error_) return std::move(*error_);
    return out;
  }

  JsonPrefix read_prefix() {
    Node out;
    skip_space();
    if (!read_value(out)) return {std::nullopt, at_};
    return {std::move(out), at_};
  }

 private:
  bool read_value(Node& out) {
    const auto at = place();
    if (!read_bare_value(out)) return false;
    if (source_) out.set_at(at);
    return true;
  }

  bool read_bare_value(Node& out) {
    switch (peek()) {
      case '{':
        return nested([&] { return read_map(out); });
      case '[':
        return nested([&] { return read_list(out); });
      case '"': {
        std::string value;
        if (!read_string(value)) return false;
        out = Node(std::move(value));
        return true;
      }
      case 't':
        return read_word("true", Node(true), out);
      case 'f':
        return read_word("false", Node(false), out);
      case 'n':
        return read_word("null", Node(), out);
      default:
        break;
    }
    if (peek() == '-' || is_digit(peek())) return read_number(out);
    return fail("found " + here() + ", expected a JSON value");
  }

  template <class F>
  bool nested(F&& body) {
    if (depth_ == kMostDepth) return fail("lists and maps are nested more than 200 deep");
    ++depth_;
    const bool good = body();
    --depth_;
    return good;
  }

  bool read_word(std::string_view word, Node value, Node& out) {
    if (!text_.substr(at_).starts_with(word)) return fail("found " + here() + ", expected `" + std::string(word) + "`");
    at_ += word.size();
    out = std::move(value);
    return true;
  }

  bool read_list(Node& out) {
    List items;
    ++at_;
    skip_space();
    if (peek() != ']') {
      do {
        skip_space();
        if (peek() == ']') return fail("found `]` after a comma, expected another item", "remove the comma");
        if (!read_value(items.emplace_back())) return false;
        skip_space();
      } while (take(','));
    }
    if (!take(']')) return fail("found " + here() + " in a list, expected `,` or `]`");
    out = Node(std::move(items));
    return true;
  }

  bool read_map(Node& out) {
    out = Node::map();
    auto& entries = out.entries();
    key_starts_.push_back({});
    ++at_;
    skip_space();
    if (peek() != '}') {
      do {
        if (!read_entry(entries)) return false;
        skip_space();
      } while (take(','));
    }
    if (!take('}')) return fail("found " + here() + " in a map, expected `,` or `}`");
    if (const auto repeats = repeated_keys(entries); !repeats.empty()) {
      at_ = key_starts_.back()[repeats.front().repeat];
      return fail("key `" + text::shorten(entries[repeats.front().repeat].key, 60) + "` is written twice",
                  "remove one of the two");
    }
    key_starts_.pop_back();
    return true;
  }

  bool read_entry(std::vector<Entry>& entries) {
    skip_space();
    if (peek() == '}') return fail("found `}` after a comma, expected another key", "remove the comma");
    if (peek() != '"') return fail("found " + here() + ", expected a key in double quotes");
    auto& entry = entries.emplace_back();
    key_starts_.back().push_back(at_);
    if (source_) entry.key_at = place();
    if (!read_string(entry.key)) return false;
    skip_space();
    if (!take(':')) return fail("found " + here() + " after a key, expected `:`");
    skip_space();
    return read_value(entry.value);
  }

  bool read_string(std::string& out) {
    const auto start = at_++;
    while (true) {
      const auto from = at_;
      while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
      const auto run = text_.substr(from, at_ - from);
      if (const auto broken = text::invalid_utf8(run)) {
        at_ = from + *broken;
        return fail("byte 0x" + text::to_hex(text_.substr(at_, 1)) + " is not UTF-8", "save the text as UTF-8");
      }
      out += run;
      if (take('"')) return true;
      if (at_ == text_.size()) {
        at_ = start;
        return fail("the string is never closed");
      }
      if (text_[at_] != '\\') return fail("found " + here() + " in a string, expected it escaped");
      if (!read_escape(out)) return false;
    }
  }

  static bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

  bool read_escape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt", kValues = "\"\\/\b\f\n\r\t";
    const char name = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (name == 'u') return read_code_point(out);
    const auto found = kNames.find(name);
    if (name == '\0' || found == std::string_view::npos) return fail("a backslash stands before no known escape");
    out += kValues[found];
    at_ += 2;
    return true;
  }

  bool read_code_point(std::string& out) {
    const auto start = at_;
    auto code = read_unit();
    if (code && *code >= 0xD800 && *code < 0xDC00) {
      const auto low = read_unit();
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
      }
    }
    if (!code || (*code >= 0xD800 && *code < 0xE000)) {
      at_ = start;
      return fail(code ? "half of a surrogate pair stands alone" : "`\\u` needs four hexadecimal digits");
    }
    append_utf8(*code, out);
    return true;
  }

  /// `\uXXXX` at the cursor, or nothing; the cursor moves only past a whole one.
  std::optional<std::uint32_t> read_unit() {
    if (text_.substr(at_, 2) != "\\u" || text_.size() - at_ < 6) return std::nullopt;
    std::uint32_t value = 0;
    const char* from = text_.data() + at_ + 2;
    const auto [end, failed] = std::from_chars(from, from + 4, value, 16);
    if (failed != std::errc{} || end != from + 4) return std::nullopt;
    at_ += 6;
    return value;
  }

  static void append_utf8(std::uint32_t code, std::string& out) {
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xC0 | (code >> 6));
      add(0x80 | (code & 63));
    } else if (code < 0x10000) {
      add(0xE0 | (code >> 12));
      add(0x80 | ((code >> 6) & 63));
      add(0x80 | (code & 63));
    } else {
      add(0xF0 | (code >> 18));
      add(0x80 | ((code >> 12) & 63));
      add(0x80 | ((code >> 6) & 63));
      add(0x80 | (code & 63));
    }
  }

  bool read_number(Node& out) {
    const auto start = at_;
    bool whole = true;
    take('-');
    if (!take('0') && !take_digits()) return fail("found " + here() + " in a number, expected a digit");
    if (is_digit(peek())) return fail("a number starts with 0", "remove the leading zero, or quote the number");
    if (take('.')) {
      whole = false;
      if (!take_digits()) return fail("found " + here() + " in a number, expected a digit");
    }
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) take('-');
      if (!take_digits()) return fail("found " + here() + " in a number, expected a digit");
    }
    const auto written = text_.substr(start, at_ - start);
    if (const auto value = whole ? text::to_int(written) : std::nullopt) {
      out = Node(*value);
      return true;
    }
    if (const auto value = text::to_double(written); value && std::isfinite(*value)) {
      out = Node(*value);
      return true;
    }
    at_ = start;
    return fail("the number `" + text::shorten(written, 40) + "` is beyond a double", "quote it to keep it as text");
  }

  bool take_digits() {
    const auto from = at_;
    while (is_digit(peek())) ++at_;
    return at_ > from;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  /// What stands at the cursor, for messages.
  std::string here() const {
    if (at_ >= text_.size()) return "the end of the text";
    const auto points = text::code_points(text_.substr(at_, 4));
    return "`" + text::printable(points.front() == "\n" ? "\\n" : points.front()) + "`";
  }

  /// The cursor's place. Counts on from the last one asked for, so that a long line costs its length once.
  SourcePos place() {
    if (!source_) return {};
    if (at_ < counted_) return position_at(source_, at_);
    for (; counted_ < at_; ++counted_) {
      if (text_[counted_] == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(text_[counted_]) & 0xC0u) != 0x80u) {
        ++column_;
      }
    }
    return {source_, line_, column_};
  }

  bool fail(std::string message, std::string hint = {}) {
    if (error_) return false;
    if (!source_) message += " (at byte " + std::to_string(at_) + ")";
    error_ = invalid_error(std::move(message), place(), std::move(hint));
    return false;
  }

  std::string_view text_;
  std::shared_ptr<const SourceText> source_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t counted_ = 0;  ///< Bytes that `line_` and `column_` account for.
  std::uint32_t line_;
  std::uint32_t column_ = 1;
  std::vector<std::vector<std::size_t>> key_starts_;  ///< Of the maps being read, innermost last.
  std::optional<Error> error_;
};

}  // namespace

Result<Node> parse_json(std::string name, std::string text, std::uint32_t first_line) {
  const auto source = std::make_shared<const SourceText>(SourceText{std::move(name), std::move(text), first_line});
  return Reader(source->text, source).read();
}

Result<Node> parse_json_data(std::string_view text) { return Reader(text, nullptr).read(); }

JsonPrefix parse_json_prefix(std::string_view text) { return Reader(text, nullptr).read_prefix(); }

}  // namespace llmops::doc
