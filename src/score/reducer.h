#pragma once
/// \file  How several answers to one case become one score.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace llmops::score {

/// `mean`, `mode`, `majority`, `at_least(n)`, `pass_at(n)` or `pass_all(n)`. A plain value.
struct Reducer {
  enum class Kind {
    mean,
    mode,      ///< The commonest score; of equally common ones, the lowest.
    majority,  ///< 1 where more than half of the answers pass.
    at_least,  ///< 1 where at least n answers pass.
    pass_at,  ///< How likely one of n answers passes, at least: 1 − C(k−c, n) / C(k, n), c of k drawn having passed
              ///< (Chen et al. 2021, arXiv:2107.03374, eq. 1: unbiased).
    pass_all,  ///< How likely all of n answers pass: C(c, n) / C(k, n) (Yao et al. 2024, arXiv:2406.12045: pass^k).
  };
  Kind kind = Kind::mean;
  std::int64_t n = 1;  ///< Of the last three.
  friend bool operator==(const Reducer&, const Reducer&) = default;

  /// Errors (kind `invalid`): another word, a number that is missing, below 1 or too many.
  static Result<Reducer> parse(std::string_view text);
  /// Whether it asks if an answer passed, instead of how good it was.
  bool counts_passes() const { return kind != Kind::mean && kind != Kind::mode; }
  /// `scores` of one case, at least one; a score above 0.5 has passed where passes are counted. Fewer scores than n are
  /// a greedy model's, whose every answer is the same: that score itself.
  double reduce(std::span<const double> scores) const;
};

/// As it is written.
std::string to_string(const Reducer& reducer);

}  // namespace llmops::score
