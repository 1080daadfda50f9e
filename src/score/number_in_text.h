#pragma once
/// \file  The last number that a text says.
#include <optional>
#include <string_view>

namespace llmops::score {

/// A number as people and models write it.
struct WrittenNumber {
  double value = 0;          ///< Infinite where a double can't hold it.
  std::string_view written;  ///< From its sign or currency sign to its percent sign.
};

/// The last number in the text; nothing where there is none.
///
/// A number has digits with a decimal point and an exponent (`6.02e23`); commas, apostrophes and no-break blanks may
/// separate thousands (`1,234.5`). A sign (`-`, `+`, U+2212) and a currency sign ($, €, £, ¥ …) may stand right in
/// front, in either order; `%` behind, also after a blank, divides by 100. Digits that follow a letter (`v2`), and more
/// than one point (`1.2.3`, `12.05.2026`), are no number; a `-` behind a letter or digit is no sign (`10-20` ends with
/// 20). Linear in the text.
std::optional<WrittenNumber> last_number(std::string_view text);

}  // namespace llmops::score
