#pragma once
/// \file  Which keys of a map are written more than once.
#include <cstddef>
#include <vector>

#include "doc/node.h"

namespace llmops::doc {

struct RepeatedKey {
  std::size_t first;   ///< Index of the entry that has the key first.
  std::size_t repeat;  ///< Index of a later entry with the same key.
};

/// Every repeat, in the order of the entries. Never slower than sorting.
std::vector<RepeatedKey> repeated_keys(const std::vector<Entry>& entries);

}  // namespace llmops::doc
