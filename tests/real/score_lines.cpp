/// Answers what the score room makes of a line: the other side of score_oracles.py. One JSON object a line on standard
/// input, one on standard output.
///
///   {"scorer": …, "output": "…", "expected": "…"}  ->  {"value": 0.5} or {"error": "…"}; the scorer as in a recipe
///   {"lower": "…"}, {"stem": "…"}                  ->  {"text": "…"}
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "doc/json.h"
#include "score/porter.h"
#include "score/scorer.h"
#include "score/unicode.h"

using namespace llmops;

namespace {

Result<std::unique_ptr<score::Scorer>, Errors> make(const doc::Node& written) {
  TRY(const auto config,
      score::record_of(static_cast<score::ScorerConfig*>(nullptr)).bind(written, schema::Late::allow));
  return score::make_scorer(config);
}

/// Scorers by how they are written, each made once.
class Scorers {
 public:
  doc::Node score(const doc::Node& line) {
    const auto* written = line.find("scorer");
    if (!written) return failure("neither `scorer` nor `lower` nor `stem`");
    const auto key = doc::to_json(*written);
    if (!made_.contains(key)) {
      auto scorer = make(*written);
      if (!scorer) return failure(scorer.error().front().message);
      made_.emplace(key, *std::move(scorer));
    }
    score::Sample sample;
    sample.output = line.get("output", "");
    if (const auto* expected = line.find("expected")) sample.expected = expected->text();
    const auto scored = made_.at(key)->score(sample);
    if (!scored) return failure(scored.error().message);
    return doc::Node::map({{"value", scored->value}});
  }

 private:
  static doc::Node failure(const std::string& message) { return doc::Node::map({{"error", message}}); }

  std::map<std::string, std::unique_ptr<score::Scorer>> made_;
};

doc::Node answer(Scorers& scorers, const doc::Node& line) {
  if (const auto* text = line.find("lower")) return doc::Node::map({{"text", score::lower(text->text())}});
  if (const auto* text = line.find("stem")) return doc::Node::map({{"text", score::porter_stem(text->text())}});
  return scorers.score(line);
}

}  // namespace

int main() {
  Scorers scorers;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto parsed = doc::parse_json_data(line);
    if (!parsed) {
      std::cerr << "score-lines: " << parsed.error().message << "\n";
      return 1;
    }
    std::cout << doc::to_json(answer(scorers, *parsed)) << "\n";
  }
  return 0;
}
