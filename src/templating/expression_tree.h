#pragma once
/// \file  A parsed `${…}` expression.
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/source.h"
#include "doc/node.h"
#include "templating/expression.h"

namespace llmops::templating {

enum class Operator { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in, both, either };

/// As written: `==`, `in`, `&&`.
std::string_view spelling(Operator op);

struct ExpressionNode;
using ExpressionPtr = std::unique_ptr<const ExpressionNode>;

struct Literal {
  doc::Node value;
};
struct ListLiteral {
  std::vector<ExpressionPtr> items;
};
struct Name {
  Reference reference;
  std::unique_ptr<const std::string> otherwise;  ///< The text behind `:-`, or null.
};
struct Negation {
  ExpressionPtr of;
};
struct Binary {
  Operator op;
  ExpressionPtr left, right;
};

struct ExpressionNode {
  SourcePos at;
  std::variant<Literal, ListLiteral, Name, Negation, Binary> what;
};

struct Expression::Tree {
  ExpressionPtr root;
  std::vector<Reference> references;
};

/// The whole text as one expression; errors carry their place in it.
Result<Expression::Tree> parse_expression(std::string_view text, const SourcePos& at);

/// The length of the reference at the front of `text`, where `:-` follows it; else nothing. A default is plain text, so
/// whoever looks for the end of an expression must not read quotes in it.
std::size_t length_before_default(std::string_view text);

}  // namespace llmops::templating
