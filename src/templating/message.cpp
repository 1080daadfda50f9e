#include "templating/message.h"

namespace llmops::templating {

std::string plain(const Text& text) {
  std::string out;
  for (const auto& part : text) out += part.text;
  return out;
}

}  // namespace llmops::templating
