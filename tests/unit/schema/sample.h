#pragma once
/// \file  Records as scorers and steps have them, for this room's tests.
#include <string>
#include <vector>

#include "schema/record.h"

namespace sample {

namespace schema = llmops::schema;

struct Scorer {
  std::string metric;
  double weight = 1;
  std::string transform;
  schema::Tagged what;
};

inline const schema::Record<Scorer>& record_of(Scorer*) {
  static const auto record = [] {
    using schema::Type;
    auto bounded = Type::of(Type::Kind::number);
    bounded.least = 0;
    Type latency = Type::of(Type::Kind::record);
    latency.fields = {{"at_most_ms", Type::of(Type::Kind::integer), true, {}, "Slowest answer that passes.", "ms"}};
    return schema::Record<Scorer>("scorer", "How an answer is scored.")
        .may("metric", &Scorer::metric, "The metric's name.")
        .may_as(bounded, "weight", &Scorer::weight, "Share in the case's score.")
        .may("transform", &Scorer::transform, "A template that cleans the answer | first.")
        .one_of(&Scorer::what,
                {{"equals", Type::of(Type::Kind::string), "The answer is this text."},
                 {"contains", Type::of(Type::Kind::string), "The answer has this text in it.", true},
                 {"is-json", Type::of(Type::Kind::any), "The answer is JSON."},
                 {"latency", latency, "The answer came in time.", true}},
                schema::Record<Scorer>::Bare::yes, "not-");
  }();
  return record;
}

struct Data {
  std::string path;
  std::string expected;
};

inline const schema::Record<Data>& record_of(Data*) {
  static const auto record = [] {
    auto out = schema::Record<Data>("dataset", "Where cases come from.");
    out.need("path", &Data::path, "A tracked file.").may("expected", &Data::expected, "The field with the answer.");
    return out.short_for("path");
  }();
  return record;
}

struct Step {
  std::string id;
  std::vector<std::string> needs;
  std::vector<std::string> models;
  schema::Placed<std::string> dataset;
  std::vector<Scorer> scorers;
  std::vector<std::pair<std::string, Data>> data;
  int repeat = 1;
  llmops::Ratio max_errors{0.01};
  llmops::Duration timeout{60'000};
  bool cache = true;
  std::string ties = "first";
  schema::Tagged kind;
};

inline const schema::Record<Step>& record_of(Step*) {
  static const auto record = [] {
    using schema::Type;
    auto needs = Type::list_of(Type::of(Type::Kind::string));
    needs.short_form = std::make_shared<const Type>(Type::of(Type::Kind::string));
    auto repeat = Type::of(Type::Kind::integer);
    repeat.least = 1;
    auto name = Type::of(Type::Kind::string);
    name.non_empty = true;
    auto out = schema::Record<Step>("step", "One step of a recipe.");
    out.need_as(name, "id", &Step::id, "The step's name.")
        .may_as(needs, "needs", &Step::needs, "Steps that come first.")
        .may("models", &Step::models, "Models to ask, by name.")
        .need("dataset", &Step::dataset, "Cases, by name.")
        .may("scorers", &Step::scorers, "How an answer is scored.")
        .may("data", &Step::data, "Datasets by name.")
        .may_as(repeat, "repeat", &Step::repeat, "Answers drawn for each case.")
        .may("max_errors", &Step::max_errors, "Share of failed queries that is allowed.")
        .may("timeout", &Step::timeout, "Longest time.")
        .may("cache", &Step::cache, "Reuse what is known.")
        .may_as(Type::choice_of({"first", "cheapest"}), "ties", &Step::ties, "Who wins a tie.")
        .one_of(&Step::kind, {{"exec", Type::list_of(Type::of(Type::Kind::string)), "Runs a program."},
                              {"gate", Type::map_of(Type::of(Type::Kind::number)), "Decides."}});
    return out;
  }();
  return record;
}

}  // namespace sample
