#include <optional>

#include "templating/expression.h"
#include "templating/expression_tree.h"
#include "templating/source_place.h"

namespace llmops::templating {
namespace {

/// The offset of the `}` that ends the expression starting at `from`. Quotes hide braces, except in a default.
std::optional<std::size_t> end_of_expression(std::string_view text, std::size_t from) {
  const auto name = length_before_default(text.substr(from));
  std::size_t open = 0;
  for (std::size_t i = from + name; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      ++open;
    } else if (c == '}') {
      if (open == 0) return i;
      --open;
    } else if ((c == '\'' || c == '"') && name == 0) {
      const auto start = i++;
      while (i < text.size() && text[i] != c) i += text[i] == '\\' ? 2 : 1;
      if (i >= text.size()) i = start;
    }
  }
  return std::nullopt;
}

std::string as_text(const Looked& looked) {
  const auto& node = std::get<doc::Node>(looked);
  return node.is_null() ? std::string() : node.text();
}

}  // namespace

Result<Interpolation> Interpolation::parse(std::string_view text, SourcePos at) {
  Interpolation out;
  if (text.find("${") != std::string_view::npos) at = place_of_scalar(at, text).first;
  std::size_t at_offset = 0;  // what `at` is the place of
  const auto place_at = [&](std::size_t offset) {
    at = SourcePlace{at, 0}.at(text.substr(at_offset), offset - at_offset);
    at_offset = offset;
    return at;
  };
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.parts_.push_back({std::move(plain), nullptr});
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (rest.starts_with("$$")) {
      plain += '$';
      ++i;
    } else if (rest.starts_with("${")) {
      const auto end = end_of_expression(text, i + 2);
      if (!end) return invalid_error("`${` has no `}`", place_at(i), "close it, or write `$$` for a dollar");
      TRY(auto expression, Expression::parse(text.substr(i + 2, *end - i - 2), place_at(i + 2)));
      flush();
      out.parts_.push_back({"", std::make_shared<const Expression>(std::move(expression))});
      i = *end;
    } else {
      plain += text[i];
    }
  }
  flush();
  return out;
}

std::vector<Reference> Interpolation::references() const {
  std::vector<Reference> out;
  for (const auto& part : parts_) {
    if (!part.expression) continue;
    const auto& found = part.expression->references();
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

namespace {
constexpr std::size_t kLongest = 16 << 20;
}  // namespace

Result<Looked> Interpolation::evaluate(const Lookup& lookup) const {
  if (parts_.size() == 1 && parts_[0].expression) return parts_[0].expression->evaluate(lookup);
  std::string out;
  std::optional<Pending> waits;
  for (const auto& part : parts_) {
    out += part.text;
    if (!part.expression) continue;
    TRY(auto looked, part.expression->evaluate(lookup));
    if (auto* pending = std::get_if<Pending>(&looked)) {
      if (!waits) waits = std::move(*pending);
    } else {
      out += as_text(looked);
    }
    if (out.size() > kLongest) {
      return invalid_error("the text grows beyond 16 MiB", {}, "name a value once, not again and again");
    }
  }
  if (waits) return Looked(*std::move(waits));
  return Looked(doc::Node(std::move(out)));
}

}  // namespace llmops::templating
