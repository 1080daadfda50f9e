#pragma once
/// \file  Small operations on text. Nothing here depends on a locale.
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmops::text {

std::string_view trim(std::string_view text);  ///< ASCII white space off both ends.
std::string lower(std::string_view text);      ///< ASCII letters only.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Every occurrence of `from`, left to right. An empty `from` changes nothing.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view digits);

/// The offset of the first byte that is not part of well-formed UTF-8, or nothing when all is.
std::optional<std::size_t> invalid_utf8(std::string_view text);
/// The text cut into code points; a byte that is not UTF-8 stands alone.
std::vector<std::string_view> code_points(std::string_view text);
/// What comes back are views: of a text that is gone they would be of nothing.
template <std::same_as<std::string> Text>
std::vector<std::string_view> code_points(Text&& text) = delete;
/// Safe on a terminal: control characters (C0, DEL, C1) and broken bytes become `\xNN`; newline and tab stay.
std::string printable(std::string_view text);
/// At most `width` code points, the last one `…` where something was cut.
std::string shorten(std::string_view text, std::size_t width);

/// Edits (insert, delete, replace, swap of neighbours) between two texts, counted in code points.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The candidate within two edits of `wanted`, the nearest first; empty when there is none.
std::string closest(std::string_view wanted, std::span<const std::string> candidates);
/// `did you mean `x`?`, or the candidates listed, or empty where there are none.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> candidates);

/// Whole-text conversions; nothing when any byte is left over.
std::optional<std::int64_t> to_int(std::string_view text);
std::optional<double> to_double(std::string_view text);
/// The shortest text that reads back as the same value; `nan`, `inf`, `-inf` for the rest.
std::string from_double(double value);

/// fnmatch-like: `*` and `?` within a path part, `**` across parts, `[a-z]`.
bool glob_match(std::string_view pattern, std::string_view path);

}  // namespace llmops::text
