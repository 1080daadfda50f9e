#pragma once
/// \file  The longest common subsequence of two texts.
#include <optional>
#include <span>

#include "score/ngrams.h"

namespace llmops::score {

/// Its length, where both texts are of symbols below `symbols` or `kUnknown`, which equals nothing.
/// Hyyrö 2004, "Bit-parallel LCS-length computation revisited": 64 steps of the table at once. Nothing where even that
/// would be more than 2^30 steps (two texts of about 260,000 words).
std::optional<std::size_t> common_subsequence(std::span<const Symbol> a, std::span<const Symbol> b,
                                              std::size_t symbols);

}  // namespace llmops::score
