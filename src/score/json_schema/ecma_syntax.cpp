#include "score/json_schema/ecma_syntax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace llmops::score::json_schema {
namespace {

// ECMA 262's white space and line ends, and all other code points, as the inside of a class.
constexpr std::string_view kSpaces =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kOthers =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e})"
    R"(\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kNoLineEnd = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view kAny = R"([\x{0}-\x{10ffff}])";
constexpr std::string_view kNone = R"([^\x{0}-\x{10ffff}])";

/// General categories (UAX 44, table 12) by the long names that RE2 does not know.
constexpr std::array<std::pair<std::string_view, std::string_view>, 41> kCategories = {{
    {"Letter", "L"},
    {"Cased_Letter", "LC"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
}};

std::string code_point(std::uint32_t code) {
  char digits[8];
  return "\\x{" + std::string(digits, std::to_chars(digits, digits + sizeof digits, code, 16).ptr) + "}";
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  Result<std::string> run() {
    while (at_ < in_.size() && problem_.empty()) {
      switch (const char c = in_[at_]) {
        case '\\':
          escape(Where::outside);
          break;
        case '[':
          character_class();
          break;
        case '(':
          group();
          break;
        case '.':
          out_ += kNoLineEnd;
          ++at_;
          break;
        default:
          out_ += c;
          ++at_;
      }
    }
    if (!problem_.empty()) return invalid_error(problem_);
    return std::move(out_);
  }

 private:
  enum class Where { outside, in_class };

  char peek(std::size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool take(std::string_view wanted) {
    if (!in_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  void refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  void group() {
    if (take("(?=") || take("(?!")) return refuse("it has a look-ahead, which RE2 does not have");
    if (take("(?<=") || take("(?<!")) return refuse("it has a look-behind, which RE2 does not have");
    if (take("(?:")) {
      out_ += "(?:";
    } else if (take("(?<")) {
      out_ += "(?P<";
    } else if (take("(?")) {
      refuse("`(?` stands before none of `:`, `<`, `=` and `!`");
    } else {
      ++at_;
      out_ += '(';
    }
  }

  void character_class() {
    if (take("[]")) {
      out_ += kNone;
      return;
    }
    if (take("[^]")) {
      out_ += kAny;
      return;
    }
    ++at_;
    out_ += '[';
    if (take("^")) out_ += '^';
    while (problem_.empty() && peek() != ']') {
      if (at_ == in_.size()) return refuse("`[` is never closed");
      if (peek() == '\\') {
        escape(Where::in_class);
      } else {
        if (peek() == '[') out_ += '\\';  // RE2 would read `[:alpha:]`.
        out_ += in_[at_++];
      }
    }
    ++at_;
    out_ += ']';
  }

  void escape(Where where) {
    const char name = peek(1);
    const auto from = at_;
    at_ += 2;
    switch (name) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 't':
      case 'n':
      case 'v':
      case 'f':
      case 'r':
        out_ += {'\\', name};
        return;
      case 's':
      case 'S': {
        const std::string inside(name == 's' ? kSpaces : kOthers);
        out_ += where == Where::in_class ? inside : "[" + inside + "]";
        return;
      }
      case 'b':
        out_ += where == Where::in_class ? code_point('\b') : "\\b";
        return;
      case 'B':
        if (where == Where::in_class) break;
        out_ += "\\B";
        return;
      case 'c':
        if (!is_letter(peek())) break;
        out_ += code_point(static_cast<std::uint32_t>(in_[at_++]) % 32);
        return;
      case 'x':
        return number(2, from);
      case 'u':
        return unicode(from);
      case 'p':
      case 'P':
        return property(name, from);
      case 'k':
        return refuse("it has a back-reference, which RE2 does not have");
      case '0':
        if (peek() >= '0' && peek() <= '9') break;
        out_ += code_point(0);
        return;
      default:
        break;
    }
    if (where == Where::outside && name >= '1' && name <= '9') {
      return refuse("it has a back-reference, which RE2 does not have");
    }
    if (name > ' ' && name < 0x7F && !is_letter(name) && name != '_' && !(name >= '0' && name <= '9')) {
      out_ += {'\\', name};
      return;
    }
    refuse_escape(from);
  }

  void refuse_escape(std::size_t from) {
    const auto points = text::code_points(in_.substr(from, 6));
    refuse("`" + text::printable(points[0]) + (points.size() > 1 ? text::printable(points[1]) : std::string()) +
           "` is no escape of ECMA 262");
  }

  /// So many hexadecimal digits at the cursor.
  std::optional<std::uint32_t> digits(std::size_t count) {
    std::uint32_t value = 0;
    const auto written = in_.substr(std::min(at_, in_.size()), count);
    const auto [end, failed] = std::from_chars(written.data(), written.data() + written.size(), value, 16);
    if (written.size() != count || failed != std::errc{} || end != written.data() + count) return std::nullopt;
    at_ += count;
    return value;
  }

  void number(std::size_t count, std::size_t from) {
    const auto value = digits(count);
    if (!value) return refuse_escape(from);
    out_ += code_point(*value);
  }

  void unicode(std::size_t from) {
    if (take("{")) {
      const auto end = in_.find('}', at_);
      const auto value = end == std::string_view::npos || end - at_ > 6 ? std::nullopt : digits(end - at_);
      if (!value || *value > 0x10FFFF) return refuse_escape(from);
      ++at_;
      out_ += code_point(*value);
      return;
    }
    auto value = digits(4);
    if (!value) return refuse_escape(from);
    if (*value >= 0xD800 && *value < 0xDC00 && take("\\u")) {
      const auto low = digits(4);
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return refuse_escape(from);
      value = 0x10000 + ((*value - 0xD800) << 10) + (*low - 0xDC00);
    }
    out_ += code_point(*value);
  }

  void property(char name, std::size_t from) {
    const auto end = in_.find('}', at_);
    if (!take("{") || end == std::string_view::npos) return refuse_escape(from);
    auto value = in_.substr(at_, end - at_);
    at_ = end + 1;
    bool category = true;
    if (const auto equals = value.find('='); equals != std::string_view::npos) {
      const auto key = value.substr(0, equals);
      const bool script = key == "Script" || key == "sc" || key == "Script_Extensions" || key == "scx";
      if (!script && key != "General_Category" && key != "gc") {
        return refuse("RE2 does not know the property `" + text::shorten(key, 40) + "`");
      }
      category = !script;
      value.remove_prefix(equals + 1);
    }
    const auto* known =
        std::find_if(kCategories.begin(), kCategories.end(), [&](const auto& row) { return row.first == value; });
    if (category && known != kCategories.end()) value = known->second;
    if (value == "LC") return refuse("RE2 does not know the property `LC`");
    out_ += {'\\', name, '{'};
    out_ += value;
    out_ += '}';
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

Result<std::string> to_re2_syntax(std::string_view pattern) { return Translator(pattern).run(); }

}  // namespace llmops::score::json_schema
