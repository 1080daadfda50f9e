#include <algorithm>

#include "score/common_subsequence.h"
#include "score/ngrams.h"
#include "score/scorers/families.h"
#include "score/scorers/text_metric.h"
#include "score/tokens.h"
#include "score/unicode.h"

// Lin 2004, "ROUGE", as the package rouge-score has it: its default tokeniser, no stemming, the F-measure.
namespace llmops::score {
namespace {

struct RougeText {
  explicit RougeText(const std::string& text) {
    const auto tokens = tokens_of_rouge(text);
    symbols = vocabulary.add(words(tokens));
  }
  Vocabulary vocabulary;
  std::vector<Symbol> symbols;
};

template <std::size_t N>
struct RougeNgrams : RougeText {
  explicit RougeNgrams(const std::string& text) : RougeText(text) { ngrams.add(symbols); }
  NgramIndex ngrams{N};
};

template <class Reference>
struct Each {
  explicit Each(const std::vector<std::string>& texts) : references(texts.begin(), texts.end()) {}
  std::vector<Reference> references;
};

template <std::size_t N>
Result<double> rouge_n(std::string_view output, const Each<RougeNgrams<N>>& all) {
  const auto text = tokens_of_rouge(output);
  const auto tokens = words(text);
  double best = 0;
  for (const auto& reference : all.references) {
    const auto matched = reference.ngrams.matches(reference.vocabulary.find(tokens))[N - 1];
    const auto precision = ratio(matched, ngrams_in(tokens.size(), N));
    best = std::max(best, harmonic_mean(precision, ratio(matched, ngrams_in(reference.symbols.size(), N))));
  }
  return best;
}

Result<double> rouge_l(std::string_view output, const Each<RougeText>& all) {
  const auto text = tokens_of_rouge(output);
  const auto tokens = words(text);
  double best = 0;
  for (const auto& reference : all.references) {
    const auto symbols = reference.vocabulary.find(tokens);
    const auto common = common_subsequence(symbols, reference.symbols, reference.vocabulary.size());
    if (!common) {
      return invalid_error("the answer and the text to compare with are too long for `rouge-l`", {},
                           "compare them with `rouge-2`, or cut the answer with a `transform`");
    }
    best = std::max(best, harmonic_mean(ratio(*common, tokens.size()), ratio(*common, reference.symbols.size())));
  }
  return best;
}

}  // namespace

Result<Made> make_rouge_1(const doc::Node& settings) {
  return make_text_metric<Each<RougeNgrams<1>>>(settings, &rouge_n<1>);
}
Result<Made> make_rouge_2(const doc::Node& settings) {
  return make_text_metric<Each<RougeNgrams<2>>>(settings, &rouge_n<2>);
}
Result<Made> make_rouge_l(const doc::Node& settings) { return make_text_metric<Each<RougeText>>(settings, &rouge_l); }

}  // namespace llmops::score
