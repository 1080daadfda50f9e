#include "report/console.h"

#include <cstdint>

#include "base/text.h"

namespace llmops::report {
namespace {

std::uint32_t code_point(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() == 2) return (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
  if (bytes.size() == 3) return (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
  if (bytes.size() == 4) {
    return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
  }
  return bytes.empty() ? 0 : byte(0);
}

bool combines(std::uint32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0x20E3;
}

bool wide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

}  // namespace

std::string paint(Colour colour, Paint paint, std::string_view text) {
  if (colour == Colour::no || paint == Paint::plain) return std::string(text);
  static constexpr std::string_view kCodes[] = {"0", "1", "2", "31", "32", "33", "36"};
  return "\x1b[" + std::string(kCodes[static_cast<std::size_t>(paint)]) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const auto point : text::code_points(text)) {
    const auto c = code_point(point);
    width += combines(c) ? 0 : wide(c) ? 2 : 1;
  }
  return width;
}

std::string padded(std::string_view text, std::size_t width) {
  const auto have = width_of(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string padded_left(std::string_view text, std::size_t width) {
  const auto have = width_of(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string shortened(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  std::size_t have = 1;  // The ellipsis.
  for (const auto point : text::code_points(text)) {
    have += width_of(point);
    if (have > width) break;
    out += point;
  }
  return out + "…";
}

}  // namespace llmops::report
