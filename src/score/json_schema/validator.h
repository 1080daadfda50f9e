#pragma once
/// \file  JSON Schema, drafts 7 and 2020-12 (json-schema.org): whether a value is as a schema wants it, and if not,
/// why.
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::score::json_schema {

enum class Draft { draft7, draft2020_12 };

/// What a value breaks first: its members and items in their own order, before what is missing.
struct Violation {
  std::string pointer;  ///< Where in the value: a JSON Pointer (RFC 6901); empty for all of it.
  std::string message;  ///< `must be number, found string`
  /// `` `/items/3/price` must be number, found string ``; `the value` stands for all of it.
  std::string text() const;
};

struct Program;

/// A schema made ready. Immutable, and cheap to copy; safe from many threads.
///
/// Formats and contents are annotations, never checked, and so is every keyword that the draft does not have. Patterns
/// are as in `ecma_pattern.h`. Numbers are compared by value as the document has them, that is as 64-bit integers or as
/// doubles; whether one is a multiple of another is decided in decimals. Lengths of strings count code points.
/// `$ref` and `$dynamicRef` reach what is in the schema itself: nothing is ever fetched or read from a file.
class Validator {
 public:
  /// The draft is what `$schema` says, else `otherwise`. Errors (kind `invalid`), each at its place and at most 100 in
  /// one go: another `$schema`, a keyword with a value that it can't have, a reference to something outside the schema
  /// or to itself without end.
  static Result<Validator, Errors> compile(const doc::Node& schema, Draft otherwise = Draft::draft2020_12);

  /// Nothing where the value is as the schema wants it. Errors (kind `invalid`): it could not be decided within a bound
  /// on the work (about a second) or on the depth, both far beyond what schemas and values of people need.
  Result<std::optional<Violation>> validate(const doc::Node& value) const;

 private:
  explicit Validator(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace llmops::score::json_schema
