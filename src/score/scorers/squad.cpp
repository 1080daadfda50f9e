#include <algorithm>
#include <array>
#include <memory>

#include "score/scorers/families.h"
#include "score/unicode.h"

// Rajpurkar et al. 2016, "SQuAD"; the rules are those of the evaluation script for SQuAD 2.0.
namespace llmops::score {
namespace {

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string without_punctuation(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), &is_punctuation), text.end());
  return text;
}

/// The length of the article that stands at `at` as a word of its own, or 0.
std::size_t article_at(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 3> kArticles = {"a", "an", "the"};
  for (const auto article : kArticles) {
    if (!text.substr(at).starts_with(article)) continue;
    const auto behind = text.substr(at + article.size());
    if (!behind.empty() && is_word(first_point(behind).value)) continue;
    return at > 0 && is_word(last_point(text.substr(0, at)).value) ? 0 : article.size();
  }
  return 0;
}

std::string without_articles(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool may_be = text[at] == 'a' || text[at] == 't';
    if (const auto length = may_be ? article_at(text, at) : 0) {
      out += ' ';
      at += length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

/// The words of an answer, as they are compared.
class Normalised {
 public:
  explicit Normalised(std::string_view text)
      : plain_(std::make_unique<const std::string>(without_articles(without_punctuation(lower(text))))),
        words_(words(*plain_)) {}

  bool same_as(const Normalised& other) const { return words_ == other.words_; }
  /// Views into this object.
  std::vector<std::string_view> sorted() const {
    auto out = words_;
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::unique_ptr<const std::string> plain_;
  std::vector<std::string_view> words_;
};

/// F1 of two multisets of words; where one is empty, whether both are.
double overlap(const std::vector<std::string_view>& found, const std::vector<std::string_view>& wanted) {
  if (found.empty() || wanted.empty()) return found.empty() && wanted.empty() ? 1 : 0;
  std::size_t common = 0;
  for (auto a = found.begin(), b = wanted.begin(); a != found.end() && b != wanted.end();) {
    const int order = a->compare(*b);
    if (order == 0) ++common;
    if (order <= 0) ++a;
    if (order >= 0) ++b;
  }
  if (common == 0) return 0;
  const auto precision = static_cast<double>(common) / static_cast<double>(found.size());
  const auto recall = static_cast<double>(common) / static_cast<double>(wanted.size());
  return 2 * precision * recall / (precision + recall);
}

struct Reference {
  explicit Reference(const std::string& text) : written(text), words(text), sorted(words.sorted()) {}
  std::string written;
  Normalised words;
  std::vector<std::string_view> sorted;
};

std::vector<Reference> references_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

class ExactMatch final : public PureMeasure {
 public:
  explicit ExactMatch(Texts texts) : references_(std::move(texts), &references_of) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    return references_.with(sample, [&](const std::vector<Reference>& references) -> Result<Finding> {
      const Normalised found(output);
      std::vector<std::string> wanted;
      for (const auto& reference : references) {
        if (found.same_as(reference.words)) return Finding{1, "found " + quoted(output)};
        wanted.push_back(reference.written);
      }
      return Finding{0,
                     "found " + quoted(output) + ", expected " + (wanted.size() > 1 ? "one of " : "") + quoted(wanted)};
    });
  }

 private:
  Prepared<std::vector<Reference>> references_;
};

class TokenF1 final : public PureMeasure {
 public:
  explicit TokenF1(Texts texts) : references_(std::move(texts), &references_of) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    return references_.with(sample, [&](const std::vector<Reference>& references) -> Result<Finding> {
      const Normalised answer(output);
      const auto found = answer.sorted();
      double best = -1;
      const Reference* nearest = nullptr;
      for (const auto& reference : references) {
        const auto score = overlap(found, reference.sorted);
        if (score > best) best = score, nearest = &reference;
      }
      return Finding{best, "the answer's words against " + quoted(nearest->written)};
    });
  }

 private:
  Prepared<std::vector<Reference>> references_;
};

}  // namespace

Result<Made> make_exact_match(const doc::Node& settings) {
  TRY(auto texts, texts_or_expected(settings));
  return Made{std::make_unique<ExactMatch>(std::move(texts)), std::nullopt};
}

Result<Made> make_f1(const doc::Node& settings) {
  TRY(auto texts, texts_or_expected(settings));
  return Made{std::make_unique<TokenF1>(std::move(texts)), std::nullopt};
}

}  // namespace llmops::score
