#include <doctest/doctest.h>

#include <limits>

#include "base/text.h"
#include "doc/json.h"
#include "report/comparison_html.h"
#include "report/html/assets.h"
#include "report/html/cases.h"
#include "report/html/chart.h"
#include "report/html/markup.h"
#include "report/report_file.h"

using namespace llmops;
using namespace llmops::report;

namespace {

const std::string kHostile = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> \" ' &";

score::AnswerLine answer(std::size_t cell, const std::string& id, const std::string& output) {
  score::AnswerLine out;
  out.cell = cell;
  out.case_id = id;
  out.output = output;
  out.expected = "ok";
  out.latency = Duration{120};
  return out;
}

score::CaseResult scored(const std::string& id, double accuracy, const std::string& text = {}) {
  score::CaseResult out;
  out.id = id;
  out.scores = {accuracy, 120.0, std::nullopt};
  out.fields.add("text", text.empty() ? "the text of " + id : text);
  out.fields.add("label", "ok");
  return out;
}

/// Two cells with two cases each, of which one failed, one got no answer.
EvalView eval(const std::string& output) {
  score::Results results;
  results.dataset = "golden";
  results.metrics = {{"accuracy", score::Scale::binary, score::Better::higher, {}},
                     {"latency_ms", score::Scale::amount, score::Better::lower, "ms"},
                     {"cost_usd_per_query", score::Scale::amount, score::Better::lower, "USD"}};
  score::CellResult terse{"small", "terse", {}, "b10b", {scored("1", 1), scored("2", 0)}};
  score::CellResult guided{"small", "guided", {}, "b10b", {scored("2", 1), scored("3", 1)}};
  guided.cases[1].error = "no connection";
  guided.cases[1].scores = {std::nullopt, std::nullopt, std::nullopt};
  results.cells = {terse, guided};
  auto lines = score::to_line(answer(0, "1", "ok")) + score::to_line(answer(1, "2", "ok"));
  auto wrong = answer(0, "2", output);
  wrong.reasons["accuracy"] = "found `" + output + "`";
  return *eval_view("quality", results, lines + score::to_line(wrong));
}

doc::Node metric(const std::string& name, const std::string& prompt, doc::Node value, const std::string& unit) {
  const bool known = value.is_number();
  const double at = known ? value.as_double() : 0;
  return doc::Node::map({{"metric", name},
                         {"model", "small"},
                         {"prompt", prompt},
                         {"n", known ? doc::Node(2) : doc::Node(0)},
                         {"errors", 0},
                         {"value", value},
                         {"low", known ? doc::Node(at * 0.9) : doc::Node()},
                         {"high", known ? doc::Node(at * 1.1) : doc::Node()},
                         {"scale", unit.empty() ? "binary" : "amount"},
                         {"better", unit.empty() ? "higher" : "lower"},
                         {"unit", unit},
                         {"cached", 1}});
}

RunView run(const std::string& output) {
  auto quality = doc::Node::map({{"id", "quality"}, {"kind", "eval"}, {"status", "ran"}, {"reason", ""}});
  for (const auto* prompt : {"terse", "guided"}) {
    quality["metrics"].push_back(metric("accuracy", prompt, 0.5, ""));
    quality["metrics"].push_back(metric("latency_ms", prompt, 120.0, "ms"));
    quality["metrics"].push_back(metric("cost_usd_per_query", prompt, {}, "USD"));
  }
  quality["cost_usd"] = nullptr;
  auto gate = doc::Node::map({{"id", "decide"}, {"kind", "gate"}, {"status", "failed"}, {"reason", ""}});
  gate["gate"] = doc::Node::map({{"decision", "fail"}, {"selected", "small/guided"}, {"selection", "the best"}});
  gate["gate"]["requirements"].push_back(doc::Node::map({{"metric", "accuracy"},
                                                         {"of", "small/guided"},
                                                         {"rule", "at_least"},
                                                         {"bound", 0.9},
                                                         {"value", 0.5},
                                                         {"low", 0.3},
                                                         {"high", 0.7},
                                                         {"decision", "fail"},
                                                         {"reason", "0.500 < 0.90 " + output}}));
  auto document = doc::Node::map({{"run", "01RUN"},
                                  {"recipe", "triage"},
                                  {"recipe_path", "triage.yaml"},
                                  {"environment", "dev"},
                                  {"commit", std::string(40, 'c')},
                                  {"dirty", true},
                                  {"changed", doc::Node::strings({"data/<odd>.csv"})},
                                  {"status", "failed"},
                                  {"release_key", "sha256:" + std::string(64, 'e')},
                                  {"cost_usd", nullptr},
                                  {"steps", doc::Node(doc::List{quality, gate})}});
  return {document, {eval(output)}};
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

std::string between(const std::string& text, std::string_view from, std::string_view to) {
  const auto start = text.find(from);
  REQUIRE(start != std::string::npos);
  const auto begin = start + from.size();
  return text.substr(begin, text.find(to, begin) - begin);
}

doc::Node data_of(const std::string& page) {
  const auto data = doc::parse_json_data(between(page, "id=\"data\">", "</script>"));
  REQUIRE(data);
  return *data;
}

/// All of the page but its script and style, which are ours.
std::string without_ours(std::string page) {
  page = text::replace_all(page, page_script(), "");
  return text::replace_all(page, page_style(), "");
}

}  // namespace

TEST_CASE("a text shows what would control a terminal, break a line or turn its direction") {
  CHECK(visible("a\tb\nc é 漢 👩‍💻") == "a\tb\nc é 漢 👩‍💻");
  CHECK(visible(std::string_view("\0\x1b[31m\x7f", 7)) == "\\x00\\x1b[31m\\x7f");
  CHECK(visible("\xff\xc3") == "\\xff\\xc3");
  CHECK(visible("\xe2\x80\xa8 \xe2\x80\xa9") == "\\u2028 \\u2029");
  CHECK(visible("\xe2\x80\xaetxt.exe\xe2\x81\xa6 \xd8\x9c \xe2\x80\x8f") == "\\u202etxt.exe\\u2066 \\u061c \\u200f");
  CHECK(visible("“quoted” …") == "“quoted” …");
}

TEST_CASE("a text becomes markup by being escaped, in content and in attributes") {
  CHECK(Markup("<b title='x'>&\"").html() == "&lt;b title=&#39;x&#39;&gt;&amp;&quot;");
  CHECK(element("p", {{"title", "\"><script>"}}, "<b>").html() ==
        "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;</p>");
  CHECK(element("p", "a " + element("b", "c")).html() == "<p>a <b>c</b></p>");
}

TEST_CASE("what a model said can't leave the data or the tables it stands in") {
  const auto page = html(run(kHostile));

  const auto rest = without_ours(page);
  CHECK(count(rest, "<script") == 2);
  CHECK(count(rest, "</script") == 2);
  CHECK(count(rest, "<!--") == 0);
  CHECK(count(rest, "<img") == 0);
  CHECK(data_of(page)
            .find("tables")
            ->items()[0]
            .find("cases")
            ->items()[1]
            .find("results")
            ->items()[0]
            .find("answers")
            ->items()[0]
            .get("output", "") == kHostile);
  CHECK(rest.find("data/&lt;odd&gt;.csv") != std::string::npos);
}

TEST_CASE("a page loads nothing and runs only the script that it came with") {
  const auto page = html(run("no"));

  const auto policy = between(page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
  CHECK(policy.starts_with("default-src &#39;none&#39;; script-src &#39;sha256-"));
  CHECK(count(policy, "unsafe") == 0);
  CHECK(count(policy, "sha256-") == 2);
  for (const auto* ours : {"script", "style"}) {
    const auto text = std::string(ours) == "script" ? page_script() : page_style();
    CAPTURE(ours);
    CHECK(count(text, "</script") == 0);
    CHECK(count(text, "</style") == 0);
    CHECK(count(text, "<!--") == 0);
    CHECK(count(text, "innerHTML") == 0);
    CHECK(count(text, "://") == 0);
  }
  const auto rest = without_ours(page);
  CHECK(count(rest, " src=") == 0);
  CHECK(count(rest, "://") == 0);
  CHECK(count(rest, " style=") == 0);
  CHECK(count(rest, "<link") == 0);
}

TEST_CASE("the summary stands in the page itself: decisions with reasons, metrics with intervals, where it came from") {
  const auto page = html(run("no"));

  CHECK(page.find("<h1>triage <span class=\"of\">in dev</span></h1>") != std::string::npos);
  CHECK(page.find("<div class=\"note\">0.500 &lt; 0.90 no</div>") != std::string::npos);
  CHECK(page.find("accuracy of small/guided ≥ 0.9") != std::string::npos);
  CHECK(page.find("<td class=\"number\">[0.450, 0.550]</td>") != std::string::npos);
  CHECK(page.find("uncommitted changes") != std::string::npos);
  CHECK(page.find("sha256:" + std::string(64, 'e')) != std::string::npos);
  CHECK(page.find("<svg class=\"scatter\"") != std::string::npos);
  CHECK(page.find("<svg class=\"histogram\"") != std::string::npos);
}

TEST_CASE("a cost that is not known is said to be unknown, and its plot says of whom") {
  const auto page = html(run("no"));

  CHECK(page.find("<dt>cost</dt><dd>unknown</dd>") != std::string::npos);
  CHECK(page.find("<td class=\"number\">unknown</td>") != std::string::npos);
  CHECK(page.find("mean cost of a query, USD is unknown of small/terse, small/guided.") != std::string::npos);
  CHECK(page.find("$0") == std::string::npos);
}

TEST_CASE("equal runs give equal pages") { CHECK(html(run("no")) == html(run("no"))); }

TEST_CASE("cells are joined by case, and each result has its state") {
  const auto view = eval("no");
  const auto data = doc::parse_json_data(case_data({{"quality", {{"t", view, 0}, {"g", view, 1}}, false}}));
  REQUIRE(data);
  const auto& table = data->find("tables")->items()[0];
  const auto& cases = table.find("cases")->items();

  REQUIRE(cases.size() == 3);
  CHECK(cases[0].get("title", "") == "text");
  CHECK(cases[0].get("expected", "") == "ok");
  CHECK(cases[0].find("fields")->get("label", "") == "ok");
  CHECK(cases[0].find("results")->items()[0].get("state", "") == "passed");
  CHECK(cases[0].find("results")->items()[1].is_null());
  CHECK(cases[1].find("results")->items()[0].get("state", "") == "failed");
  CHECK(cases[1].find("results")->items()[1].get("state", "") == "passed");
  CHECK(cases[2].find("results")->items()[1].get("state", "") == "error");
  CHECK(cases[2].find("results")->items()[1].get("error", "") == "no connection");
  CHECK(cases[2].find("results")->items()[1].find("scores")->items()[0].is_null());
}

TEST_CASE("a case's long fields come from its answers, and name it where no short one does") {
  auto view = eval("no");
  for (auto& one : view.results.cells[0].cases) one.fields = {};
  view.answers[{0, "2"}][0].long_fields = {{"story", std::string(300, 's') + "<b>"}};
  const auto data = doc::parse_json_data(case_data({{"quality", {{"t", view, 0}, {"g", view, 1}}, false}}));
  REQUIRE(data);
  const auto& cases = data->find("tables")->items()[0].find("cases")->items();

  CHECK(cases[1].get("title", "") == "story");
  CHECK(cases[1].find("fields")->get("story", "") == std::string(300, 's') + "<b>");
  CHECK_FALSE(cases[0].find("title"));
}

TEST_CASE("what was called stands behind the text of its answer") {
  auto view = eval("Paris");
  view.answers[{0, "2"}][0].tool_calls = *doc::parse_json_data(R"([{"name":"weather","arguments":{"city":"Paris"}}])");

  const auto data = case_data({{"quality", {{"t", view, 0}}, false}});

  CHECK(data.find(R"x("output":"Paris\nweather({\"city\":\"Paris\"})")x") != std::string::npos);
}

TEST_CASE("a long text is cut at a whole character, and says how long it was") {
  const auto view = eval(std::string(40 * 1024, 'a') + "é");
  const auto output = [&](const TextLimits& limits) {
    const auto data = doc::parse_json_data(case_data({{"quality", {{"t", view, 0}}, false}}, limits));
    REQUIRE(data);
    return *data->find("tables")
                ->items()[0]
                .find("cases")
                ->items()[1]
                .find("results")
                ->items()[0]
                .find("answers")
                ->items()[0]
                .find("output");
  };

  const auto cut = output({});
  CHECK(cut.get("text", "").size() == 32 * 1024);
  CHECK(cut.get("shown", "") == "32.0 KiB");
  CHECK(cut.get("all", "") == "40.0 KiB");
  CHECK(output({.longest = 40 * 1024 + 1}).get("text", "") == std::string(40 * 1024, 'a'));
  CHECK(output({.longest = 64 * 1024}).is_string());
}

TEST_CASE("many long texts are each cut shorter, so that all of them stay bearable") {
  const auto view = eval(std::string(4096, 'a'));
  const auto data = case_data({{"quality", {{"t", view, 0}}, false}}, {.longest = 4096, .least = 256, .total = 3000});

  CHECK(data.find("\"shown\":\"1.0 KiB\",\"all\":\"4.0 KiB\"") != std::string::npos);
  const auto least = case_data({{"quality", {{"t", view, 0}}, false}}, {.longest = 4096, .least = 256, .total = 0});
  CHECK(least.find("\"shown\":\"256 B\"") != std::string::npos);
}

TEST_CASE("answers that are elsewhere leave their scores") {
  auto view = run("no");
  view.evals[0].has_answers = false;
  view.evals[0].answers.clear();
  const auto data = data_of(html(view));
  const auto& table = data.find("tables")->items()[0];

  CHECK_FALSE(table.find("columns")->items()[0].get("answers", true));
  CHECK(table.find("cases")->items()[1].find("results")->items()[0].get("state", "") == "failed");
  CHECK_FALSE(table.find("cases")->items()[1].find("results")->items()[0].find("answers"));
}

TEST_CASE("drawings bear equal values, single values and values beyond their range") {
  CHECK(interval_bar({{1, 1, 1}, 5.0, ""}, {0, 2}).html().find("cx=\"80.0\"") != std::string::npos);
  CHECK(interval_bar({{1, 1, 1}, 5.0, ""}, {0, 2}).html().find("nan") == std::string::npos);
  const auto same = scatter({{"a", {0, 0, 0}, {1, 1, 1}}}, {"x", true}, {"y"});
  CHECK(same.html().find("nan") == std::string::npos);
  CHECK(same.html().find("inf") == std::string::npos);
  const auto bars = histogram({0.1, 0.1, 7}, {{0, 1}, 2, "two low, one high"});
  CHECK(count(bars.html(), "class=\"count\"") == 2);
}

TEST_CASE("a page bears numbers of any size") {
  auto view = run("no");
  auto& metrics = view.document.find("steps")->items()[0].find("metrics")->items();
  for (const auto* key : {"value", "high"}) metrics[0][key] = 1e308;
  metrics[0]["low"] = -1e308;
  for (const auto* key : {"value", "low", "high"}) metrics[1][key] = 1e-320;
  auto& cases = view.evals[0].results.cells[0].cases;
  cases[0].scores = {1e308, -1e308, 1e-320};
  cases[1].scores = {-1e308, 1e308, std::numeric_limits<double>::quiet_NaN()};

  const auto page = without_ours(html(view));

  CHECK(count(page, "\"nan\"") == 0);
  CHECK(count(page, "\"-nan\"") == 0);
  CHECK(count(page, "\"inf\"") == 0);
}

TEST_CASE("two runs side by side: what differs, by how much, and both answers of each case") {
  auto before = run("no"), after = run("yes");
  const lineage::RunEntry entry_a{{}, before.document.get("commit", ""), before.document};
  const lineage::RunEntry entry_b{{}, after.document.get("commit", ""), after.document};
  lineage::Side a{"HEAD~1", &entry_a, "", {{"quality", before.evals[0].results, {}}}};
  lineage::Side b{"<HEAD>", &entry_b, "", {{"quality", after.evals[0].results, {}}}};
  b.steps[0].results.cells[0].prompt_blob = "5eed";
  b.steps[0].results.cells[0].cases[1].scores[0] = 1.0;
  after.evals[0].results = b.steps[0].results;
  const auto compared = lineage::compare(a, b, {.resamples = 100});
  REQUIRE(compared);
  std::vector<std::string> diffs(compared->differences.size());
  diffs[0] = "@@ -1 +1 @@\n-Sort: {{ text }}\n+Sort <this>: {{ text }}\n";
  const ComparisonView view{a, b, *compared, {compared->flips.size(), {"no", "yes"}}, diffs};

  const auto page = html(view, {{before.evals[0]}, {after.evals[0]}});

  CHECK(page.find("&lt;HEAD&gt;") != std::string::npos);
  CHECK(page.find("<span class=\"added\">+Sort &lt;this&gt;: {{ text }}\n</span>") != std::string::npos);
  CHECK(page.find("<td class=\"number\">+0.500</td>") != std::string::npos);
  const auto data = data_of(page);
  const auto& tables = data.find("tables")->items();
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].get("name", "") == "small/terse");
  CHECK(tables[0].get("paired", false));
  const auto& results = tables[0].find("cases")->items()[1].find("results")->items();
  CHECK(results[0].find("answers")->items()[0].get("output", "") == "no");
  CHECK(results[1].find("answers")->items()[0].get("output", "") == "yes");
}
