#include <doctest/doctest.h>

#include "doc/yaml.h"
#include "schema/record.h"

using namespace llmops;

namespace {

struct Place {
  std::string name;
  std::int64_t approvals = 0;
  doc::Node run_on = "local";
};

const schema::Record<Place>& record_of(Place*) {
  static const auto record = schema::Record<Place>("place", "Where something runs.")
                                 .need("name", &Place::name, "Its name.")
                                 .may("approvals", &Place::approvals, "How many must agree.")
                                 .without_effect("nobody is asked")
                                 .may("run_on", &Place::run_on, "The machine.")
                                 .without_effect("it runs here");
  return record;
}

std::vector<std::string> found(const schema::Type& type, const std::string& yaml) {
  const auto node = doc::parse_yaml("a.yaml", yaml);
  REQUIRE(node);
  REQUIRE(schema::check(type, *node, schema::Late::allow).empty());
  std::vector<std::string> out;
  for (const auto& warning : schema::without_effect(type, *node)) {
    out.push_back(warning.at.to_string() + " " + warning.message);
  }
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE("schema/without_effect") {
  TEST_CASE("a key that nothing acts on is found with its place and what happens instead") {
    CHECK(found(schema::type_of<Place>(), "name: a\napprovals: 2\nrun_on: {engine: ray}\n") ==
          Texts{"a.yaml:2:1 `approvals` has no effect in this version: nobody is asked",
                "a.yaml:3:1 `run_on` has no effect in this version: it runs here"});
  }

  TEST_CASE("a default that is written out is no news") {
    CHECK(found(schema::type_of<Place>(), "name: a\napprovals: 0\nrun_on: local\n") == Texts{});
  }

  TEST_CASE("keys are found in lists, maps, short forms and below the key that was chosen") {
    struct Whole {
      std::vector<Place> list;
      std::vector<std::pair<std::string, Place>> map;
      schema::Tagged what;
    };
    schema::Record<Whole> record("whole", "All of it.");
    record.may("list", &Whole::list, "A list.").may("map", &Whole::map, "A map.");
    record.one_of(&Whole::what, {{"place", schema::type_of<Place>(), "One."}}, schema::Record<Whole>::Bare::no, "not-");
    auto type = record.type();
    auto one_or_many = schema::Type::list_of(schema::type_of<Place>());
    one_or_many.short_form = std::make_shared<const schema::Type>(schema::type_of<Place>());
    type.fields.front().type = one_or_many;

    CHECK(found(type,
                "list: [{name: a, approvals: 1}]\nmap: {x: {name: b, approvals: 2}}\n"
                "not-place: {name: c, approvals: 3}\n")
              .size() == 3);
    CHECK(found(type, "list: {name: a, approvals: 1}\nplace: {name: c}\n").size() == 1);
  }

  TEST_CASE("the reference and the JSON Schema say so") {
    const auto type = schema::type_of<Place>();

    CHECK(schema::reference(type).find("How many must agree. No effect yet: nobody is asked.") != std::string::npos);
    const auto described =
        schema::json_schema(type, "id", "title").find("properties")->find("approvals")->get("description", "");
    CHECK(described == "How many must agree. No effect yet: nobody is asked.");
  }
}
