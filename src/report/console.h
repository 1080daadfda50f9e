#pragma once
/// \file  Where text for people goes: results to one stream, talk to the other.
#include <functional>
#include <string>
#include <string_view>

namespace llmops::report {

enum class Colour { no, yes };

/// Streams and what they can show. `out` carries results, `err` progress and messages.
struct Console {
  std::function<void(std::string_view)> out, err;
  Colour out_colour = Colour::no, err_colour = Colour::no;
  bool live = false;        ///< `err` is a terminal on which lines may be redrawn.
  std::size_t width = 100;  ///< Columns.
};

enum class Paint { plain, bold, dim, red, green, yellow, cyan };
/// `text`, coloured where that is wanted.
std::string paint(Colour colour, Paint paint, std::string_view text);

/// Columns a terminal needs: code points, wide East Asian ones twice, combining ones not at all.
std::size_t width_of(std::string_view text);
std::string padded(std::string_view text, std::size_t width);       ///< Spaces behind.
std::string padded_left(std::string_view text, std::size_t width);  ///< Spaces in front.
/// At most `width` columns, the last one `…` where something was cut.
std::string shortened(std::string_view text, std::size_t width);

}  // namespace llmops::report
