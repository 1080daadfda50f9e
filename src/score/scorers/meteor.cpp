#include <algorithm>
#include <limits>

#include "score/ngrams.h"
#include "score/porter.h"
#include "score/scorers/families.h"
#include "score/scorers/text_metric.h"
#include "score/tokens.h"
#include "score/unicode.h"

// Lavie and Agarwal 2007, "METEOR", as NLTK's `single_meteor_score` has it: the same word, then the same stem; no
// synonyms.
namespace llmops::score {
namespace {

constexpr double kAlpha = 0.9, kBeta = 3, kGamma = 0.5;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

std::vector<std::string> lower_tokens(std::string_view text) {
  const auto tokens = tokens_13a(text);
  std::vector<std::string> out;
  for (const auto word : words(tokens)) out.push_back(lower(word));
  return out;
}

/// For each symbol, the places of a text that have it and are still free, the last one on top.
class FreePlaces {
 public:
  explicit FreePlaces(std::size_t symbols) : places_(symbols) {}
  void add(Symbol symbol, std::size_t place) { places_[symbol].push_back(place); }
  std::size_t take(Symbol symbol) {
    if (symbol == kUnknown || places_[symbol].empty()) return kNone;
    const auto place = places_[symbol].back();
    places_[symbol].pop_back();
    return place;
  }

 private:
  std::vector<std::vector<std::size_t>> places_;
};

struct MeteorReference {
  explicit MeteorReference(const std::string& text) {
    for (const auto& word : lower_tokens(text)) {
      words.push_back(word_numbers.add(word));
      stems.push_back(stem_numbers.add(porter_stem(word)));
    }
  }
  Vocabulary word_numbers, stem_numbers;
  std::vector<Symbol> words, stems;
};
struct MeteorReferences {
  explicit MeteorReferences(const std::vector<std::string>& texts) : each(texts.begin(), texts.end()) {}
  std::vector<MeteorReference> each;
};

/// For each token of an answer its partner's place in the reference, or `kNone`. Both stages go from the last token to
/// the first and take the last free place.
std::vector<std::size_t> align(const std::vector<std::string>& tokens, const MeteorReference& reference) {
  std::vector<std::size_t> partners(tokens.size(), kNone);
  std::vector<bool> taken(reference.words.size());
  const auto stage = [&](const std::vector<Symbol>& symbols, std::size_t count, auto symbol_of) {
    FreePlaces free(count);
    for (std::size_t place = 0; place < symbols.size(); ++place) {
      if (!taken[place]) free.add(symbols[place], place);
    }
    for (std::size_t i = tokens.size(); i-- > 0;) {
      if (partners[i] != kNone) continue;
      partners[i] = free.take(symbol_of(tokens[i]));
      if (partners[i] != kNone) taken[partners[i]] = true;
    }
  };
  stage(reference.words, reference.word_numbers.size(),
        [&](const std::string& token) { return reference.word_numbers.find(token); });
  stage(reference.stems, reference.stem_numbers.size(),
        [&](const std::string& token) { return reference.stem_numbers.find(porter_stem(token)); });
  return partners;
}

double meteor_against(const std::vector<std::string>& tokens, const MeteorReference& reference) {
  const auto partners = align(tokens, reference);
  std::size_t matched = 0, chunks = 0;
  for (std::size_t i = 0; i < partners.size(); ++i) {
    if (partners[i] == kNone) continue;
    ++matched;
    const bool goes_on = i > 0 && partners[i - 1] != kNone && partners[i] == partners[i - 1] + 1;
    if (!goes_on) ++chunks;
  }
  if (matched == 0) return 0;
  const auto precision = ratio(matched, tokens.size()), recall = ratio(matched, reference.words.size());
  const auto mean = precision * recall / (kAlpha * precision + (1 - kAlpha) * recall);
  const auto fragmentation = ratio(chunks, matched);
  static_assert(kBeta == 3);
  return (1 - kGamma * fragmentation * fragmentation * fragmentation) * mean;
}

Result<double> meteor(std::string_view output, const MeteorReferences& references) {
  const auto tokens = lower_tokens(output);
  double best = 0;
  for (const auto& reference : references.each) best = std::max(best, meteor_against(tokens, reference));
  return best;
}

}  // namespace

Result<Made> make_meteor(const doc::Node& settings) { return make_text_metric<MeteorReferences>(settings, &meteor); }

}  // namespace llmops::score
