#pragma once
/// \file  Gamma and the regularised incomplete beta function, from which Student's t and the binomial follow.

namespace llmops::score {

/// ln Γ(x) for x > 0; unlike std::lgamma safe from many threads.
double log_gamma(double x);

/// I_x(a, b) for a, b > 0 and 0 <= x <= 1, by Lentz's continued fraction (DLMF 8.17.22); about 1e-10 for a, b up to
/// 1e6.
double incomplete_beta(double a, double b, double x);

}  // namespace llmops::score
