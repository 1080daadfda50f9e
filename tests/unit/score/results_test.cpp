#include "score/results.h"

#include <doctest/doctest.h>

#include <limits>

using namespace llmops;
using namespace llmops::score;
using doctest::Approx;

namespace {

Digest digest(std::uint8_t fill) {
  Digest out;
  out.bytes.fill(fill);
  return out;
}

CaseResult result_of(std::string id, std::vector<std::optional<double>> scores) {
  CaseResult out;
  out.id = std::move(id);
  out.scores = std::move(scores);
  return out;
}

Results sample() {
  Results out;
  out.dataset = "golden";
  out.dataset_identity = "blob:abc";
  out.scorers = digest(1);
  out.repeat = 2;
  out.metrics = {{"accuracy", Scale::binary, Better::higher, ""}, {"latency", Scale::amount, Better::lower, "ms"}};
  CellResult cell{"small", "guided", digest(2), "f00d", {}};
  auto full = result_of("1", {1.0, 812.5});
  full.cluster = "user \"7\"";
  full.output = digest(3);
  full.cached = true;
  full.fields.add("label", "bug");
  full.fields.add("länge", "3\n\t\\\x01");
  auto failed = result_of("2", {std::nullopt, std::nullopt});
  failed.error = "timed out after 60 s — 世界";
  cell.cases = {full, failed};
  out.cells = {cell, CellResult{"rag", "", digest(4), "", {result_of("1", {0.5, 1e-7})}}};
  return out;
}

std::string error_of(std::string_view text) {
  const auto read = results_from_jsonl("r.jsonl", text);
  REQUIRE_FALSE(read);
  return read.error().at.to_string() + ": " + read.error().message;
}

Results results_with(std::size_t metrics) {
  Results out;
  for (std::size_t i = 0; i < metrics; ++i) out.metrics.push_back({"m" + std::to_string(i)});
  return out;
}

/// The text of `sample`, with its first case's line replaced.
std::string with_case(std::string_view line) {
  auto text = to_jsonl(sample());
  const auto first = text.find("{\"id\":\"1\"");
  return text.replace(first, text.find('\n', first) - first, line);
}

}  // namespace

