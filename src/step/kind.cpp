#include "step/kind.h"

namespace llmops::step {

const Kind* Kinds::find(std::string_view name) const {
  for (const auto* kind : kinds_) {
    if (kind->name() == name) return kind;
  }
  return nullptr;
}

std::vector<std::string> Kinds::names() const {
  std::vector<std::string> out;
  for (const auto* kind : kinds_) out.emplace_back(kind->name());
  return out;
}

}  // namespace llmops::step
