#include "doc/node.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "doc/json.h"

using llmops::doc::Kind;
using llmops::doc::Node;

TEST_SUITE("doc/node") {
  TEST_CASE("a map keeps the order in which its keys were added and replaces in place") {
    Node node;

    node["z"] = 1;
    node["a"] = "x";
    node["z"] = 2;

    CHECK(to_json(node) == R"({"z":2,"a":"x"})");
    CHECK(node.size() == 2);
  }

  TEST_CASE("an erased key is gone, and erasing it again says that it was not there") {
    Node node = Node::map({{"a", 1}, {"b", 2}});

    CHECK(node.erase("a"));
    CHECK_FALSE(node.erase("a"));
    CHECK_FALSE(Node(3).erase("a"));
    CHECK(to_json(node) == R"({"b":2})");
  }

  TEST_CASE("lenient reads give the other value for a missing key and for another kind") {
    const Node node = Node::map({{"name", "x"}, {"n", 3}, {"share", 0.5}, {"on", true}});

    CHECK(node.get("name", "none") == "x");
    CHECK(node.get("n", "none") == "none");
    CHECK(node.get("n", 0) == 3);
    CHECK(node.get("share", 0) == 0);
    CHECK(node.get("n", 0.0) == 3.0);
    CHECK(node.get("on", false));
    CHECK(node.get("missing", std::int64_t{7}) == 7);
    CHECK(Node(1).get("n", 4) == 4);
  }

  TEST_CASE("equality looks at values, not at the order of keys nor at how a number is held") {
    CHECK(Node::map({{"a", 1}, {"b", 2}}) == Node::map({{"b", 2}, {"a", 1}}));
    CHECK(Node::map({{"a", 1}}) != Node::map({{"b", 1}}));
    CHECK(Node(1) == Node(1.0));
    CHECK(Node(1) != Node(1.5));
    CHECK(Node("1") != Node(1));
    CHECK(Node() != Node(false));
    CHECK(Node(std::int64_t{9007199254740993}) != Node(9007199254740992.0));
  }

  TEST_CASE("a plain scalar's text is what was written") {
    const Node version = Node::plain(Node(1.1), "1.10");

    CHECK(version.text() == "1.10");
    CHECK(version.as_double() == 1.1);
    CHECK(Node::plain(Node(3), "3").as_written().empty());
  }

  TEST_CASE("text of a scalar made by code is its JSON without quotes") {
    CHECK(Node().text() == "null");
    CHECK(Node(true).text() == "true");
    CHECK(Node(-3).text() == "-3");
    CHECK(Node(0.5).text() == "0.5");
    CHECK(Node(2.0).text() == "2.0");
    CHECK(Node::strings({"a"}).text() == R"(["a"])");
  }

  TEST_CASE("a reader of the wrong kind is a bug and throws") {
    CHECK_THROWS_AS((void)Node("x").as_int(), std::logic_error);
    CHECK_THROWS_AS((void)Node(1).items(), std::logic_error);
    CHECK(Node(1).as_double() == 1.0);
  }

  TEST_CASE("a number beyond a signed integer becomes a real instead of a negative one") {
    const Node node(std::numeric_limits<std::uint64_t>::max());

    CHECK(node.kind() == Kind::real);
    CHECK(node.as_double() == 18446744073709551615.0);
  }

  TEST_CASE("a real's text has an exponent only where Python's would") {
    CHECK(Node(100000.0).text() == "100000.0");
    CHECK(Node(1e6).text() == "1000000.0");
    CHECK(Node(-0.25).text() == "-0.25");
    CHECK(Node(0.0001).text() == "0.0001");
    CHECK(Node(0.00001).text() == "1e-05");
    CHECK(Node(1e16).text() == "1e+16");
    CHECK(Node(123456789012345.5).text() == "123456789012345.5");
  }
}
