// Scorers that look at an answer's form.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "unit/score/scoring.h"

using namespace llmops;
using namespace llmops::score;
using namespace llmops::score::testing;

namespace {

Sample ended(std::string output, std::string finish_reason) {
  auto out = answer(std::move(output));
  out.finish_reason = std::move(finish_reason);
  return out;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_SUITE("score/scorers/forms") {
  TEST_CASE("over 4 MiB of JSON in one piece are an error of the case") {
    const auto numbers = "[" + repeated("1,", std::size_t{3} << 20) + "1]";
    CHECK(failure("equals: [1]", answer(numbers)) == "the answer has over 4 MiB of JSON, more than is read");
  }

  TEST_CASE("is-xml wants one well-formed document") {
    CHECK(value("is-xml", answer("<a><b c='d'/>text &amp; more</a>\n")) == 1);
    CHECK(value("is-xml", answer("<?xml version='1.0' encoding='UTF-16'?><!-- x --><a/>")) == 1);
    CHECK(value("is-xml", answer("<a xmlns:x='u'><x:b/></a>")) == 1);
    CHECK(value("is-xml", answer("<!DOCTYPE note SYSTEM 'note.dtd'><note/>")) == 1);
    for (const auto* text : {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a/> text", "<a b=c/>", "<a b='1' b='2'/>",
                             "<a>&nbsp;</a>", "<a>\xff</a>", "<a>a & b</a>", "Sure: <a/>", "<1/>"}) {
      CAPTURE(text);
      CHECK(value("is-xml", answer(text)) == 0);
    }
    CHECK(value("is-xml", answer(std::string("<a>\0</a>", 8))) == 0);
    CHECK(reason("is-xml", answer("<a></b>")) == "the answer is not XML: mismatched tag (at byte 5)");
  }

  TEST_CASE("entities are never declared, expanded or fetched") {
    const std::string bomb =
        "<!DOCTYPE z [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
        "'&b;&b;&b;&b;&b;&b;&b;'>]>"
        "<z>&c;</z>";
    CHECK(reason("is-xml", answer(bomb)) ==
          "the answer is not XML: a document type with declarations inside is not read");
    CHECK(value("is-xml", answer("<!DOCTYPE z [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><z>&x;</z>")) == 0);
    CHECK(value("contains-xml", answer("<!DOCTYPE z [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><z>&x;</z>")) == 0);
  }

  TEST_CASE("required elements are paths from the root") {
    const std::string order = "<order><item><price>3</price></item><item><name/></item></order>";
    CHECK(value("is-xml: {required: [order.item.price, order.item.name]}", answer(order)) == 1);
    CHECK(value("is-xml: {required: order}", answer(order)) == 1);
    CHECK(reason("is-xml: {required: [order.price, item.price, order.item]}", answer(order)) ==
          "the answer is XML without the elements `order.price`, `item.price`");
    CHECK(reason("not-is-xml: {required: [order.item]}", answer(order)) ==
          "the answer is XML with the elements `order.item`");
    const auto fields = doc::Node::map({{"paths", doc::Node::strings({"order.item.price"})}});
    CHECK(value("is-xml: {required: '${case.paths}'}", with_case(answer(order), fields)) == 1);
    CHECK(value("contains-xml: {required: [order.item]}", answer("Here: " + order + " ok?")) == 1);
    CHECK(value("contains-xml: {required: [item.price]}", answer("<broken> " + order)) == 1);
    CHECK(value("contains-xml: {required: [order.nothing]}", answer("Here: " + order)) == 0);
    CHECK(refused("is-xml: {required: []}").starts_with("r.yaml:1:20: "));
  }

  TEST_CASE("contains-xml finds a whole element in other text") {
    CHECK(value("contains-xml", answer("Sure:\n```xml\n<a><b/></a>\n```")) == 1);
    CHECK(value("contains-xml", answer("a < b and <i>b</i> > c")) == 1);
    CHECK(value("contains-xml", answer("<p>one<br>two <i>three</i>")) == 1);
    CHECK(value("contains-xml", answer("<p>one<br>two")) == 0);
    CHECK(value("contains-xml", answer("<a><!-- never closed <b/>")) == 1);
    CHECK(value("contains-xml", answer("x <y and y> z")) == 0);
    CHECK(value("contains-xml", answer("")) == 0);
  }

  TEST_CASE("deep or endless XML is an error of the case or no XML, never a crash") {
    CHECK(failure("is-xml", answer(repeated("<a>", 5000))).starts_with("the answer's elements are nested more than"));
    CHECK(value("is-xml", answer(repeated("<a>", 900) + repeated("</a>", 900))) == 1);
    CHECK(value("contains-xml", answer(repeated("<a ", 5000))) == 0);
    CHECK(failure("contains-xml", answer(repeated("<a><?b ", 5000) + std::string(100000, ' ')))
              .starts_with("too many places of the answer"));
  }

  TEST_CASE("is-sql wants statements of PostgreSQL's grammar and nothing else") {
    for (const auto* text : {"SELECT a FROM t WHERE b = 'x'", " select 1; delete from t -- all\n",
                             "WITH x AS (SELECT 1) SELECT * FROM x;", "INSERT INTO \"T\" VALUES (1, 'é')"}) {
      CAPTURE(text);
      CHECK(value("is-sql", answer(text)) == 1);
    }
    for (const auto* text : {"", ";", "-- nothing", "SELECT FROM WHERE", "SELECT a FROM `t`", "```sql\nSELECT 1\n```",
                             "SELECT '\xff'", "Here you are: SELECT 1"}) {
      CAPTURE(text);
      CHECK(value("is-sql", answer(text)) == 0);
    }
    CHECK(value("is-sql", answer(std::string("SELECT 1\0 bad", 14))) == 0);
    CHECK(reason("is-sql", answer("SELEC 1")) == "the answer is not SQL: syntax error at or near \"SELEC\"");
    CHECK(reason("is-sql", answer(" ")) == "the answer is not SQL: it has no statement");
  }

  TEST_CASE("contains-sql finds a block, or a statement that ends") {
    CHECK(value("contains-sql", answer("Sure:\n```sql\nSELECT 1\n```\nDone.")) == 1);
    CHECK(value("contains-sql", answer("```\nx = 1\n```\n```\nDROP TABLE t\n```")) == 1);
    CHECK(value("contains-sql", answer("Use this:\n  SELECT a\n  FROM t;\nand that is it")) == 1);
    CHECK(value("contains-sql", answer("SELECT 1")) == 1);
    CHECK(value("contains-sql", answer("Select one of these options; then press OK.")) == 0);
    CHECK(value("contains-sql", answer("With best regards;")) == 0);
    CHECK(value("contains-sql", answer("nothing here")) == 0);
    CHECK(value("contains-sql", answer(repeated("nothing here\n", 5000))) == 0);
  }

  TEST_CASE("SQL that can't be told in bounds is an error of the case") {
    CHECK(failure("is-sql", answer("SELECT " + repeated("a,", 10000) + "a")).starts_with("longer than 16 KiB"));
    CHECK(failure("is-sql", answer("SELECT " + repeated("(", 16000))).starts_with("nested too deep"));
    CHECK(failure("contains-sql", answer("SELECT " + repeated("a,", 10000) + "a")).starts_with("longer than 16 KiB"));
    CHECK(failure("contains-sql", answer(repeated("select x y z;\n", 300))).starts_with("too many places"));
  }

  TEST_CASE("SQL is parsed on many threads at once") {
    const auto scorer = made("is-sql");
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 200; ++n) {
          const bool good = (n + i) % 2 == 0;
          const auto scored = scorer->score(answer(good ? "SELECT a, 'b' FROM t" : "SELECT a, 'b FROM t"));
          if (!scored || (scored->value == 1) != good) ++wrong;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
  }

  TEST_CASE("word-count counts what white space parts") {
    CHECK(value("{word-count: 3}", answer(" one two\n\tthree ")) == 1);
    CHECK(value("{word-count: 2}", answer("one\xC2\xA0two")) == 1);
    CHECK(value("{word-count: 0}", answer(" ")) == 1);
    CHECK(value("{word-count: {min: 2}}", answer("one")) == 0);
    CHECK(value("{word-count: {max: 2}}", answer("one two")) == 1);
    CHECK(value("{word-count: {min: 1, max: 2}}", answer("one two three")) == 0);
    CHECK(value("{not-word-count: {max: 2}}", answer("one two three")) == 1);
    CHECK(reason("{word-count: {min: 2, max: 3}}", answer("one")) == "found 1 word, expected at least 2 and at most 3");
    const auto fields = doc::Node::map({{"limit", 2}});
    CHECK(value("word-count: {max: '${case.limit}'}", with_case(answer("a b c"), fields)) == 0);
    CHECK(value("word-count: ${case.limit}", with_case(answer("a b"), fields)) == 1);
  }

  TEST_CASE("word-count refuses bounds that nothing meets") {
    CHECK(refused("{word-count: {}}").find("needs a number of words") != std::string::npos);
    CHECK(refused("{word-count: {min: 3, max: 2}}") == "r.yaml:1:14: no answer has at least 3 and at most 2 words");
    CHECK(refused("{word-count: -1}").starts_with("r.yaml:1:14: "));
    CHECK(refused("word-count").find("needs a setting") != std::string::npos);
  }

  TEST_CASE("is-refusal knows English phrases at an answer's beginning, and an empty answer") {
    for (const auto* text :
         {"I'm sorry, but I can't help with that.",
          "I\xE2\x80\x99m sorry, but I can\xE2\x80\x99t assist with that request.",
          "I cannot provide instructions for that.", "As an AI language model, I don't have personal opinions.",
          "Unfortunately, I am unable to help you with this.", "I must decline.", "I won't write that.", "", "  \n",
          "Sorry, I can't do that.", "That's not something I can help with.", "I'm not able to assist with that.",
          "I apologize, but I cannot fulfill this request.", "This goes against my guidelines.",
          "I do not feel comfortable with this."}) {
      CAPTURE(text);
      CHECK(value("is-refusal", answer(text)) == 1);
    }
    for (const auto* text :
         {"billing", "I'm sorry to hear that you were charged twice.", "You can't log in because the server is down.",
          "I can help with that.", "We cannot find the invoice you mention, so please send it.", "Sorry for the delay!",
          "The AI model can't be beaten at chess."}) {
      CAPTURE(text);
      CHECK(value("is-refusal", answer(text)) == 0);
    }
    CHECK(value("is-refusal", answer(repeated("All is well. ", 100) + "I can't help with that.")) == 0);
    CHECK(value("is-refusal", ended("No.", "refusal")) == 1);
    CHECK(reason("not-is-refusal", answer("Well, I cannot help with it")) == "the answer refuses: `I cannot help`");
    CHECK(value("not-is-refusal", answer("billing")) == 1);
  }

  TEST_CASE("finish-reason compares why an answer ended") {
    CHECK(value("{finish-reason: stop}", ended("x", "stop")) == 1);
    CHECK(value("{finish-reason: stop}", ended("x", "length")) == 0);
    CHECK(reason("{finish-reason: stop}", ended("x", "length")) == "the answer ended with `length`, expected `stop`");
    CHECK(failure("{finish-reason: stop}", answer("x")) == "the model did not say why its answer ended");
    CHECK(refused("{finish-reason: stopped}").starts_with("r.yaml:1:17: "));
    CHECK(refused("finish-reason").find("needs a setting") != std::string::npos);
  }
}
