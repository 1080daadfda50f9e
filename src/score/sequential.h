#pragma once
/// \file  Evidence that may be looked at again and again while cases are added: the chance that any of all looks is
/// wrong is at most alpha, instead of that of each look. Nothing is remembered between looks, and the order of the
/// cases does not count. Private to this room.
#include <cstddef>
#include <span>
#include <vector>

#include "score/statistics.h"

namespace llmops::score {

/// Bets on scores from 0 to 1 (Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86:1): against a true mean of at most m a
/// bettor who stakes the share c on each score x ends with Π (1 + c (x / m − 1)). The mean K(m) over twelve fixed
/// stakes is expected to be at most 1 whatever the scores' distribution, so that it ever reaches 1/alpha with
/// probability alpha at most (Ville 1939; Robbins 1970, Ann. Math. Stat. 41:1397). No sample is too small, and no
/// normal limit is needed.
class Bets {
 public:
  /// Scores from 0 to 1; at least one.
  explicit Bets(std::span<const double> scores);

  /// ln K(m) of as many more such samples as `growth` says, against a mean of at most `m` in (0, 1).
  double log_against_at_most(double m, double growth = 1) const;
  /// The same against a mean of at least `m`.
  double log_against_at_least(double m, double growth = 1) const;
  /// The least and the greatest mean against which neither bettor has 1/alpha.
  Interval bounds(double alpha) const;

 private:
  struct Score {
    double value = 0, count = 0;
  };
  static double log_wealth(const std::vector<Score>& scores, double m, double growth);
  static double least_mean(const std::vector<Score>& scores, double mean, double alpha);

  std::vector<Score> scores_, mirrored_;  ///< x, and 1 − x: each value once.
  double mean_ = 0;
};

/// The one-sided asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024 (Ann. Stat.
/// 52:2613), for means whose scores have no bounds: the mean ± SE · `width`, with κ = n ρ² and width = sqrt( 2 (κ +
/// 1)/κ · ln(1 + sqrt(κ + 1)/(2 alpha)) ). It is narrowest, for alpha 0.05, at `kSharpest` groups, and holds as far as
/// the mean of the first `kFewestLooked` is normal: before these nothing is decided.
inline constexpr double kSharpest = 500;
inline constexpr std::size_t kFewestLooked = 50;
double sequence_width(double groups, double alpha);
/// The alpha for which `width` is just that of the sequence; at most 1.
double sequence_alpha(double groups, double width);

}  // namespace llmops::score
