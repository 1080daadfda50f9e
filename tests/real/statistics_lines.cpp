/// Answers what the score room computes: the other side of statistics_oracles.py. One JSON object a line on standard
/// input,
/// `{"ask": NAME, …}`, one on standard output.
#include <cmath>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "doc/json.h"
#include "score/agreement.h"
#include "score/classification.h"
#include "score/comparison.h"
#include "score/special_functions.h"
#include "score/statistics.h"

using namespace llmops;
using doc::Node;

namespace {

double number(const Node& line, const char* key) { return line.get(key, 0.0); }

std::int64_t count(const Node& line, const char* key) { return static_cast<std::int64_t>(number(line, key)); }

std::vector<double> numbers(const Node& line, const char* key) {
  std::vector<double> out;
  const auto* list = line.find(key);
  if (!list) return out;
  for (const auto& item : list->items())
    out.push_back(item.is_int() ? static_cast<double>(item.as_int()) : item.as_double());
  return out;
}

std::vector<std::size_t> places(const Node& line, const char* key) {
  std::vector<std::size_t> out;
  for (const double value : numbers(line, key)) out.push_back(static_cast<std::size_t>(value));
  return out;
}

Node of(double value) { return Node::map({{"value", value}}); }

Node of(score::Interval interval) { return Node::map({{"low", interval.low}, {"high", interval.high}}); }

Node of(const score::Mean& mean, double confidence) {
  const auto student = score::interval_of(mean, confidence), skewed = score::skewed_interval_of(mean, confidence);
  const double error = mean.standard_error.value_or(NAN);
  return Node::map({{"mean", mean.mean},
                    {"stderr", error},
                    {"degrees", mean.degrees},
                    {"skewness", mean.skewness},
                    {"low", student.low},
                    {"high", student.high},
                    {"skewed_low", skewed.low},
                    {"skewed_high", skewed.high},
                    {"p", 2 * score::t_cdf(-std::fabs(mean.mean / error), mean.degrees)}});
}

/// Two cells of right and wrong, of which so many differ each way.
Node compared(const Node& line) {
  score::CellResult a{"a", {}, {}, {}, {}}, b{"b", {}, {}, {}, {}};
  const auto only_a = count(line, "b"), only_b = count(line, "c"), n = count(line, "n");
  for (std::int64_t i = 0; i < n; ++i) {
    score::CaseResult one;
    one.id = std::to_string(i);
    one.scores = {i < only_a ? 1.0 : 0.0};
    a.cases.push_back(one);
    one.scores = {i >= only_a && i < only_a + only_b ? 1.0 : 0.0};
    b.cases.push_back(one);
  }
  score::Results of;
  of.metrics = {{"m", score::Scale::binary, score::Better::higher, {}}};
  const auto found = score::compare({of, a, 0}, {of, b, 0}, of.metrics[0], {});
  return Node::map({{"p", found.p.value_or(NAN)}, {"test", score::to_string(found.test)}});
}

Node mcnemar(const Node& line) {
  const auto test = score::mcnemar(count(line, "b"), count(line, "c"));
  return Node::map({{"two_sided", test.two_sided}, {"a_better", test.a_better}, {"b_better", test.b_better}});
}

Node holm(const Node& line) {
  auto out = Node::list();
  for (const double p : score::holm(numbers(line, "p"))) out.push_back(p);
  return Node::map({{"p", std::move(out)}});
}

score::Confusion table(const Node& line) {
  score::Confusion out;
  const auto* rows = line.find("table");
  for (std::size_t i = 0; rows && i < rows->items().size(); ++i) {
    out.labels.push_back(std::to_string(i));
    out.counts.emplace_back();
    for (const auto& count : rows->items()[i].items())
      out.counts.back().push_back(static_cast<std::size_t>(count.as_int()));
  }
  return out;
}

score::Weights weights(const Node& line) {
  const auto name = line.get("weights", "");
  return name == "linear"      ? score::Weights::linear
         : name == "quadratic" ? score::Weights::quadratic
                               : score::Weights::none;
}

Node kappa(const Node& line) {
  const auto found = score::kappa_of(table(line), weights(line), number(line, "confidence"));
  if (!found) return Node::map({});
  return Node::map({{"value", found->value},
                    {"stderr", found->standard_error},
                    {"low", found->interval.low},
                    {"high", found->interval.high}});
}

Node classification(const Node& line) {
  const auto counts = table(line);
  const auto labels = counts.labels.size();
  score::Results results;
  results.metrics = {{"accuracy", score::Scale::binary, score::Better::higher, {}},
                     {"macro_f1", score::Scale::graded, score::Better::higher, {}, score::Statistic::macro_f1, 0},
                     {"micro_f1", score::Scale::graded, score::Better::higher, {}, score::Statistic::micro_f1, 0}};
  results.classes = {{"accuracy", counts.labels}};
  auto& cell = results.cells.emplace_back();
  for (std::size_t i = 0; i < labels; ++i) {
    for (std::size_t j = 0; j < labels; ++j) {
      score::CaseResult one;
      one.scores.assign(3, i == j ? 1.0 : 0.0);
      one.classes = {{static_cast<std::uint32_t>(i), {static_cast<std::uint32_t>(j)}}};
      cell.cases.insert(cell.cases.end(), counts.counts[i][j], one);
    }
  }
  auto precision = Node::list(), recall = Node::list(), f1 = Node::list();
  for (const auto& one : score::class_metrics(score::confusion_of(results, cell, 0), labels)) {
    precision.push_back(one.precision);
    recall.push_back(one.recall);
    f1.push_back(one.f1);
  }
  const auto all = score::summarise(results);
  return Node::map({{"accuracy", all[0].value},
                    {"macro_f1", all[1].value},
                    {"micro_f1", all[2].value},
                    {"macro_stderr", all[1].standard_error.value_or(NAN)},
                    {"precision", std::move(precision)},
                    {"recall", std::move(recall)},
                    {"f1", std::move(f1)}});
}

Node threshold(const Node& line) {
  std::vector<score::Graded> cases;
  const auto scores = numbers(line, "scores"), right = numbers(line, "right");
  for (std::size_t i = 0; i < scores.size(); ++i) cases.push_back({scores[i], right[i] > 0});
  const auto found = score::best_threshold(cases, {});
  if (!found) return Node::map({});
  return Node::map({{"value", found->value}, {"kappa", found->kappa}});
}

score::BootstrapOptions drawn(const Node& line) {
  return {number(line, "confidence"), static_cast<std::size_t>(count(line, "resamples")),
          static_cast<std::uint64_t>(count(line, "seed"))};
}

using Answer = Node (*)(const Node& line);

const std::map<std::string, Answer>& answers() {
  static const std::map<std::string, Answer> all = {
      {"normal-quantile", [](const Node& line) { return of(score::normal_quantile(number(line, "q"))); }},
      {"t-quantile", [](const Node& line) { return of(score::t_quantile(number(line, "q"), number(line, "df"))); }},
      {"t-cdf", [](const Node& line) { return of(score::t_cdf(number(line, "t"), number(line, "df"))); }},
      {"beta",
       [](const Node& line) {
         return of(score::incomplete_beta(number(line, "a"), number(line, "b"), number(line, "x")));
       }},
      {"binomial",
       [](const Node& line) { return of(score::binomial_cdf(count(line, "k"), count(line, "n"), number(line, "p"))); }},
      {"wilson",
       [](const Node& line) {
         return of(score::wilson(number(line, "x"), number(line, "n"), number(line, "confidence")));
       }},
      {"mcnemar", &mcnemar},
      {"compared", &compared},
      {"mean",
       [](const Node& line) { return of(score::mean_of(numbers(line, "values")), number(line, "confidence")); }},
      {"clustered",
       [](const Node& line) {
         return of(score::clustered_mean_of(numbers(line, "values"), places(line, "clusters")),
                   number(line, "confidence"));
       }},
      {"holm", &holm},
      {"kappa", &kappa},
      {"classification", &classification},
      {"threshold", &threshold},
      {"bca",
       [](const Node& line) {
         return of(score::bca_mean(numbers(line, "values"), places(line, "clusters"), drawn(line)));
       }},
  };
  return all;
}

}  // namespace

int main() {
  std::string text;
  while (std::getline(std::cin, text)) {
    const auto line = doc::parse_json_data(text);
    const auto answer = line ? answers().find(line->get("ask", "")) : answers().end();
    if (answer == answers().end()) {
      std::cerr << "statistics-lines: nothing is asked in " << text << "\n";
      return 1;
    }
    std::cout << doc::to_json(answer->second(*line)) << "\n";
  }
  return 0;
}
