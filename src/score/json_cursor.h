#pragma once
/// \file  Reads one line of JSON from left to right without building a tree: results have a line for every case.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace llmops::score {

/// Stands somewhere in a line of JSON (UTF-8, checked by the caller). After the first failure every read gives a
/// default and changes nothing; ask `expected()` once at the end.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view line) : line_(line) {}

  /// Steps over this character, white space in front of it included; false where something else stands.
  bool take(char wanted);
  /// The same, where anything else is a failure.
  void need(char wanted);
  /// Reads `"key":` of the object's member at this position; nothing at its end (or after a failure).
  std::optional<std::string> next_key(std::size_t index);
  /// Whether the list has an item at this position; false at its end (or after a failure).
  bool next_item(std::size_t index);

  std::string string();
  /// A number, or nothing for `null`.
  std::optional<double> number_or_null();
  bool boolean();
  /// Steps over any value.
  void skip();

  /// Nothing but white space is left, and nothing failed.
  bool finished();
  /// What was expected where reading failed; empty where it did not.
  const std::string& expected() const { return expected_; }
  /// Where reading stands, in bytes from the line's start.
  std::size_t offset() const { return at_; }

 private:
  void fail(std::string_view expected);
  void spaces();
  bool word(std::string_view wanted);
  void escape(std::string& out);
  std::optional<unsigned> four_digits();
  void skip(std::size_t depth);

  std::string_view line_;
  std::size_t at_ = 0;
  std::string expected_;
};

}  // namespace llmops::score
