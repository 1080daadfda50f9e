#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <thread>

#include "real/llama_machine.h"

namespace llmops::model {
namespace {

const std::string kExamples =
    "Decide whether a review is positive or negative.\n\nReview: The food was cold and the waiter rude.\nSentiment: "
    "negative\n\n"
    "Review: A wonderful evening, we will come back.\nSentiment: positive\n\nReview: ";

std::string words(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "item " + std::to_string(i * 37 % 101) + ", ";
  return out + "and the next item is";
}

/// 22 prompts from 3 to about 400 tokens; some begin alike.
std::vector<Query> prompts() {
  std::vector<Query> out;
  for (const auto* review :
       {"Never again.", "Great value, friendly people.", "It broke after two days.", "My best purchase this year!",
        "The manual is missing.", "Fast, quiet and cheap.", "Too small, and it smells.", "Okay."}) {
    out.push_back(raw(kExamples + review + "\nSentiment:"));
  }
  for (const auto* text : {"Once upon a time", "The capital of France is", "1, 2, 3, 4,",
                           "def add(a, b):", "Dear customer,", "Water boils at", "Ünïcödé ", "The"}) {
    out.push_back(raw(text));
  }
  for (const auto* text : {"What is two plus two?", "Name a colour.", "Say hello in French."})
    out.push_back(chat(text));
  for (const std::size_t count : {20u, 55u, 75u}) out.push_back(raw(words(count)));
  return out;
}

std::vector<std::string> texts(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> out;
  for (const auto& outcome : outcomes) {
    out.push_back(outcome ? outcome->text + " (" + outcome->finish_reason + ")" : outcome.error().error.message);
  }
  return out;
}

std::unique_ptr<Model> open(Machine& machine, std::int64_t concurrency) {
  auto context = machine.context();
  auto model = open_llama(machine.config(concurrency), context);
  if (!model) FAIL(render(model.error()));
  return *std::move(model);
}

std::vector<Outcome> one_by_one(Model& model, const std::vector<Query>& queries) {
  std::vector<Outcome> out;
  for (const auto& query : queries) out.push_back(std::move(ask_all(model, {query}).front()));
  return out;
}

/// Asked in the order `order`; outcomes in the order of `queries`.
std::vector<Outcome> in_order(Model& model, const std::vector<Query>& queries, const std::vector<std::size_t>& order) {
  std::vector<Query> asked;
  for (const auto i : order) asked.push_back(queries[i]);
  auto outcomes = ask_all(model, asked);
  std::vector<std::optional<Outcome>> placed(queries.size());
  for (std::size_t n = 0; n < order.size(); ++n) placed[order[n]].emplace(std::move(outcomes[n]));
  std::vector<Outcome> out;
  for (auto& outcome : placed) out.push_back(*std::move(outcome));
  return out;
}

TEST_SUITE("real/llama") {
  TEST_CASE("a greedy answer does not depend on its neighbours, on order or on what was asked before") {
    Machine machine;
    const auto queries = prompts();
    std::vector<std::size_t> order(queries.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i * 5 % order.size();
    std::vector<std::string> alone;
    for (const auto& query : queries) {
      const auto fresh = open(machine, 1);
      alone.push_back(texts(ask_all(*fresh, {query})).front());
    }

    const auto single = texts(one_by_one(*open(machine, 1), queries));
    const auto two = texts(ask_all(*open(machine, 2), queries));
    const auto eight_model = open(machine, 8);
    const auto eight = texts(ask_all(*eight_model, queries));
    const auto shuffled = texts(in_order(*eight_model, queries, order));
    const auto reopened = texts(in_order(*open(machine, 8), queries, order));

    CHECK(single == alone);
    CHECK(two == alone);
    CHECK(eight == alone);
    CHECK(shuffled == alone);
    CHECK(reopened == alone);
  }

  TEST_CASE("the probabilities of choices are the same to the last bit whoever is asked beside") {
    Machine machine;
    auto queries = prompts();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (i % 3 != 2) queries[i].choices = {"positive", "negative", "not at all clear", "not clear"};
    }

    const auto alone = one_by_one(*open(machine, 1), queries);
    const auto together = ask_all(*open(machine, 8), queries);

    for (std::size_t i = 0; i < queries.size(); ++i) {
      REQUIRE(alone[i]);
      REQUIRE(together[i]);
      CHECK(together[i]->text == alone[i]->text);
      CHECK(together[i]->choice_probabilities == alone[i]->choice_probabilities);
    }
  }

  TEST_CASE("a choice is one of the labels, and its probabilities sum to one") {
    Machine machine;
    auto query = raw(kExamples + "A wonderful place, simply great!\nSentiment:");
    query.choices = {"negative", "positive"};

    const auto outcome = ask_all(*open(machine, 1), {query}).front();

    REQUIRE(outcome);
    CHECK(outcome->text == "positive");
    CHECK(outcome->finish_reason == "choice");
    CHECK(outcome->choice_probabilities.at("negative") + outcome->choice_probabilities.at("positive") ==
          doctest::Approx(1));
    CHECK(outcome->usage.output_tokens == 1);
  }

  TEST_CASE("equal choices share the likelihood, and the first one wins") {
    Machine machine;
    auto query = raw("The sky is");
    query.choices = {"blue", "blue"};

    const auto outcome = ask_all(*open(machine, 1), {query}).front();

    REQUIRE(outcome);
    CHECK(outcome->text == "blue");
    CHECK(outcome->choice_probabilities.at("blue") == doctest::Approx(0.5));
  }

  TEST_CASE("a prompt that does not fit fails alone, and says how long it is") {
    Machine machine;
    const auto outcomes = ask_all(*open(machine, 2), {raw("The"), raw(words(400)), raw("Hello")});

    CHECK(outcomes[0]);
    CHECK(outcomes[2]);
    REQUIRE_FALSE(outcomes[1]);
    CHECK(outcomes[1].error().error.message.find("tokens, but the context holds 512") != std::string::npos);
    CHECK(outcomes[1].error().error.message.starts_with("the prompt has 1,"));
    CHECK(outcomes[1].error().extent == Extent::one);
  }

  TEST_CASE("a query can lower its context, and not raise it") {
    Machine machine;
    auto tight = raw("1, 2, 3, 4,", 100), tighter = raw(words(40)), wide = raw("The");
    tight.parameters.context = 20;
    tighter.parameters.context = 20;
    wide.parameters.context = 4096;

    const auto outcomes = ask_all(*open(machine, 2), {tight, tighter, wide});

    REQUIRE(outcomes[0]);
    CHECK(*outcomes[0]->usage.input_tokens + *outcomes[0]->usage.output_tokens == 20);
    CHECK(outcomes[0]->finish_reason == "length");
    REQUIRE_FALSE(outcomes[1]);
    CHECK(outcomes[1].error().error.message.find("but the context holds 20") != std::string::npos);
    REQUIRE_FALSE(outcomes[2]);
    CHECK(outcomes[2].error().error.message == "a context of 4096 tokens is wanted, and the model was opened with 512");
  }

  TEST_CASE("an answer ends before the first stop string, and otherwise at the wanted length") {
    Machine machine;
    const auto model = open(machine, 2);
    const auto plain = raw("1, 2, 3, 4,", 12);
    auto stopping = plain;
    stopping.parameters.stop = {"7", ", 6"};

    const auto outcomes = ask_all(*model, {plain, stopping});

    REQUIRE(outcomes[0]);
    CHECK(outcomes[0]->finish_reason == "length");
    CHECK(outcomes[0]->usage.output_tokens == 12);
    REQUIRE(outcomes[0]->text.find(", 6") != std::string::npos);
    REQUIRE(outcomes[1]);
    CHECK(outcomes[1]->finish_reason == "stop");
    CHECK(outcomes[1]->text == outcomes[0]->text.substr(0, outcomes[0]->text.find(", 6")));
  }

  TEST_CASE("a drawn answer is decided by its seed, alone or beside others") {
    Machine machine;
    auto query = raw("Once upon a time", 12);
    query.parameters.temperature = 1.2;
    query.parameters.top_p = 0.95;
    query.parameters.seed = 7;
    auto next = query;
    next.repeat = 1;

    const auto alone = texts(one_by_one(*open(machine, 1), {query, next}));
    const auto together = texts(ask_all(*open(machine, 4), {next, query, raw("The"), query}));

    CHECK(together[1] == alone[0]);
    CHECK(together[3] == alone[0]);
    CHECK(together[0] == alone[1]);
    CHECK(alone[0] != alone[1]);
  }

  TEST_CASE("stopping ends a long answer and everything that waits") {
    Machine machine;
    const auto model = open(machine, 1);
    StopSource source;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      source.request_stop();
    });

