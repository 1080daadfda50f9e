#pragma once
/// \file  Which of many values are equal, in time that no choice of values can make quadratic.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "doc/node.h"

namespace llmops::score::json_schema {

/// Equal for equal values: 1 and 1.0, maps in any order.
std::uint64_t hash_of(const doc::Node& value);

/// How many values stand in this one, itself included, and how many bytes of text: what hashing it costs.
std::size_t weight_of(const doc::Node& value);

/// The indexes of two equal items, the smaller first; nothing where all differ.
std::optional<std::pair<std::size_t, std::size_t>> equal_items(const doc::List& items);

/// Some values of a document that outlives this, to be looked up by value.
class ValueSet {
 public:
  explicit ValueSet(const doc::List& values);
  bool contains(const doc::Node& value) const;
  bool needs_hash() const { return values_.size() > kFew; }

 private:
  static constexpr std::size_t kFew = 8;
  std::vector<std::pair<std::uint64_t, const doc::Node*>> values_;  ///< Sorted by hash; few are simply compared.
};

}  // namespace llmops::score::json_schema