TEST_SUITE("score/results") {
  TEST_CASE("results come back from JSON Lines as they were") {
    const auto results = sample();

    const auto text = to_jsonl(results);
    const auto read = results_from_jsonl("r.jsonl", text);

    REQUIRE(read);
    CHECK(*read == results);
    CHECK(to_jsonl(*read) == text);
  }

  TEST_CASE("the form of a case's line is pinned") {
    const auto text = to_jsonl(sample());

    CHECK(text.starts_with(
        R"({"llmops_results":1,"dataset":"golden","dataset_identity":"blob:abc","scorers":"sha256:01)"));
    CHECK(text.find(R"({"id":"1","scores":[1,812.5],"cluster":"user \"7\"","output":"0303)") != std::string::npos);
    CHECK(text.find(R"("cached":true,"fields":{"label":"bug","länge":"3\u000a\u0009\\\u0001"}})") != std::string::npos);
    CHECK(text.find(R"({"id":"2","scores":[null,null],"error":"timed out after 60 s — 世界"})") != std::string::npos);
  }

  TEST_CASE("a case that a metric is not about counts neither as scored nor as an error") {
    auto results = sample();
    results.cells[0].cases[1].error.clear();
    results.cells[0].cases[1].without = {0};

    const auto text = to_jsonl(results);
    const auto read = results_from_jsonl("r.jsonl", text);

    REQUIRE(read);
    CHECK(*read == results);
    CHECK(text.find(R"({"id":"2","scores":[null,null],"without":[0]})") != std::string::npos);
    const auto accuracy = summarise(*read, read->cells[0], 0), latency = summarise(*read, read->cells[0], 1);
    CHECK(accuracy.n == 1);
    CHECK(accuracy.errors == 0);
    CHECK(latency.errors == 1);
    CHECK(pair_values({*read, read->cells[0], 0}, {*read, read->cells[0], 0}).a.size() == 1);
    CHECK(aligned_values({{*read, read->cells[0], 0}, {*read, read->cells[1], 0}}).front().values.size() == 1);
  }

  TEST_CASE("a score that is not finite is written as null") {
    auto results = sample();
    results.cells[0].cases[0].scores[0] = std::numeric_limits<double>::quiet_NaN();

    const auto read = results_from_jsonl("r.jsonl", to_jsonl(results));

    REQUIRE(read);
    CHECK_FALSE(read->cells[0].cases[0].scores[0]);
  }

  TEST_CASE("unknown keys, white space and escapes are read over") {
    const auto read = results_from_jsonl(
        "r", with_case(R"( { "new" : {"a":[1,-2.5e3,"x\"",null,true,{}],"b":false} , "id":"\u00e9\ud83d\ude00\/", )"
                       R"("scores" : [ 1 , null ] } )"
                       "\r"));

    REQUIRE(read);
    CHECK(read->cells[0].cases[0].id == "é😀/");
    CHECK(read->cells[0].cases[0].scores[1] == std::nullopt);
  }

  TEST_CASE("broken lines are refused at their place") {
    CHECK(error_of("") == "r.jsonl: expected results, found an empty text");
    CHECK(error_of("{}\n") == "r.jsonl:1:1: expected the first line of results, with `llmops_results`");
    CHECK(error_of("{\"llmops_results\":2}\n") == "r.jsonl:1:1: results of format 2, expected 1");
    CHECK(error_of(with_case(R"({"id":"1","scores":[1]})")) ==
          "r.jsonl:3:1: expected 2 scores, one for each metric, found 1");
    CHECK(error_of(with_case(R"({"id":"é","scores":[1,x]})")) == "r.jsonl:3:23: expected a number here");
    CHECK(error_of(with_case(R"({"id":"1)")) == "r.jsonl:3:8: expected the end of a string here");
    CHECK(error_of(with_case(R"({"id":"1","scores":[1,2]} x)")) == "r.jsonl:3:27: expected the end of the line here");
    CHECK(error_of(with_case(R"({"id":"\ud800","scores":[1,2]})")) == "r.jsonl:3:14: expected a surrogate pair here");
    CHECK(error_of(with_case(R"({"id":"1","scores":[nan,2]})")) == "r.jsonl:3:21: expected a number here");
    CHECK(error_of(with_case(R"({"id":"1","scores":[1e999,2]})")) == "r.jsonl:3:21: expected a number here");
    CHECK(error_of(with_case("")) == "r.jsonl:3:1: expected { here");
    CHECK(error_of(with_case(R"({"id":"1","scores":[1,2],"output":"12"})")) ==
          "r.jsonl:3:1: expected a SHA-256 digest under `output`, found `12`");
    CHECK(error_of(with_case("{\"id\":\"\xff\",\"scores\":[1,2]}")) ==
          "r.jsonl:3:8: expected UTF-8, found another byte");
  }

  TEST_CASE("nesting without end is refused, not followed") {
    const auto deep = std::string(100'000, '[');
    CHECK(error_of(with_case("{\"new\":" + deep)) == "r.jsonl:3:209: expected less nesting here");
  }

  TEST_CASE("a case where a cell must stand is refused, and so is a file that was cut short") {
    auto text = to_jsonl(sample());
    const auto cell = text.find("{\"model\"");
    auto headless = text;
    headless.erase(cell, text.find('\n', cell) + 1 - cell);

    CHECK(error_of(headless) == "r.jsonl:2:1: expected the line of a cell, with `model`");
    text.erase(text.rfind("{\"id\""));
    CHECK(error_of(text) == "r.jsonl:5:1: expected 1 more case, found the end of the file");
  }

  TEST_CASE("an absurd number of cases takes no memory") {
    auto text = to_jsonl(sample());
    text = text.replace(text.find("\"cases\":2"), 9, "\"cases\":9000000000000000000");

    CHECK(error_of(text).find("expected") != std::string::npos);
  }

  TEST_CASE("cells and metrics are found by name") {
    const auto results = sample();

    CHECK(results.cell_names() == std::vector<std::string>{"small/guided", "rag"});
    CHECK(results.cell("rag") == &results.cells[1]);
    CHECK(results.cell("small") == nullptr);
    CHECK(results.metric_index("latency") == 1);
    CHECK_FALSE(results.metric_index("f1"));
  }

  TEST_CASE("a rate is summarised with Wilson's interval, errors apart") {
    auto results = sample();
    auto& cases = results.cells[0].cases;
    cases.clear();
    for (int i = 0; i < 50; ++i) cases.push_back(result_of(std::to_string(i), {i < 45 ? 1.0 : 0.0, 100.0 + i}));
    cases.push_back(result_of("failed", {std::nullopt, std::nullopt}));
    cases[0].cached = true;

    const auto rate = summarise(results, results.cells[0], 0);
    const auto latency = summarise(results, results.cells[0], 1);

    CHECK(rate.n == 50);
    CHECK(rate.errors == 1);
    CHECK(rate.cached == 1);
    CHECK(rate.value == Approx(0.9));
    CHECK(rate.low == Approx(0.786398).epsilon(1e-6));
    CHECK(rate.high == Approx(0.956524).epsilon(1e-6));
    CHECK(latency.value == Approx(124.5));
    CHECK(latency.high - latency.value == Approx(2.009575 * *latency.standard_error).epsilon(1e-6));
  }

  TEST_CASE("an interval ends where scores do") {
    auto results = sample();
    results.metrics[0].scale = Scale::graded;
    auto& cases = results.cells[0].cases;
    cases = {result_of("1", {0.9, 2.0}), result_of("2", {0.2, 3.0}), result_of("3", {1.0, 900.0})};

    const auto graded = summarise(results, results.cells[0], 0), latency = summarise(results, results.cells[0], 1);

    CHECK(graded.low == 0);
    CHECK(graded.high == 1);
    CHECK(latency.low == 0);
    CHECK(latency.high > latency.value + 4.302653 * *latency.standard_error);  // Student's, of a skewed sample.
    results.metrics[1].scale = Scale::graded;  // Of a quantity that may be negative nothing is known.
    CHECK(summarise(results, results.cells[0], 1).low < 0);
  }

  TEST_CASE("averaged repeats are summarised with mean and standard error") {
    auto results = sample();
    auto& cases = results.cells[0].cases;
    cases.clear();
    for (int i = 0; i < 60; ++i) cases.push_back(result_of(std::to_string(i), {(i % 4) / 3.0, 1.0}));

    const auto summary = summarise(results, results.cells[0], 0);

    CHECK(summary.value == Approx(0.5));
    CHECK(summary.high == Approx(0.5 + 2.000995 * *summary.standard_error).epsilon(1e-6));
  }

  TEST_CASE("clusters widen a summary") {
    auto results = sample();
    auto& cases = results.cells[0].cases;
    cases.clear();
    for (int i = 0; i < 100; ++i) cases.push_back(result_of(std::to_string(i), {i < 60 ? 1.0 : 0.0, 1.0}));
    const auto alone = summarise(results, results.cells[0], 0);
    for (int i = 0; i < 100; ++i) cases[static_cast<std::size_t>(i)].cluster = std::to_string(i / 5);

    const auto clustered = summarise(results, results.cells[0], 0);

    CHECK(clustered.value == alone.value);
    CHECK(clustered.low < alone.low);
    CHECK(clustered.high > alone.high);
  }

  TEST_CASE("a slice holds the cases whose fields match, and may be empty") {
    const auto results = sample();

    const auto bugs = summarise(results, results.cells[0], 0, {{"label", "bug"}});
    const auto none = summarise(results, results.cells[0], 0, {{"label", "bug"}, {"länge", "4"}});

    CHECK(bugs.n == 1);
    CHECK(bugs.errors == 0);
    CHECK(bugs.low == bugs.value);
    CHECK(none.n == 0);
    CHECK(to_node(none).find("value")->is_null());
  }

  TEST_CASE("all summaries come in the order of cells and metrics") {
    const auto summaries = summarise(sample());

    REQUIRE(summaries.size() == 4);
    CHECK(summaries[1].metric.name == "latency");
    CHECK(summaries[2].model == "rag");
    const auto node = to_node(summaries[0]);
    CHECK(node.get("metric", "") == "accuracy");
    CHECK(node.get("prompt", "") == "guided");
    CHECK(node.get("n", 0) == 1);
    CHECK(node.get("errors", 0) == 1);
    CHECK(node.find("stderr")->is_null());
  }

  TEST_CASE("the values of several cells stand side by side by the id of their case") {
    const auto one = [](std::string id, double value) {
      CaseResult out;
      out.id = std::move(id);
      out.scores = {value};
      return out;
    };
    CellResult a, b;
    a.cases = {one("1", 1), one("2", 2), one("3", 3)};
    b.cases = {one("3", 30), one("4", 40), one("1", 10)};

    const auto of = results_with(1);

    const auto values = aligned_values({{of, a, 0}, {of, b, 0}});

    REQUIRE(values.size() == 2);
    CHECK(values[0].values == Values{1.0, 2.0, 3.0, std::nullopt});
    CHECK(values[1].values == Values{10.0, std::nullopt, 30.0, 40.0});
    CHECK(values[0].clusters.empty());

    b.cases[0].cluster = a.cases[2].cluster = a.cases[0].cluster = "k";
    const auto clustered = aligned_values({{of, a, 0}, {of, b, 0}});
    CHECK(clustered[0].clusters == clustered[1].clusters);
    CHECK(clustered[0].clusters.size() == 4);
    CHECK(clustered[0].clusters[0] == clustered[0].clusters[2]);
    CHECK(clustered[0].clusters[1] != clustered[0].clusters[3]);
  }

  TEST_CASE("pairs are the cases that both cells have, whatever their order") {
    CellResult a{"a", "", {}, "", {result_of("1", {1.0}), result_of("2", {0.0}), result_of("only a", {1.0})}};
    CellResult b{"b", "", {}, "", {result_of("only b", {1.0}), result_of("2", {0.5, 7.0}), result_of("1", {0.0, 8.0})}};
    a.cases[1].cluster = "k";

    const auto of = results_with(2);
    const auto pairs = pair_values({of, a, 0}, {of, b, 1});

    CHECK(pairs.a == Values{1.0, 0.0});
    CHECK(pairs.b == Values{8.0, 7.0});
    CHECK(pairs.dropped == 2);
    CHECK(pairs.clusters.size() == 2);
    CHECK(pairs.clusters[0] != pairs.clusters[1]);
  }

  TEST_CASE("cases without a cluster stand alone beside those with one") {
    CellResult cell{"a", "", {}, "", {result_of("1", {1.0}), result_of("2", {0.0}), result_of("3", {})}};
    const auto of = results_with(1);
    CHECK(values_of({of, cell, 0}).clusters.empty());
    CHECK(values_of({of, cell, 0}).values == Values{1.0, 0.0, std::nullopt});
    cell.cases[0].cluster = cell.cases[2].cluster = "k";

    const auto clusters = values_of({of, cell, 0}).clusters;

    REQUIRE(clusters.size() == 3);
    CHECK(clusters[0] == clusters[2]);
    CHECK(clusters[0] != clusters[1]);
  }

  TEST_CASE("fields keep short scalars as text") {
    const auto long_text = std::string(201, 'x');
    const auto fields = Fields::of(doc::Node::map({{"label", "bug"},
                                                   {"n", 3},
                                                   {"urgent", true},
                                                   {"tags", doc::Node::strings({"a"})},
                                                   {"empty", ""},
                                                   {"text", long_text},
                                                   {"most", std::string(200, 'y')}}));

    CHECK(fields.find("label") == "bug");
    CHECK(fields.find("n") == "3");
    CHECK(fields.find("urgent") == "true");
    CHECK(fields.find("empty") == "");
    CHECK(fields.find("most")->size() == 200);
    CHECK_FALSE(fields.find("tags"));
    CHECK_FALSE(fields.find("text"));
    CHECK_FALSE(fields.find("bug"));
    CHECK(fields.list().size() == 5);
  }
}
