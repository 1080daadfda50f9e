#include "model/query.h"

#include <doctest/doctest.h>

#include <set>

#include "doc/json.h"
#include "model/tool.h"
#include "sys/hash.h"

namespace llmops::model {
namespace {

using templating::Origin;

const Digest kModel = sys::sha256("a model");

Query base() {
  Query out;
  out.messages = {{"system", {{"Be brief.", Origin::author}}},
                  {"user", {{"Label: ", Origin::author}, {"it hurts", Origin::data}}}};
  return out;
}

template <class F>
Query with(F&& change) {
  auto out = base();
  change(out);
  return out;
}

}  // namespace

TEST_SUITE("model/query") {
  TEST_CASE("everything that can change an answer changes the key") {
    const std::vector<Query> different = {
        base(),
        with([](Query& q) { q.messages[0].role = "developer"; }),
        with([](Query& q) { q.messages[1].content[1].text = "it hurt"; }),
        with([](Query& q) { q.messages[1].content[1].origin = Origin::author; }),
        with([](Query& q) {
          q.messages[1].content[0].text = "Label: it";
          q.messages[1].content[1].text = " hurts";
        }),
        with([](Query& q) { q.messages.pop_back(); }),
        with([](Query& q) { q.raw = true; }),
        with([](Query& q) { q.parameters.temperature = 0; }),
        with([](Query& q) { q.parameters.temperature = 0.5; }),
        with([](Query& q) { q.parameters.top_p = 0.5; }),
        with([](Query& q) { q.parameters.max_tokens = 1; }),
        with([](Query& q) { q.parameters.seed = 1; }),
        with([](Query& q) { q.parameters.context = 1; }),
        with([](Query& q) { q.parameters.stop = {"ab"}; }),
        with([](Query& q) {
          q.parameters.stop = {"a", "b"};
        }),
        with([](Query& q) {
          q.parameters.extra = doc::Node::map({{"top_k", 4}});
        }),
        with([](Query& q) { q.choices = {"ab"}; }),
        with([](Query& q) {
          q.choices = {"a", "b"};
        }),
        with([](Query& q) {
          q.choices = {"a", "b"};
          q.choice_norm = ChoiceNorm::length;
        }),
        with([](Query& q) { q.repeat = 1; }),
        with([](Query& q) {
          q.case_fields = doc::Node::map({{"text", "it hurts"}});
        }),
    };

    std::vector<Digest> keys;
    for (const auto& query : different) keys.push_back(query_key(kModel, query));
    keys.push_back(query_key(sys::sha256("another model"), base()));

    std::sort(keys.begin(), keys.end());
    CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  }

  TEST_CASE("how a text is cut into parts does not change the key") {
    const auto cut = with([](Query& q) {
      q.messages[1].content = {{"La", Origin::author},
                               {"", Origin::data},
                               {"bel: ", Origin::author},
                               {"it ", Origin::data},
                               {"hurts", Origin::data}};
    });

    CHECK(query_key(kModel, cut) == query_key(kModel, base()));
  }

  TEST_CASE("the order of a case's fields does not change the key") {
    const auto one = with([](Query& q) {
      q.case_fields = doc::Node::map({{"a", 1}, {"b", doc::Node::map({{"x", 1}, {"y", 2}})}});
    });
    const auto other = with([](Query& q) {
      q.case_fields = doc::Node::map({{"b", doc::Node::map({{"y", 2}, {"x", 1}})}, {"a", 1}});
    });

    CHECK(query_key(kModel, one) == query_key(kModel, other));
  }

  TEST_CASE("a greedy query's repeats and ways to sample are one question, a longer answer is another") {
    const auto key = query_key(kModel, base(), Draw::greedy);

    CHECK(key == query_key(kModel, with([](Query& q) { q.repeat = 7; }), Draw::greedy));
    CHECK(key == query_key(kModel, with([](Query& q) {
                             q.parameters.temperature = 0;
                             q.parameters.seed = 4;
                           }),
                           Draw::greedy));
    CHECK(key != query_key(kModel, with([](Query& q) { q.parameters.max_tokens = 4; }), Draw::greedy));
    CHECK(key != query_key(kModel, base(), Draw::sampled));
  }

  TEST_CASE("the key of a query stays the same from version to version") {
    CHECK(query_key(Digest{}, base()).brief() == "434f11e41f2d");
  }

  TEST_CASE("merged parameters keep what the other does not set, key by key") {
    Parameters model;
    model.temperature = 0.7;
    model.max_tokens = 10;
    model.stop = {"\n"};
    model.extra = doc::Node::map({{"top_k", 4}, {"min_p", 0.1}});
    Parameters prompt;
    prompt.temperature = 0;
    prompt.extra = doc::Node::map({{"top_k", 9}});

    const auto merged = merge(model, prompt);

    CHECK(merged.temperature == 0);
    CHECK(merged.max_tokens == 10);
    CHECK(merged.stop == std::vector<std::string>{"\n"});
    CHECK(doc::to_json(merged.extra) == R"({"top_k":9,"min_p":0.1})");
    CHECK(merge(model, merged) == merged);
  }

  TEST_CASE("a cost that a price made is not kept, only what it was made of") {
    Answer answer;
    answer.usage = {12, 3};
    answer.cost = Usd{0.25};

    const auto back = answer_from_bytes(to_bytes(answer));

    REQUIRE(back);
    CHECK_FALSE(back->cost);
    CHECK(back->usage == answer.usage);
  }

  TEST_CASE("an answer comes back from its bytes as it was, broken UTF-8 included") {
    Answer answer;
    answer.text = "caf\xC3";
    answer.finish_reason = "length";
    answer.usage = {12, std::nullopt};
    answer.cost = Usd{0.25};
    answer.cost_told = true;
    answer.busy = std::chrono::nanoseconds{1'234'567};
    answer.latency = Duration{1234};
    answer.choice_probabilities = {{"bug", 0.75}, {"billing", 0.25}};
    answer.reported_model = "m (fp)";
    answer.spans = doc::Node::map({{"name", "retrieve"}});
    answer.usage.cache_read_tokens = 7;
    answer.time_to_first_token = Duration{45};
    answer.tool_calls = {{"weather", doc::Node::map({{"city", "Paris"}})}, {"odd", doc::Node("no JSON")}};
    answer.mean_log_probability = -0.75;

    const auto back = answer_from_bytes(to_bytes(answer));

    REQUIRE(back);
    CHECK(back->text == answer.text);
    CHECK(back->finish_reason == "length");
    CHECK(back->usage == answer.usage);
    CHECK(back->cost == answer.cost);
    CHECK(back->cost_told);
    CHECK(back->busy == answer.busy);
    CHECK(back->latency == answer.latency);
    CHECK(back->choice_probabilities == answer.choice_probabilities);
    CHECK(back->reported_model == answer.reported_model);
    CHECK(back->spans == answer.spans);
    CHECK(back->time_to_first_token == answer.time_to_first_token);
    CHECK(back->tool_calls == answer.tool_calls);
    CHECK(back->mean_log_probability == answer.mean_log_probability);
  }

  TEST_CASE("answers that version 2 kept are still answers") {
    Answer answer;
    answer.text = "bug";
    answer.usage = {12, 1};
    auto bytes = to_bytes(answer);
    // Version 3 added three absent numbers, an empty text and an absent real, version 4 an empty list.
    bytes.resize(bytes.size() - (3 + 8 + 1 + 8));
    bytes[0] = 2;

    const auto back = answer_from_bytes(bytes);

    REQUIRE(back);
    CHECK(back->text == "bug");
    CHECK(back->usage == answer.usage);
    CHECK(back->tool_calls.empty());
  }

  TEST_CASE("answers that version 3 kept are still answers") {
    Answer answer;
    answer.text = "bug";
    answer.mean_log_probability = -0.5;
    auto bytes = to_bytes(answer);
    bytes.resize(bytes.size() - 8);
    bytes[0] = 3;

    const auto back = answer_from_bytes(bytes);

    REQUIRE(back);
    CHECK(back->text == "bug");
    CHECK(back->mean_log_probability == -0.5);
    CHECK(back->vectors.empty());
  }

  TEST_CASE("form, tools and log-probabilities are part of the question, and only where they are asked for") {
    const auto identity = sys::sha256("m");
    const auto key = [&](const Parameters& parameters) {
      Query query;
      query.parameters = parameters;
      return query_key(identity, query);
    };
    const auto schema = [](const char* type) { return doc::Node::map({{"schema", doc::Node::map({{"type", type}})}}); };
    Parameters none, json, text, number, tools, choice, logprobs, no_tools;
    json.format = "json";
    text.format = schema("string");
    number.format = schema("number");
    tools.tools = *doc::parse_json_data(R"([{"name":"a"}])");
    choice.tools = tools.tools;
    choice.tool_choice = "required";
    logprobs.logprobs = true;
    no_tools.tools = doc::Node::list();
    no_tools.logprobs = false;

    std::set<std::string> keys;
    for (const auto& one : {none, json, text, number, tools, choice, logprobs}) keys.insert(key(one).hex());
    CHECK(keys.size() == 7);
    CHECK(key(no_tools) == key(none));
  }

  TEST_CASE("later parameters win over the form, the tools and log-probabilities of earlier ones") {
    Parameters model, prompt;
    model.format = "json";
    model.tools = *doc::parse_json_data(R"([{"name":"a"}])");
    model.logprobs = true;
    prompt.tools = doc::Node::list();
    prompt.logprobs = false;

    const auto merged = merge(model, prompt);

    CHECK(merged.format == doc::Node("json"));
    CHECK(merged.tools.size() == 0);
    CHECK(merged.logprobs == false);
  }

  TEST_CASE("tools are read in OpenAI's form and in its inner one; mistakes are told") {
    const auto read = [](const std::string& json, const std::string& choice = "") {
      Parameters parameters;
      parameters.tools = *doc::parse_json_data(json);
      parameters.tool_choice = choice;
      return tools_of(parameters);
    };

    const auto nested =
        read(R"([{"type":"function","function":{"name":"a","description":"d","parameters":{"type":"object"}}}])");
    REQUIRE(nested);
    CHECK(nested->front().name == "a");
    CHECK(nested->front().description == "d");
    CHECK(doc::to_json(read(R"([{"name":"b"}])")->front().parameters) == R"({"type":"object","properties":{}})");
    CHECK(read(R"([{"name":"a"}])", "none")->empty());
    CHECK(read(R"([{"name":"a"}])", "a"));
    CHECK(read(R"([{"name":"a"}])", "b").error().message == "`tool_choice` names the tool `b`, but there is none");
    CHECK(read(R"([{"name":"a"},{"name":"a"}])").error().message == "the tool `a` is there twice");
    CHECK(read(R"([{"description":"x"}])").error().message == "a tool has no `name`");
  }

  TEST_CASE("bytes that are cut, too long or of another version are no answer") {
    Answer answer;
    answer.text = "bug";
    answer.choice_probabilities = {{"bug", 1}};
    const auto bytes = to_bytes(answer);

    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(answer_from_bytes(bytes.substr(0, size)));
    CHECK_FALSE(answer_from_bytes(bytes + "x"));
    auto newer = bytes;
    newer[0] = 5;
    CHECK_FALSE(answer_from_bytes(newer));
    auto older = bytes;
    older[0] = 1;
    CHECK_FALSE(answer_from_bytes(older));
  }
}

}  // namespace llmops::model
