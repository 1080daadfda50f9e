#include "score/porter.h"

#include <array>
#include <utility>

#include "score/unicode.h"

namespace llmops::score {
namespace {

/// Code points, so that a letter above ASCII counts once.
using Word = std::u32string;
using View = std::u32string_view;

bool is_vowel(char32_t letter) {
  return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

/// Whether a letter is a consonant, where it is known whether the one before it is; `y` is one at the start and behind
/// a vowel.
bool is_consonant_after(char32_t letter, bool first, bool after_consonant) {
  if (letter == 'y') return first || !after_consonant;
  return !is_vowel(letter);
}

/// What the conditions of the rules ask of a word.
struct Shape {
  std::size_t measure = 0;  ///< Porter's m: how often a consonant follows a vowel.
  bool has_vowel = false;
  bool last_consonant = false, second_last_consonant = false, third_last_consonant = false;

  explicit Shape(View word) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      const bool consonant = is_consonant_after(word[i], i == 0, last_consonant);
      if (i > 0 && consonant && !last_consonant) ++measure;
      has_vowel = has_vowel || !consonant;
      third_last_consonant = std::exchange(second_last_consonant, std::exchange(last_consonant, consonant));
    }
  }
};

std::size_t measure(View word) { return Shape(word).measure; }

bool ends_double_consonant(View word) {
  return word.size() >= 2 && word[word.size() - 1] == word[word.size() - 2] && Shape(word).last_consonant;
}

/// Porter's *o, and NLTK's addition: a word of a vowel and a consonant.
bool ends_consonant_vowel_consonant(View word) {
  const Shape shape(word);
  if (word.size() == 2) return !shape.second_last_consonant && shape.last_consonant;
  const auto last = word.empty() ? U'\0' : word.back();
  return word.size() >= 3 && shape.third_last_consonant && !shape.second_last_consonant && shape.last_consonant &&
         last != 'w' && last != 'x' && last != 'y';
}

View without(View word, View suffix) { return word.substr(0, word.size() - suffix.size()); }
Word joined(View stem, View end) { return Word(stem) + Word(end); }

struct Rule {
  View suffix, replacement;
};

/// The first rule whose suffix the word has is applied where its stem is good, and ends the list in any case.
template <std::size_t N, class Good>
Word apply(Word word, const std::array<Rule, N>& rules, Good good) {
  for (const auto& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const auto stem = without(word, rule.suffix);
    return good(stem, rule) ? joined(stem, rule.replacement) : word;
  }
  return word;
}

bool positive(View stem, const Rule&) { return measure(stem) > 0; }

Word step_1a(Word word) {
  static constexpr std::array<Rule, 4> kRules = {{{U"sses", U"ss"}, {U"ies", U"i"}, {U"ss", U"ss"}, {U"s", U""}}};
  if (word.ends_with(U"ies") && word.size() == 4) return joined(without(word, U"ies"), U"ie");
  return apply(std::move(word), kRules, [](View, const Rule&) { return true; });
}

Word tidy_after_1b(Word word) {
  static constexpr std::array<Rule, 3> kRules = {{{U"at", U"ate"}, {U"bl", U"ble"}, {U"iz", U"ize"}}};
  for (const auto& rule : kRules) {
    if (word.ends_with(rule.suffix)) return joined(without(word, rule.suffix), rule.replacement);
  }
  if (ends_double_consonant(word)) {
    const auto last = word.back();
    if (last != 'l' && last != 's' && last != 'z') word.pop_back();
    return word;
  }
  if (measure(word) == 1 && ends_consonant_vowel_consonant(word)) word += U'e';
  return word;
}

Word step_1b(Word word) {
  if (word.ends_with(U"ied")) return joined(without(word, U"ied"), word.size() == 4 ? U"ie" : U"i");
  if (word.ends_with(U"eed")) {
    const auto stem = without(word, U"eed");
    return measure(stem) > 0 ? joined(stem, U"ee") : word;
  }
  for (const View suffix : {View(U"ed"), View(U"ing")}) {
    if (!word.ends_with(suffix)) continue;
    const auto stem = without(word, suffix);
    if (Shape(stem).has_vowel) return tidy_after_1b(Word(stem));
  }
  return word;
}

Word step_1c(Word word) {
  if (!word.ends_with(U'y')) return word;
  const auto stem = without(word, U"y");
  return stem.size() > 1 && Shape(stem).last_consonant ? joined(stem, U"i") : word;
}

Word step_2(Word word) {
  static constexpr std::array<Rule, 22> kRules = {{
      {U"ational", U"ate"}, {U"tional", U"tion"}, {U"enci", U"ence"}, {U"anci", U"ance"}, {U"izer", U"ize"},
      {U"bli", U"ble"},     {U"alli", U"al"},     {U"entli", U"ent"}, {U"eli", U"e"},     {U"ousli", U"ous"},
      {U"ization", U"ize"}, {U"ation", U"ate"},   {U"ator", U"ate"},  {U"alism", U"al"},  {U"iveness", U"ive"},
      {U"fulness", U"ful"}, {U"ousness", U"ous"}, {U"aliti", U"al"},  {U"iviti", U"ive"}, {U"biliti", U"ble"},
      {U"fulli", U"ful"},   {U"logi", U"log"},
  }};
  while (word.ends_with(U"alli") && measure(without(word, U"alli")) > 0) word.resize(word.size() - 2);
  const auto good = [](View stem, const Rule& rule) {
    // The `l` of `logi` counts as part of the stem.
    if (rule.suffix == U"logi") return Shape(joined(stem, U"l")).measure > 0;
    return measure(stem) > 0;
  };
  return apply(std::move(word), kRules, good);
}

Word step_3(Word word) {
  static constexpr std::array<Rule, 7> kRules = {{{U"icate", U"ic"},
                                                  {U"ative", U""},
                                                  {U"alize", U"al"},
                                                  {U"iciti", U"ic"},
                                                  {U"ical", U"ic"},
                                                  {U"ful", U""},
                                                  {U"ness", U""}}};
  return apply(std::move(word), kRules, &positive);
}

Word step_4(Word word) {
  static constexpr std::array<Rule, 19> kRules = {{
      {U"al", U""},  {U"ance", U""},  {U"ence", U""}, {U"er", U""},  {U"ic", U""},  {U"able", U""}, {U"ible", U""},
      {U"ant", U""}, {U"ement", U""}, {U"ment", U""}, {U"ent", U""}, {U"ion", U""}, {U"ou", U""},   {U"ism", U""},
      {U"ate", U""}, {U"iti", U""},   {U"ous", U""},  {U"ive", U""}, {U"ize", U""},
  }};
  return apply(std::move(word), kRules, [](View stem, const Rule& rule) {
    if (measure(stem) < 2) return false;
    return rule.suffix != U"ion" || stem.back() == 's' || stem.back() == 't';
  });
}

Word step_5(Word word) {
  if (word.ends_with(U'e')) {
    const auto stem = without(word, U"e");
    const auto m = measure(stem);
    if (m > 1 || (m == 1 && !ends_consonant_vowel_consonant(stem))) word.pop_back();
  }
  if (word.ends_with(U"ll") && measure(without(word, U"l")) > 1) word.pop_back();
  return word;
}

/// NLTK's irregular forms; nothing for all other words.
std::string_view irregular(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kForms = {{{"sky", "sky"},
                                                                                            {"skies", "sky"},
                                                                                            {"dying", "die"},
                                                                                            {"lying", "lie"},
                                                                                            {"tying", "tie"},
                                                                                            {"news", "news"},
                                                                                            {"innings", "inning"},
                                                                                            {"inning", "inning"},
                                                                                            {"outings", "outing"},
                                                                                            {"outing", "outing"},
                                                                                            {"cannings", "canning"},
                                                                                            {"canning", "canning"},
                                                                                            {"howe", "howe"},
                                                                                            {"proceed", "proceed"},
                                                                                            {"exceed", "exceed"},
                                                                                            {"succeed", "succeed"}}};
  for (const auto& [form, stem] : kForms) {
    if (form == word) return stem;
  }
  return {};
}

}  // namespace

std::string porter_stem(std::string_view text) {
  if (const auto stem = irregular(text); !stem.empty()) return std::string(stem);
  Word word;
  word.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto point = first_point(text.substr(at));
    word += point.value;
    at += point.length;
  }
  if (word.size() <= 2) return std::string(text);
  const auto before = word;
  word = step_5(step_4(step_3(step_2(step_1c(step_1b(step_1a(std::move(word))))))));

  // Only ASCII letters at the end were changed: what both words share at their front is taken from the text.
  std::size_t shared = 0, bytes = 0;
  while (shared < word.size() && shared < before.size() && word[shared] == before[shared]) {
    bytes += first_point(text.substr(bytes)).length;
    ++shared;
  }
  std::string out(text.substr(0, bytes));
  for (; shared < word.size(); ++shared) out += static_cast<char>(word[shared]);
  return out;
}

}  // namespace llmops::score
