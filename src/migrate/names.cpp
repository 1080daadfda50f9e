#include "migrate/names.h"

namespace llmops::migrate {
namespace {

constexpr std::size_t kLongest = 40;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string worded(std::string_view text, std::string_view kept) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= kLongest) break;
    if (is_letter(c) || (!out.empty() && kept.find(c) != std::string_view::npos)) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && !is_letter(out.back())) out.pop_back();
  return out;
}

}  // namespace

std::string slug(std::string_view text) {
  auto out = worded(text, "_");
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string model_slug(std::string_view text) { return worded(text, "_."); }

std::string Names::fresh(std::string wanted, std::string_view otherwise) {
  if (wanted.empty()) wanted = otherwise;
  auto out = wanted;
  for (int number = 2; !taken_.insert(out).second; ++number) out = wanted + "-" + std::to_string(number);
  return out;
}

}  // namespace llmops::migrate
