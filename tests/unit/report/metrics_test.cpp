#include "report/metrics.h"

#include <doctest/doctest.h>

#include "base/text.h"

using namespace llmops;
using namespace llmops::report;

namespace {

doc::Node metric(const std::string& name, const std::string& model, double value) {
  return doc::Node::map({{"metric", name},
                         {"model", model},
                         {"prompt", "p"},
                         {"n", 240},
                         {"errors", 0},
                         {"value", value},
                         {"low", value - 0.1},
                         {"high", value + 0.1},
                         {"unit", ""},
                         {"cached", 0}});
}

std::vector<std::string> lines_of(const std::string& text) {
  auto lines = text::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

/// The column at which `what` begins.
std::size_t column_of(const std::string& line, const std::string& what) {
  const auto at = line.find(what);
  REQUIRE_MESSAGE(at != std::string::npos, what, " is not in ", line);
  return width_of(line.substr(0, at));
}

}  // namespace

TEST_CASE("wide characters take two columns, combining ones none") {
  CHECK(width_of("abc") == 3);
  CHECK(width_of("日本") == 4);
  CHECK(width_of("é") == 1);
  CHECK(width_of("e\u0301") == 1);
  CHECK(width_of("✓") == 1);
  CHECK(width_of("🚀") == 2);
  CHECK(padded("日本", 6) == "日本  ");
  CHECK(padded_left("日", 3) == " 日");
  CHECK(padded("longer", 3) == "longer");
  CHECK(shortened("日本語", 5) == "日本…");
  CHECK(shortened("日本語", 4) == "日…");
  CHECK(shortened("日本語", 6) == "日本語");
  CHECK(shortened("abc", 0).empty());
}

TEST_CASE("the columns of a metrics table stand below each other, wide names or not") {
  const auto lines =
      lines_of(metrics_table({metric("accuracy", "small", 0.5), metric("正確さ", "大きい", 0.75)}, Colour::no, 2));

  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("  metric"));
  CHECK(column_of(lines[1], "small/p") == column_of(lines[0], "cell"));
  CHECK(column_of(lines[2], "大きい/p") == column_of(lines[0], "cell"));
  CHECK(column_of(lines[1], "0.500") == column_of(lines[2], "0.750"));
  CHECK(width_of(lines[1]) == width_of(lines[0]));
  CHECK(width_of(lines[2]) == width_of(lines[0]));
}

TEST_CASE("a metric without cells, interval or count shows dashes and no cell column") {
  const auto plain = doc::Node::map({{"metric", "loss"},
                                     {"model", nullptr},
                                     {"prompt", nullptr},
                                     {"n", nullptr},
                                     {"errors", nullptr},
                                     {"value", 0.25},
                                     {"low", nullptr},
                                     {"high", nullptr}});

  const auto lines = lines_of(metrics_table({plain}, Colour::no, 0));

  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("cell") == std::string::npos);
  CHECK(lines[1].starts_with("loss"));
  CHECK(lines[1].find("0.250") != std::string::npos);
  CHECK(lines[1].ends_with("–"));
}

TEST_CASE("cached answers have a column only where there are any") {
  auto cached = metric("accuracy", "small", 0.5);
  CHECK(metrics_table({cached}, Colour::no, 0).find("cached") == std::string::npos);

  cached["cached"] = 12;
  const auto lines = lines_of(metrics_table({cached}, Colour::no, 0));

  CHECK(lines[0].ends_with("cached"));
  CHECK(lines[1].ends_with("12"));
}

TEST_CASE("no metrics are no table") { CHECK(metrics_table({}, Colour::no, 4).empty()); }

TEST_CASE("a control character in a name can't reach the terminal") {
  const auto table = metrics_table({metric("acc\x1b[2Juracy", "small", 0.5)}, Colour::no, 0);

  CHECK(table.find('\x1b') == std::string::npos);
  CHECK(table.find("\\x1b") != std::string::npos);
}

TEST_CASE("values are written with their unit") {
  const auto of = [](double value, const char* unit) {
    return value_text(doc::Node::map({{"value", value}, {"unit", unit}}), "value");
  };
  CHECK(of(0.66666, "") == "0.667");
  CHECK(of(812.4, "ms") == "812 ms");
  CHECK(of(2.5, "ms") == "2.50 ms");
  CHECK(of(0.00042, "USD") == "$0.00042");
  CHECK(of(123456.0, "") == "123456");
  CHECK(value_text(doc::Node::map({{"value", nullptr}}), "value") == "–");
}

TEST_CASE("an interval has both its ends, or is a dash") {
  CHECK(interval_text(doc::Node::map({{"low", 0.605}, {"high", 0.723}})) == "[0.605, 0.723]");
  CHECK(interval_text(doc::Node::map({{"low", 0.605}, {"high", nullptr}})) == "–");
}

TEST_CASE("a gate shows what was selected and each requirement with its reason") {
  const auto row = [](const char* rule, double bound, const char* versus, const char* decision) {
    return doc::Node::map({{"metric", "accuracy"},
                           {"of", "small/guided"},
                           {"versus", versus},
                           {"rule", rule},
                           {"bound", bound},
                           {"decision", decision},
                           {"reason", "because"}});
  };
  auto narrowed = row("at_most", 0.2, "", "fail");
  narrowed["where"] = doc::Node::map({{"lang", "de"}});
  const auto gate =
      doc::Node::map({{"decision", "fail"},
                      {"selected", "small/guided"},
                      {"selection", "the best of 2"},
                      {"requirements", doc::Node(doc::List{row("at_least", 0.6, "", "pass"), narrowed,
                                                           row("better_by", 0.0, "small/terse", "inconclusive"),
                                                           row("not_worse_by", 0.02, "deployed", "not_applicable")})}});

  const auto lines = lines_of(gate_text(gate, Colour::no, 2));

  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "  selected small/guided  the best of 2");
  CHECK(lines[1] == "  ✓ pass  accuracy of small/guided ≥ 0.6");
  CHECK(lines[2] == "      because");
  CHECK(lines[3] == "  ✗ fail  accuracy of small/guided where lang = de ≤ 0.2");
  CHECK(lines[5] == "  ? inconclusive  accuracy of small/guided better than small/terse");
  CHECK(lines[7] == "  – not applicable  accuracy of small/guided not worse than deployed by 0.02");
}

TEST_CASE("colour is put on only where it is wanted") {
  CHECK(paint(Colour::no, Paint::red, "x") == "x");
  CHECK(paint(Colour::yes, Paint::plain, "x") == "x");
  CHECK(paint(Colour::yes, Paint::red, "x") == "\x1b[31mx\x1b[0m");
}
