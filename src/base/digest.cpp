#include "base/digest.h"

#include "base/text.h"

namespace llmops {

std::string Digest::hex() const { return text::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }
std::string Digest::to_string() const { return "sha256:" + hex(); }
std::string Digest::brief() const { return hex().substr(0, 12); }

std::optional<Digest> Digest::parse(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  const auto raw = text::from_hex(text::lower(text));
  Digest out;
  if (!raw || raw->size() != out.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < raw->size(); ++i) out.bytes[i] = static_cast<std::uint8_t>((*raw)[i]);
  return out;
}

}  // namespace llmops
