#include "model/llama/hangul.h"

#include <cstdint>

#include "base/text.h"

namespace llmops::model::llama {
namespace {

constexpr std::uint32_t kSyllables = 0xAC00, kLast = 0xD7A3, kLeading = 0x1100, kVowels = 0x1161, kTrailing = 0x11A7;
constexpr std::uint32_t kVowelCount = 21, kTrailingCount = 28;

/// A code point from U+0800 to U+FFFF.
void append(std::string& out, std::uint32_t point) {
  out += static_cast<char>(0xE0 | (point >> 12));
  out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
  out += static_cast<char>(0x80 | (point & 0x3F));
}

/// The code point of three bytes; 0 of others.
std::uint32_t three_bytes(std::string_view bytes) {
  if (bytes.size() != 3) return 0;
  const auto part = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
  return ((part(0) & 0x0F) << 12) | ((part(1) & 0x3F) << 6) | (part(2) & 0x3F);
}

}  // namespace

std::string decompose_hangul(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const auto bytes : text::code_points(text)) {
    const auto point = three_bytes(bytes);
    if (point < kSyllables || point > kLast) {
      out += bytes;
      continue;
    }
    const auto index = point - kSyllables;
    append(out, kLeading + index / (kVowelCount * kTrailingCount));
    append(out, kVowels + index / kTrailingCount % kVowelCount);
    if (const auto trailing = index % kTrailingCount; trailing > 0) append(out, kTrailing + trailing);
  }
  return out;
}

}  // namespace llmops::model::llama
