#pragma once
/// \file  The texts that a scorer compares an answer with: one or several, known at once or read from each case.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "score/scorer.h"
#include "score/setting.h"

namespace llmops::score {

/// A scalar, or a list of scalars; each may hold `${case.…}`. Immutable.
class Texts {
 public:
  /// Errors: a broken expression, or a name other than `case`.
  static Result<Texts> of(const doc::Node& node);
  /// Stands for the case's `expected` field.
  static Texts expected();

  /// The texts, where they are the same for every case.
  const std::optional<std::vector<std::string>>& constant() const { return constant_; }
  /// Never empty. A field that is a list, or a text that is a JSON list, counts as several texts.
  /// Errors (kind `invalid`): the case lacks the field, has nothing expected, or an empty list.
  Result<std::vector<std::string>> get(const Sample& sample) const;

 private:
  std::optional<std::vector<std::string>> constant_;
  std::vector<Setting> settings_;
  bool listed_ = false;  ///< Written as a list: an item's text is one text, whatever it looks like.
  SourcePos at_;
};

/// What a measure makes of its texts: made once where they are the same for every case. Immutable.
template <class T>
class Prepared {
 public:
  using Make = T (*)(const std::vector<std::string>& texts);

  Prepared(Texts texts, Make make) : texts_(std::move(texts)), make_(make) {
    if (const auto& constant = texts_.constant()) ready_ = make_(*constant);
  }

  /// What `use(const T&)` returns, a Result; or why there are no texts.
  template <class Use>
  auto with(const Sample& sample, Use&& use) const -> decltype(use(std::declval<const T&>())) {
    if (ready_) return use(*ready_);
    TRY(const auto texts, texts_.get(sample));
    const T made = make_(texts);
    return use(made);
  }

 private:
  Texts texts_;
  Make make_;
  std::optional<T> ready_;
};

}  // namespace llmops::score