    const auto outcomes = ask_all(*model, {raw(words(60), 400), raw("The", 400), raw("A", 400)}, source.get_token());
    const auto after = ask_all(*model, {raw("The")}).front();

    for (const auto& outcome : outcomes) {
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().error.kind == ErrorKind::interrupted);
    }
    CHECK(after);
  }

  TEST_CASE("closing a model fails what was not answered") {
    Machine machine;
    auto model = open(machine, 1);
    std::vector<bool> answered;
    std::mutex mutex;
    for (int i = 0; i < 3; ++i) {
      model->ask(raw("The", 400), {}, [&](Outcome outcome) {
        const std::lock_guard lock(mutex);
        answered.push_back(outcome.has_value());
      });
    }

    model.reset();

    CHECK(answered == std::vector<bool>{false, false, false});
  }

  TEST_CASE("a file that is cut short, of another kind or missing is named") {
    Machine machine;
    const auto folder =
        std::filesystem::temp_directory_path() / ("llama-test-" + std::to_string(machine.clock.random()));
    std::filesystem::create_directories(folder);
    const auto cut = folder / "cut.gguf";
    std::filesystem::copy_file(machine.model_file(), cut);
    std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
    std::ofstream(folder / "text.gguf") << "this is no model, but long enough to be read as one";

    for (const auto* name : {"cut.gguf", "text.gguf", "missing.gguf"}) {
      auto config = machine.config(1);
      config.file.value = (folder / name).string();
      auto context = machine.context();
      const auto model = open_llama(config, context);
      REQUIRE_FALSE(model);
      CHECK(model.error().kind == ErrorKind::environment);
      CHECK(model.error().message.find(name) != std::string::npos);
      CHECK_FALSE(model.error().hint.empty());
      MESSAGE(model.error().message);
    }
    std::filesystem::remove_all(folder);
  }
}

}  // namespace
}  // namespace llmops::model
