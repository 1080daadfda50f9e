#pragma once
/// \file  `${…}`: values that a recipe takes from elsewhere, and conditions over them.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::templating {

/// A dotted name: `steps.train.outputs.adapter`, `steps.x.metrics['small/guided'].accuracy`, `outputs[0]`.
struct Reference {
  std::vector<std::variant<std::string, std::int64_t>> path;  ///< Never empty; the first part is a name.
  SourcePos at;
  std::string text;  ///< As written.
  const std::string& root() const { return std::get<std::string>(path.front()); }
  /// The part at `index` as a name; empty when it is missing or a number.
  std::string name(std::size_t index) const;
};

/// A name's value is known now, or will be.
struct Pending {
  std::string on;  ///< What must happen first: a step's id, or `case`.
};
using Looked = std::variant<doc::Node, Pending>;

/// Finds what a reference stands for. An unknown name is an error with the reference's place.
using Lookup = std::function<Result<Looked>(const Reference&)>;

/// An expression: literals (`'text'`, numbers, `true`, `false`, `null`, `[a, b]`), references, `name:-default`,
/// `== != < <= > >=`, `&& || !` (or `and or not`), `in`, `not in`, parentheses. Immutable.
///
/// `name:-default` takes everything up to the end as plain text; it stands for a name whose value is null or empty, and
/// for an environment variable (`env.NAME`) that is not set. Nesting is bounded (100).
class Expression {
 public:
  /// The text between `${` and `}`, or a bare condition, of at most 4,096 bytes. `at` is where the text starts, or the
  /// YAML scalar that it is. Errors carry their place in it.
  static Result<Expression> parse(std::string_view text, SourcePos at);
  /// All references, in order.
  const std::vector<Reference>& references() const;
  /// The value, or what it waits for; `&&` and `||` wait only where the known side does not decide. Comparing different
  /// kinds is an error, except that numbers compare with numbers and anything may be compared with null.
  Result<Looked> evaluate(const Lookup& lookup) const;

  struct Tree;

 private:
  std::shared_ptr<const Tree> tree_;
};

/// Whether a value counts as true: false, null, 0, "", [] and {} do not.
bool truthy(const doc::Node& value);

/// A text with any number of `${…}` in it; `$$` is a dollar. One whole `${…}` keeps its value's kind; elsewhere values
/// are put in as text.
class Interpolation {
 public:
  /// `at` is where the text starts, or the YAML scalar that it is. Errors carry their place in it.
  static Result<Interpolation> parse(std::string_view text, SourcePos at);
  bool constant() const { return parts_.empty() || (parts_.size() == 1 && !parts_[0].expression); }
  std::vector<Reference> references() const;
  Result<Looked> evaluate(const Lookup& lookup) const;

 private:
  struct Piece {
    std::string text;
    std::shared_ptr<const Expression> expression;
  };
  std::vector<Piece> parts_;
};

}  // namespace llmops::templating
