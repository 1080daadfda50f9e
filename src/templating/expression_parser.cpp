#include <optional>
#include <utility>

#include "base/text.h"
#include "templating/expression_tree.h"
#include "templating/source_place.h"

namespace llmops::templating {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxLength = 4096;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || is_digit(c) || c == '-'; }

class Parser {
 public:
  Parser(std::string_view text, const SourcePos& at) : text_(text), place_(place_of_scalar(at, text)) {}

  Result<Expression::Tree> whole() {
    TRY(auto root, either());
    skip_space();
    if (at_ < text_.size()) return fail("expected an operator or the end, found " + found());
    return Expression::Tree{std::move(root), std::move(references_)};
  }

  Result<Reference> reference() {
    const auto start = at_;
    Reference out;
    out.at = position(start);
    out.path.emplace_back(name());
    while (at_ < text_.size()) {
      if (text_[at_] == '.') {
        TRY_VOID(attribute(out));
      } else if (text_[at_] == '[') {
        TRY_VOID(item(out));
      } else {
        break;
      }
    }
    out.text = std::string(text_.substr(start, at_ - start));
    return out;
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  std::size_t offset() const { return at_; }
  bool at_name() const { return at_ < text_.size() && starts_name(text_[at_]); }

 private:
  using Parsed = Result<ExpressionPtr>;

  SourcePos position(std::size_t offset) const { return place_.at(text_, offset); }
  Error fail(std::string message, std::string hint = {}) const {
    return invalid_error(std::move(message), position(at_), std::move(hint));
  }
  std::string found() const {
    if (at_ >= text_.size()) return "the end";
    return "`" + text::printable(text::code_points(text_.substr(at_, 4)).front()) + "`";
  }
  ExpressionPtr make(std::size_t offset, decltype(ExpressionNode::what) what) const {
    return std::make_unique<const ExpressionNode>(ExpressionNode{position(offset), std::move(what)});
  }

  bool take(std::string_view symbol) {
    skip_space();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    const auto rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && in_name(rest[word.size()]))) return false;
    at_ += word.size();
    return true;
  }
  std::string name() {
    const auto start = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  Parsed either() { return chain(Operator::either, "||", "or", &Parser::both); }
  Parsed both() { return chain(Operator::both, "&&", "and", &Parser::negation); }

  Parsed chain(Operator op, std::string_view symbol, std::string_view word, Parsed (Parser::*operand)()) {
    const int outer = depth_;
    TRY(auto left, (this->*operand)());
    while (true) {
      skip_space();
      const auto start = at_;
      if (!take(symbol) && !take_word(word)) break;
      if (++depth_ > kMaxDepth) return too_deep();
      TRY(auto right, (this->*operand)());
      left = make(start, Binary{op, std::move(left), std::move(right)});
    }
    depth_ = outer;
    return left;
  }

  Parsed negation() {
    skip_space();
    const auto start = at_;
    const bool symbol = text_.substr(at_).starts_with('!') && !text_.substr(at_).starts_with("!=");
    if (symbol) ++at_;
    if (!symbol && !take_word("not")) return comparison();
    if (++depth_ > kMaxDepth) return too_deep();
    TRY(auto of, negation());
    --depth_;
    return make(start, Negation{std::move(of)});
  }

  std::optional<Operator> take_comparison() {
    static constexpr std::pair<std::string_view, Operator> kSymbols[] = {
        {"==", Operator::equal},         {"!=", Operator::not_equal}, {"<=", Operator::less_equal},
        {">=", Operator::greater_equal}, {"<", Operator::less},       {">", Operator::greater}};
    for (const auto& [symbol, op] : kSymbols) {
      if (take(symbol)) return op;
    }
    if (take_word("in")) return Operator::in;
    const auto start = at_;
    if (take_word("not") && take_word("in")) return Operator::not_in;
    at_ = start;
    return std::nullopt;
  }

  Parsed comparison() {
    TRY(auto left, primary());
    skip_space();
    const auto start = at_;
    const auto op = take_comparison();
    if (!op) {
      if (at_ < text_.size() && text_[at_] == '=') return fail("found `=`, expected `==`");
      return left;
    }
    TRY(auto right, primary());
    left = make(start, Binary{*op, std::move(left), std::move(right)});
    skip_space();
    if (take_comparison()) return fail("comparisons do not chain", "join two comparisons with `&&`");
    return left;
  }

  Parsed primary() {
    skip_space();
    const auto start = at_;
    if (at_ >= text_.size()) return fail("expected a value, found the end");
    const char c = text_[at_];
    if (c == '(') return parenthesis();
    if (c == '[') return list();
    if (c == '\'' || c == '"') {
      TRY(auto value, quoted());
      return make(start, Literal{doc::Node(std::move(value))});
    }
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
    if (take_word("true")) return make(start, Literal{doc::Node(true)});
    if (take_word("false")) return make(start, Literal{doc::Node(false)});
    if (take_word("null") || take_word("none")) return make(start, Literal{doc::Node()});
    if (starts_name(c)) return variable();
    return fail("expected a value, found " + found());
  }

  Parsed parenthesis() {
    if (++depth_ > kMaxDepth) return too_deep();
    ++at_;
    TRY(auto inside, either());
    if (!take(")")) return fail("expected `)`, found " + found());
    --depth_;
    return inside;
  }

  Parsed list() {
    if (++depth_ > kMaxDepth) return too_deep();
    const auto start = at_++;
    ListLiteral out;
    while (!take("]")) {
      TRY(auto item, either());
      out.items.push_back(std::move(item));
      if (take("]")) break;
      if (!take(",")) return fail("expected `,` or `]`, found " + found());
    }
    --depth_;
    return make(start, std::move(out));
  }

  Result<std::string> quoted() {
    const auto start = at_;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\')) ++at_;
      out += text_[at_++];
    }
    if (at_ >= text_.size()) {
      at_ = start;
      return fail("the string is not closed", std::string("end it with `") + quote + "`");
    }
    ++at_;
    return out;
  }

  Parsed number() {
    const auto start = at_++;
    while (at_ < text_.size() && (in_name(text_[at_]) || text_[at_] == '.')) ++at_;
    const auto written = text_.substr(start, at_ - start);
    if (const auto whole = text::to_int(written)) return make(start, Literal{doc::Node(*whole)});
    if (const auto real = text::to_double(written)) return make(start, Literal{doc::Node(*real)});
    at_ = start;
    return fail("`" + text::printable(written) + "` is not a number");
  }

  Parsed variable() {
    const auto start = at_;
    TRY(auto found_reference, reference());
    references_.push_back(found_reference);
    Name out{std::move(found_reference), nullptr};
    if (text_.substr(at_).starts_with(":-")) {
      if (depth_ > 0 || text::trim(text_.substr(0, start)) != "") {
        return fail("`:-` stands alone", "a default is everything behind `:-`: write `${name:-default}`");
      }
      out.otherwise = std::make_unique<const std::string>(text_.substr(at_ + 2));
      at_ = text_.size();
    }
    return make(start, std::move(out));
  }

  Result<void> attribute(Reference& out) {
    ++at_;
    auto part = name();
    if (part.empty()) return fail("expected a name behind `.`, found " + found());
    out.path.emplace_back(std::move(part));
    return {};
  }

  Result<void> item(Reference& out) {
    ++at_;
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      TRY(auto key, quoted());
      out.path.emplace_back(std::move(key));
    } else {
      const auto start = at_;
      while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '-')) ++at_;
      const auto index = text::to_int(text_.substr(start, at_ - start));
      if (!index) {
        at_ = start;
        return fail("expected a number or a quoted name in `[]`, found " + found());
      }
      out.path.emplace_back(*index);
    }
    if (!take("]")) return fail("expected `]`, found " + found());
    return {};
  }

  Error too_deep() const { return fail("nested too deeply (limit: 100)"); }

  std::string_view text_;
  SourcePlace place_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Reference> references_;
};

}  // namespace

Result<Expression::Tree> parse_expression(std::string_view text, const SourcePos& at) {
  if (text::trim(text).empty()) return invalid_error("the expression is empty", at, "name a value, as in `${vars.x}`");
  if (text.size() > kMaxLength && length_before_default(text) == 0) {
    return invalid_error("the expression is longer than 4,096 bytes", at);
  }
  return Parser(text, at).whole();
}

std::size_t length_before_default(std::string_view text) {
  Parser parser(text, {});
  parser.skip_space();
  if (!parser.at_name()) return 0;
  const auto reference = parser.reference();
  const bool has_default = reference.has_value() && text.substr(parser.offset()).starts_with(":-");
  return has_default ? parser.offset() : 0;
}

}  // namespace llmops::templating
