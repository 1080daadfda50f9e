#pragma once
/// \file  The short fields of a case, small enough to be kept for every case of a large dataset.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doc/node.h"

namespace llmops::score {

/// Names and texts in one packed string. Order is kept; a name given twice keeps its first text.
class Fields {
 public:
  /// The longest name and the longest text kept, in bytes.
  static constexpr std::size_t kLongest = 200;

  /// The scalars among a case's fields, as text; what is longer than `kLongest` is left out.
  static Fields of(const doc::Node& case_fields);
  /// Those of a case's fields that are not among these: long texts, lists and maps (as JSON).
  std::vector<std::pair<std::string, std::string>> others_of(const doc::Node& case_fields) const;
  /// Does nothing where the name or the text is too long, or the name is there already.
  void add(std::string_view name, std::string_view text);
  /// Gives back the memory that adding took in advance.
  void compact() { packed_.shrink_to_fit(); }
  std::optional<std::string_view> find(std::string_view name) const;
  bool empty() const { return packed_.empty(); }
  /// In the order added; views into this object.
  std::vector<std::pair<std::string_view, std::string_view>> list() const;

  friend bool operator==(const Fields&, const Fields&) = default;

 private:
  std::string packed_;  ///< For each: a length byte and the name, a length byte and the text.
};

}  // namespace llmops::score
