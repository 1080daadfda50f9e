#include "schema/fitted.h"

#include <doctest/doctest.h>

#include "sample.h"

using namespace llmops;
using schema::fitted;
using schema::Type;

TEST_CASE("a text that reads as the number or the truth that is wanted becomes it") {
  CHECK(fitted(Type::of(Type::Kind::number), "0.5") == doc::Node(0.5));
  CHECK(fitted(Type::of(Type::Kind::number), " 1e3 ") == doc::Node(1000));
  CHECK(fitted(Type::of(Type::Kind::integer), "-3") == doc::Node(-3));
  CHECK(fitted(Type::of(Type::Kind::boolean), "true") == doc::Node(true));
  CHECK(fitted(Type::list_of(Type::of(Type::Kind::integer)), doc::Node::strings({"1", "2"})).items()[1].is_int());
}

TEST_CASE("a text that does not read as what is wanted stays a text, for the check to refuse") {
  for (const auto& [kind, text] : {std::pair(Type::Kind::number, "abc"), std::pair(Type::Kind::number, ""),
                                   std::pair(Type::Kind::integer, "1.5"), std::pair(Type::Kind::boolean, "yes"),
                                   std::pair(Type::Kind::boolean, "1"), std::pair(Type::Kind::number, "${x}")}) {
    CAPTURE(text);
    CHECK(fitted(Type::of(kind), text).is_string());
  }
}

TEST_CASE("a text stays a text where one is wanted, and keeps its place") {
  CHECK(fitted(Type::of(Type::Kind::string), "3").is_string());
  CHECK(fitted(Type::of(Type::Kind::any), "3").is_string());
  const auto source = std::make_shared<const SourceText>(SourceText{"a.yaml", "x"});
  const auto out = fitted(Type::of(Type::Kind::integer), doc::Node("3").set_at({source, 4, 2}));
  CHECK(out.at().line == 4);
}

TEST_CASE("keys of a record, and the alternative it has, are fitted to their own types") {
  const auto& type = schema::type_of<sample::Scorer>();
  const auto out = fitted(
      type, doc::Node::map({{"weight", "0.5"}, {"metric", "7"}, {"latency", doc::Node::map({{"at_most_ms", "20"}})}}));
  CHECK(out.find("weight")->is_number());
  CHECK(out.find("metric")->is_string());
  CHECK(out.find("latency")->find("at_most_ms")->is_int());
}
