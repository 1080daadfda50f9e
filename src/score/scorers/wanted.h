#pragma once
/// \file  A value to compare with. Private to this room.
#include <optional>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "score/scorer.h"
#include "score/setting.h"

namespace llmops::score {

/// What an answer must be: a text, or a JSON list or map, whose leaves may be read from each case. Immutable.
class Wanted {
 public:
  /// Of null, the case's `expected`. Errors: a broken expression, or a name other than `case`.
  static Result<Wanted> of(const doc::Node& settings);

  /// Errors (kind `invalid`): the case lacks a field, or has nothing expected.
  Result<doc::Node> value(const Sample& sample) const;
  /// The list or map, where it is the same for every case; else null.
  const doc::Node* constant() const { return !whole_ && leaves_.empty() ? &shape_ : nullptr; }

 private:
  static Result<void> add_leaves(const doc::Node& node, std::vector<Setting>& out);
  Result<void> fill(doc::Node& node, std::size_t& next, const Sample& sample) const;

  std::optional<Setting> whole_;
  doc::Node shape_;
  std::vector<Setting> leaves_;  ///< Of what holds `${…}` in `shape_`, in its order.
};

}  // namespace llmops::score
