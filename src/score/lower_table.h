#pragma once
/// \file  Which code points above ASCII have a lower case of one code point, as runs. Private to this room.
#include <array>
#include <cstdint>

namespace llmops::score {

/// `first`, `first + step`, … `last`: each is `by` below its lower case.
struct LowerRun {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t by;
};
/// In ascending order; runs don't overlap.
extern const std::array<LowerRun, 180> kLowerRuns;

}  // namespace llmops::score
