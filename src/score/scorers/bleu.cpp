#include <algorithm>
#include <array>
#include <cmath>

#include "score/ngrams.h"
#include "score/scorers/families.h"
#include "score/scorers/text_metric.h"
#include "score/tokens.h"
#include "score/unicode.h"

namespace llmops::score {
namespace {

constexpr std::size_t kLongest = 4;

std::size_t all_ngrams(std::size_t tokens) {
  std::size_t out = 0;
  for (std::size_t n = 1; n <= kLongest; ++n) out += ngrams_in(tokens, n);
  return out;
}

struct BleuReferences {
  explicit BleuReferences(const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      const auto tokens = tokens_13a(text);
      const auto symbols = vocabulary.add(words(tokens));
      lengths.push_back(symbols.size());
      ngrams.add(symbols);
    }
  }
  /// The length nearest to that of an answer; of two as near, the shorter one.
  std::size_t length_for(std::size_t answer) const {
    const auto distance = [&](std::size_t length) { return length > answer ? length - answer : answer - length; };
    return *std::min_element(lengths.begin(), lengths.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(distance(a), a) < std::pair(distance(b), b);
    });
  }

  Vocabulary vocabulary;
  NgramIndex ngrams{kLongest};
  std::vector<std::size_t> lengths;
};

/// Papineni et al. 2002, as sacrebleu's `sentence_bleu` has it: tokeniser 13a, case kept, up to four tokens,
/// exponential smoothing (Chen and Cherry 2014, method 3) and the effective order.
Result<double> bleu(std::string_view output, const BleuReferences& references) {
  const auto tokens = tokens_13a(output);
  const auto symbols = references.vocabulary.find(words(tokens));
  const auto matches = references.ngrams.matches(symbols);
  if (matches[0] == 0) return 0.0;
  double logs = 0, smoothing = 1;
  std::size_t order = 0;
  for (; order < kLongest && ngrams_in(symbols.size(), order + 1) > 0; ++order) {
    const auto total = static_cast<double>(ngrams_in(symbols.size(), order + 1));
    if (matches[order] == 0) smoothing *= 2;
    logs += std::log(matches[order] == 0 ? 1 / (smoothing * total) : static_cast<double>(matches[order]) / total);
  }
  const auto length = static_cast<double>(symbols.size());
  const auto wanted = static_cast<double>(references.length_for(symbols.size()));
  const double brevity = length < wanted ? std::exp(1 - wanted / length) : 1;
  return std::min(1.0, brevity * std::exp(logs / static_cast<double>(order)));
}

struct GleuReference {
  explicit GleuReference(const std::string& text) {
    const auto tokens = tokens_13a(text);
    const auto symbols = vocabulary.add(words(tokens));
    total = all_ngrams(symbols.size());
    ngrams.add(symbols);
  }
  Vocabulary vocabulary;
  NgramIndex ngrams{kLongest};
  std::size_t total = 0;
};
struct GleuReferences {
  explicit GleuReferences(const std::vector<std::string>& texts) : each(texts.begin(), texts.end()) {}
  std::vector<GleuReference> each;
};

/// Wu et al. 2016, "Google's neural machine translation system", as NLTK's `sentence_gleu` has it, over tokens of 13a.
Result<double> gleu(std::string_view output, const GleuReferences& references) {
  const auto text = tokens_13a(output);
  const auto tokens = words(text);
  double best = 0;
  for (const auto& reference : references.each) {
    const auto matches = reference.ngrams.matches(reference.vocabulary.find(tokens));
    std::size_t matched = 0;
    for (const auto count : matches) matched += count;
    best = std::max(best, ratio(matched, std::max(reference.total, all_ngrams(tokens.size()))));
  }
  return best;
}

}  // namespace

Result<Made> make_bleu(const doc::Node& settings) { return make_text_metric<BleuReferences>(settings, &bleu); }
Result<Made> make_gleu(const doc::Node& settings) { return make_text_metric<GleuReferences>(settings, &gleu); }

}  // namespace llmops::score
