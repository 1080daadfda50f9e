#include "score/fields.h"

namespace llmops::score {
namespace {

std::string_view take_piece(std::string_view& packed) {
  const auto length = static_cast<unsigned char>(packed.front());
  const auto piece = packed.substr(1, length);
  packed.remove_prefix(1 + piece.size());
  return piece;
}

void put_piece(std::string& packed, std::string_view piece) {
  packed += static_cast<char>(static_cast<unsigned char>(piece.size()));
  packed += piece;
}

}  // namespace

static_assert(Fields::kLongest <= 255, "a length is one byte");

Fields Fields::of(const doc::Node& case_fields) {
  Fields out;
  if (!case_fields.is_map()) return out;
  for (const auto& entry : case_fields.entries()) {
    if (entry.value.is_scalar()) out.add(entry.key, entry.value.text());
  }
  out.compact();
  return out;
}

std::vector<std::pair<std::string, std::string>> Fields::others_of(const doc::Node& case_fields) const {
  std::vector<std::pair<std::string, std::string>> out;
  if (!case_fields.is_map()) return out;
  for (const auto& entry : case_fields.entries()) {
    if (!find(entry.key)) out.emplace_back(entry.key, entry.value.text());
  }
  return out;
}

void Fields::add(std::string_view name, std::string_view text) {
  if (name.size() > kLongest || text.size() > kLongest || find(name)) return;
  put_piece(packed_, name);
  put_piece(packed_, text);
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  std::string_view rest = packed_;
  while (!rest.empty()) {
    const auto found = take_piece(rest);
    const auto text = take_piece(rest);
    if (found == name) return text;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string_view, std::string_view>> Fields::list() const {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  std::string_view rest = packed_;
  while (!rest.empty()) {
    const auto name = take_piece(rest);
    out.emplace_back(name, take_piece(rest));
  }
  return out;
}

}  // namespace llmops::score
