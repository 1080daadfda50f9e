// Metrics of n-grams, by hand; tests/real/score_oracles.py compares them with the published implementations.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "score/common_subsequence.h"
#include "score/ngrams.h"
#include "score/porter.h"
#include "score/tokens.h"
#include "score/unicode.h"
#include "unit/score/scoring.h"

using namespace llmops;
using namespace llmops::score;
using namespace llmops::score::testing;
using doctest::Approx;

namespace {

std::string tokens(std::string_view text) {
  std::string out;
  for (const auto word : words(text)) out += (out.empty() ? "" : "|") + std::string(word);
  return out;
}

}  // namespace

TEST_SUITE("score/scorers/ngrams") {
  TEST_CASE("bleu is the geometric mean of clipped precisions, smoothed, with a penalty for brevity") {
    // What is shared, by what the answer has: 1-grams 5/6, 2-grams 3/5, 3-grams 2/4, 4-grams 1/3.
    CHECK(value("{bleu: the cat sat on a mat}", answer("the cat sat on the mat")) ==
          Approx(std::pow(5.0 / 6 * 3 / 5 * 2 / 4 * 1 / 3, 0.25)));
    // 5/6, 3/5, 1/4 (`on a mat`), and none of 3, which counts as half of one.
    CHECK(value("{bleu: the cat is on a mat}", answer("the cat sat on a mat")) ==
          Approx(std::pow(5.0 / 6 * 3 / 5 * 1 / 4 / (2 * 3), 0.25)));
    CHECK(value("{bleu: the cat sat on the mat}", answer("the cat")) == Approx(std::exp(1 - 6.0 / 2)));
    CHECK(value("{bleu: the cat sat}", answer("The cat sat")) == Approx(std::cbrt(2.0 / 3 * 1 / 2 * 1 / 2)));
    CHECK(value("{bleu: same words here now}", answer("same words here now")) == 1);
    CHECK(value("{bleu: x}", answer("y")) == 0);
    CHECK(value("{bleu: x}", answer("")) == 0);
    CHECK(value("{bleu: ''}", answer("")) == 0);
  }

  TEST_CASE("bleu counts an n-gram as often as the reference that has it most, and takes the nearest length") {
    // `the` 2 of 7, one bigram of none: 2/7, (1/2)/6, (1/4)/5, (1/8)/4; both references are shorter than the answer.
    CHECK(value("{bleu: [the cat is on the mat, there is a cat on the mat]}", answer("the the the the the the the")) ==
          Approx(std::pow(2.0 / 7 / 12 / 20 / 32, 0.25)));
  }

  TEST_CASE("gleu is matched n-grams by those of the longer text") {
    CHECK(value("{gleu: a b c}", answer("a b d")) == Approx(3.0 / 6));
    CHECK(value("{gleu: a b c d}", answer("a b")) == Approx(3.0 / 10));
    CHECK(value("{gleu: [z, a b]}", answer("a b")) == 1);
    CHECK(value("{gleu: ''}", answer("")) == 0);
  }

  TEST_CASE("rouge is the F-measure of n-grams, or of the longest common subsequence") {
    CHECK(value("{rouge-1: the cat sat}", answer("The cat!")) == Approx(2 * 1 * (2.0 / 3) / (1 + 2.0 / 3)));
    CHECK(value("{rouge-2: a b c}", answer("b c d")) == Approx(0.5));
    CHECK(value("{rouge-2: a}", answer("a")) == 0);
    CHECK(value("{rouge-l: police killed the gunman}", answer("police kill the gunman")) == Approx(0.75));
    CHECK(value("{rouge-l: police killed the gunman}", answer("the gunman kill police")) == Approx(0.5));
    CHECK(value("{rouge-l: [x, a b]}", answer("a b")) == 1);
    CHECK(value("{rouge-l: x}", answer("")) == 0);
  }

  TEST_CASE("meteor aligns words, then stems, and pays for every chunk") {
    CHECK(value("{meteor: the cat sat}", answer("The cat sat")) == Approx(1 - 0.5 / 27));
    CHECK(value("{meteor: studies}", answer("studying")) == Approx(0.5));
    const double precision = 2.0 / 2, recall = 2.0 / 3;
    CHECK(value("{meteor: a b c}", answer("c a")) ==
          Approx((1 - 0.5) * precision * recall / (0.9 * precision + 0.1 * recall)));
    CHECK(value("{meteor: x}", answer("y")) == 0);
    CHECK(value("{meteor: ''}", answer("")) == 0);
  }

  TEST_CASE("chrf is F2 of the means over the orders that both texts have") {
    // Orders 1 and 2: precision (1 + 1) / 2, recall (2/3 + 1/2) / 2.
    const double recall = (2.0 / 3 + 1.0 / 2) / 2;
    CHECK(value("{chrf: abc}", answer("a b")) == Approx(5 * recall / (4 + recall)));
    CHECK(value("{chrf: größe}", answer("größe")) == 1);
    CHECK(value("{chrf: x}", answer("y")) == 0);
    CHECK(value("{chrf: ' '}", answer("")) == 0);
  }

  TEST_CASE("these metrics are graded, take what is expected, and may have a threshold") {
    CHECK(made("rouge-l")->metric().scale == Scale::graded);
    CHECK(value("rouge-1", answer("b", R"(["a", "b"])")) == 1);
    CHECK(value("{rouge-1: [a], threshold: 0.5}", answer("b")) == 0);
    CHECK(reason("{rouge-1: [a, c], threshold: 0.5}", answer("b")) == "the answer against `a`, `c`: 0, threshold 0.5");
    CHECK(needs_expected(*config_of("chrf")));
  }

  TEST_CASE("texts over the limits are errors of the case") {
    const std::string long_answer((std::size_t{16} << 20) + 1, 'x'), long_reference((std::size_t{1} << 20) + 1, 'x');
    CHECK(failure("{bleu: x}", answer(long_answer)).starts_with("the answer is longer than 16 MiB"));
    CHECK(failure("chrf", answer("x", long_reference)).starts_with("the texts to compare with are longer than 1 MiB"));
  }

  TEST_CASE("tokens of 13a part punctuation, but not in numbers") {
    CHECK(tokens(tokens_13a("Hello, world! It's 3.14 (or 1,000).")) == "Hello|,|world|!|It's|3.14|(|or|1,000|)|.");
    CHECK(tokens(tokens_13a("9-year-old e-mail")) == "9|-|year-old|e-mail");
    CHECK(tokens(tokens_13a("&quot;a&amp;b&quot; soft-\nhyphen")) == "\"|a|&|b|\"|softhyphen");
  }

  TEST_CASE("stems are Porter's, with NLTK's additions") {
    const std::pair<const char*, const char*> known[] = {
        {"caresses", "caress"},     {"ponies", "poni"}, {"dies", "die"},           {"agreed", "agre"},
        {"plastered", "plaster"},   {"sing", "sing"},   {"hopping", "hop"},        {"fizzed", "fizz"},
        {"filing", "file"},         {"happy", "happi"}, {"enjoy", "enjoy"},        {"relational", "relat"},
        {"radically", "radic"},     {"skies", "sky"},   {"electricity", "electr"}, {"adoption", "adopt"},
        {"controlling", "control"}, {"by", "by"},       {"éing", "éing"},          {"naïveness", "naïv"}};
    for (const auto& [word, stem] : known) CHECK(porter_stem(word) == stem);
  }

  TEST_CASE("the longest common subsequence over more than one machine word") {
    std::vector<Symbol> a, b;
    for (Symbol i = 0; i < 200; ++i) a.push_back(i % 7), b.push_back(i % 5);
    std::vector<std::vector<std::size_t>> table(201, std::vector<std::size_t>(201));
    for (std::size_t i = 1; i <= 200; ++i) {
      for (std::size_t j = 1; j <= 200; ++j) {
        table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : std::max(table[i - 1][j], table[i][j - 1]);
      }
    }
    CHECK(common_subsequence(a, b, 7) == table[200][200]);
    CHECK(common_subsequence(b, a, 7) == table[200][200]);
    const std::vector<Symbol> none(3, kUnknown);
    CHECK(common_subsequence(none, a, 7) == 0);
    const std::vector<Symbol> vast(300000, 1);
    CHECK_FALSE(common_subsequence(vast, vast, 2));
  }

  TEST_CASE("n-grams are clipped by the references") {
    NgramIndex index(2);
    index.add(std::vector<Symbol>{1, 1, 2});
    index.add(std::vector<Symbol>{1, 2, 1, 2});
    CHECK(index.matches(std::vector<Symbol>{1, 1, 1, 2, 1, 2, 1, 2}) == std::vector<std::size_t>{4, 4});
    CHECK(index.matches(std::vector<Symbol>{kUnknown, 3}) == std::vector<std::size_t>{0, 0});
    CHECK(index.matches({}) == std::vector<std::size_t>{0, 0});
  }

  TEST_CASE("lower case and words are those of Unicode") {
    CHECK(lower("ÀÉ ΟΔΟΣ Σ ΑΣ' ΑΣΒ İ") == "àé οδος σ ας' ασβ i\xCC\x87");
    CHECK(lower("\xff\xC3 A") == "\xff\xC3 a");
    CHECK(words(" a\xE3\x80\x80"
                "b\x1c\n")
              .size() == 2);
    CHECK(first_point("\xED\xA0\x80").length == 1);
    CHECK(first_point("\xF4\x90\x80\x80").value == 0xDCF4);
    CHECK(last_point("a\xE2\x82\xAC").value == 0x20AC);
    CHECK(last_point("\x80").value == 0xDC80);
    CHECK(last_point("").length == 0);
  }
}
