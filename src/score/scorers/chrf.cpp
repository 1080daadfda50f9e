#include <algorithm>

#include "score/ngrams.h"
#include "score/scorers/families.h"
#include "score/scorers/text_metric.h"
#include "score/unicode.h"

namespace llmops::score {
namespace {

constexpr std::size_t kLongest = 6;
constexpr double kBetaSquared = 4;

std::vector<Symbol> characters_of(std::string_view text) {
  std::vector<Symbol> out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = first_point(text);
    if (!is_space(point.value)) out.push_back(point.value);
    text.remove_prefix(point.length);
  }
  return out;
}

struct ChrfReference {
  explicit ChrfReference(const std::string& text) {
    const auto characters = characters_of(text);
    length = characters.size();
    ngrams.add(characters);
  }
  NgramIndex ngrams{kLongest};
  std::size_t length = 0;
};
struct ChrfReferences {
  explicit ChrfReferences(const std::vector<std::string>& texts) : each(texts.begin(), texts.end()) {}
  std::vector<ChrfReference> each;
};

double chrf_against(const std::vector<Symbol>& characters, const ChrfReference& reference) {
  const auto matches = reference.ngrams.matches(characters);
  double precision = 0, recall = 0;
  std::size_t orders = 0;
  for (; orders < kLongest; ++orders) {
    const auto found = ngrams_in(characters.size(), orders + 1), wanted = ngrams_in(reference.length, orders + 1);
    if (found == 0 || wanted == 0) break;
    precision += ratio(matches[orders], found);
    recall += ratio(matches[orders], wanted);
  }
  if (precision + recall == 0) return 0;
  precision /= static_cast<double>(orders);
  recall /= static_cast<double>(orders);
  return (1 + kBetaSquared) * precision * recall / (kBetaSquared * precision + recall);
}

/// Popović 2015, "chrF", as sacrebleu has it: characters without white space, up to six, no words, beta 2, the
/// effective order.
Result<double> chrf(std::string_view output, const ChrfReferences& references) {
  const auto characters = characters_of(output);
  double best = 0;
  for (const auto& reference : references.each) best = std::max(best, chrf_against(characters, reference));
  return std::min(1.0, best);
}

}  // namespace

Result<Made> make_chrf(const doc::Node& settings) { return make_text_metric<ChrfReferences>(settings, &chrf); }

}  // namespace llmops::score
