#include "model/redactor.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::model {

void Redactor::add(const std::string& secret) {
  if (const auto space = secret.find(' '); space != std::string::npos) add(secret.substr(space + 1));
  if (secret.size() < 4) return;
  secrets_.emplace_back(secret);
  // A secret that holds another one goes first, or its rest would stay.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const Secret& a, const Secret& b) { return a.reveal().size() > b.reveal().size(); });
}

std::string Redactor::clean(std::string_view text, std::size_t width) const {
  std::string out(text);
  for (const auto& secret : secrets_) out = text::replace_all(out, secret.reveal(), "***");
  return text::shorten(text::printable(text::trim(out)), width);
}

}  // namespace llmops::model
