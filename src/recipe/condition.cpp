#include "recipe/condition.h"

#include "templating/source_place.h"
#include "templating/truth.h"

namespace llmops::recipe {

using templating::Expression;

Result<Expression> parse_condition(const doc::Node& condition) {
  if (!condition.is_scalar()) {
    return invalid_error("`if` must be an expression, found " + std::string(doc::describe(condition.kind())),
                         condition.at(), "write it as in `if: vars.size == 'small'`");
  }
  const auto text = condition.text();
  const auto mark = text.find("${");
  if (mark == std::string::npos) return Expression::parse(text, condition.at());
  const auto place = templating::place_of_scalar(condition.at(), text);
  const auto first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  const bool whole = mark == first && text[last] == '}' && text.find("${", mark + 2) == std::string::npos;
  if (!whole) {
    return invalid_error("an `if` is one expression, and has no `${…}` in it", place.at(text, mark),
                         "write the names bare, as in `if: vars.size == 'small'`");
  }
  return Expression::parse(text.substr(mark + 2, last - mark - 2), place.at(text, mark + 2));
}

Result<std::optional<bool>> holds(const doc::Node& condition, const Scope& scope) {
  if (condition.is_bool()) return std::optional(condition.as_bool());
  TRY(const auto parsed, parse_condition(condition));
  auto value = parsed.evaluate([&](const auto& reference) { return look_up(reference, scope); });
  if (!value) {
    auto error = std::move(value).error();
    if (error.kind == ErrorKind::environment) {
      error.hint = "set it, or use a var that has a default: `vars: {x: \"${env.NAME:-default}\"}`";
    }
    return error;
  }
  if (std::holds_alternative<templating::Pending>(*value)) return std::optional<bool>();
  const auto& references = parsed.references();
  const auto& at = references.empty() ? condition.at() : references.front().at;
  TRY(const bool held, templating::truth(std::get<doc::Node>(*value), at));
  return std::optional(held);
}

}  // namespace llmops::recipe
