#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "base/text.h"
#include "doc/json.h"
#include "fakes/waiting_clock.h"
#include "model/exec/line_splitter.h"
#include "unit/model/outside.h"

namespace llmops::model {
namespace {

using fakes::FakeProgram;

ModelConfig config_of() {
  ModelConfig out;
  out.provider = "exec";
  out.command = {"chains/a.py", "--fast"};
  return out;
}

/// The id of a query's line; empty for the hello.
std::string id_of(std::string_view line) { return doc::parse_json_data(line)->get("id", ""); }

std::string answer_line(std::string_view line, const std::string& rest) {
  const auto id = id_of(line);
  return id.empty() ? std::string() : R"({"id":")" + id + "\"," + rest + "}\n";
}

struct Asked {
  Outside<fakes::WaitingClock> outside;
  ModelConfig config = config_of();

  Result<Answer, QueryFailure> ask(Query query) {
    auto context = outside.context();
    auto model = open_exec(config, context);
    REQUIRE(model);
    return ask_and_wait(**model, std::move(query));
  }
};

}  // namespace

TEST_SUITE("model/exec") {
  TEST_CASE("a program is greeted, sent the query as one line, and its answer is read") {
    Asked asked;
    std::vector<std::string> lines;
    asked.outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      lines.emplace_back(line);
      if (lines.size() == 1) program.say("{\"hello\":{\"name\":\"support\",\"version\":\"1.2\"}}\n");
      program.say(answer_line(
          line,
          R"("output":"yes","usage":{"input_tokens":3,"output_tokens":1},"cost_usd":0.5,"spans":[{"name":"r"}])"));
    };
    auto query = question("hi\n\"you\"");
    query.parameters.temperature = 0.5;
    query.case_fields = doc::Node::map({{"text", "hi"}});

    const auto answer = asked.ask(query);

    REQUIRE(answer);
    CHECK(answer->text == "yes");
    CHECK(answer->usage == Usage{3, 1});
    CHECK(answer->cost == Usd{0.5});
    CHECK(answer->reported_model == "support 1.2");
    CHECK(doc::to_json(answer->spans) == R"([{"name":"r"}])");
    CHECK(lines == std::vector<std::string>{R"({"hello":{"protocol":1}})",
                                            R"({"id":"1","messages":[{"role":"user","content":"hi\n\"you\""}],)"
                                            R"("parameters":{"temperature":0.5},"case":{"text":"hi"}})"});
  }

  TEST_CASE("a program is told of form and tools, and may answer with calls") {
    Asked asked;
    std::string sent;
    asked.outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (line.find("hello") != std::string_view::npos) return;
      sent = line;
      program.say(answer_line(
          line,
          R"("output":"","tool_calls":[{"name":"weather","arguments":{"city":"Paris"}},{"no":1}],"mean_logprob":-0.25)"));
    };
    auto query = question("hi");
    query.parameters.format = "json";
    query.parameters.tools = *doc::parse_json_data(R"([{"name":"weather"}])");
    query.parameters.tool_choice = "required";
    query.parameters.logprobs = true;

    const auto answer = asked.ask(query);

    REQUIRE(answer);
    CHECK(
        sent.find(
            R"("parameters":{"format":"json","tools":[{"name":"weather"}],"tool_choice":"required","logprobs":true})") !=
        std::string::npos);
    CHECK(answer->tool_calls == std::vector<ToolCall>{{"weather", doc::Node::map({{"city", "Paris"}})}});
    CHECK(answer->finish_reason == "tool_calls");
    CHECK(answer->mean_log_probability == -0.25);
  }

  TEST_CASE("a program is started in the repository with its own variables and a few of ours") {
    Asked asked;
    asked.config.env = {{"MODE", "fast"}, {"HOME", "/tmp"}};
    asked.outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      program.say(answer_line(line, R"("output":"")"));
    };

    REQUIRE(asked.ask(question("hi")));

    const auto spec = asked.outside.process.started().front();
    CHECK(spec.argv == std::vector<std::string>{"/repo/chains/a.py", "--fast"});
    CHECK(spec.folder == "/repo");
    CHECK(spec.env == std::map<std::string, std::string>{{"PATH", "/usr/bin"},
                                                         {"HOME", "/tmp"},
                                                         {"LC_ALL", "C.UTF-8"},
                                                         {"MODE", "fast"},
                                                         {"PYTHONUNBUFFERED", "1"}});
  }

  TEST_CASE("answers in another order find their queries") {
    Outside<fakes::WaitingClock> outside;
    std::vector<std::string> waiting;
    outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      const auto text = doc::parse_json_data(line)->find("messages")->items().front().get("content", "");
      waiting.push_back(answer_line(line, R"("output":"to )" + text + "\""));
      if (waiting.size() < 3) return;
      program.say(waiting[2] + waiting[0].substr(0, 5));
      program.say(waiting[0].substr(5) + waiting[1]);
    };
    auto context = outside.context();
    auto model = *open_exec(config_of(), context);
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::string> answers;

    for (const std::string text : {"a", "b", "c"}) {
      model->ask(question(text), {}, [&, text](Result<Answer, QueryFailure> result) {
        const std::lock_guard lock(mutex);
        answers[text] = result ? result->text : result.error().error.message;
        changed.notify_one();
      });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answers.size() == 3; });

    CHECK(answers == std::map<std::string, std::string>{{"a", "to a"}, {"b", "to b"}, {"c", "to c"}});
  }

  TEST_CASE("a query that the program fails is a failure of that query alone") {
    Asked asked;
    asked.outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      program.say(answer_line(line, R"("error":{"message":"index\u0007 not ready","retryable":true})"));
    };

    const auto out = asked.ask(question("hi"));

    REQUIRE_FALSE(out);
    CHECK(out.error().error.message == "the program `chains/a.py --fast` said: index\\x07 not ready");
    CHECK(out.error().retryable);
    CHECK(out.error().extent == Extent::one);
  }

  TEST_CASE("a line that is no answer is named with its number, and nothing more is asked") {
    Outside<fakes::WaitingClock> outside;
    outside.process.on_line = [](FakeProgram& program, std::string_view) {
      program.say("\nLoading \x1b[1mmodel…" + std::string(200, '.') + "\n");
    };
    auto context = outside.context();
    const auto model = *open_exec(config_of(), context);

    const auto out = ask_and_wait(*model, question("hi"));
    const auto again = ask_and_wait(*model, question("hi"));

    REQUIRE_FALSE(out);
    CHECK(out.error().error.message.starts_with(
        "the program `chains/a.py --fast` wrote line 2, `Loading \\x1b[1mmodel…...."));
    CHECK(out.error().error.message.find("it is no JSON") != std::string::npos);
    CHECK(out.error().error.hint ==
          "standard output is for answers, one JSON object a line; print everything else to standard error");
    CHECK(out.error().extent == Extent::all);
    CHECK_FALSE(out.error().retryable);
    REQUIRE_FALSE(again);
    CHECK(again.error().error == out.error().error);
    CHECK(outside.process.started().size() == 1);
  }

  TEST_CASE("lines of the wrong shape say what they lack") {
    const auto message = [](const std::string& line) {
      Asked asked;
      asked.outside.process.on_line = [&](FakeProgram& program, std::string_view) { program.say(line + "\n"); };
      const auto out = asked.ask(question("hi"));
      REQUIRE_FALSE(out);
      return out.error().error.message;
    };

    CHECK(message("[1]").ends_with("it is a list, expected a JSON object"));
    CHECK(message("{\"output\":\"x\"}").ends_with("it has no `id`, expected that of a query"));
    CHECK(message("{\"id\":\"1\"}").ends_with("it has neither `output` nor `error`"));
    CHECK(message("{\"hello\":{\"protocol\":2}}").ends_with("it speaks protocol `2`, expected the number 1"));
    CHECK(message("{\"hello\":{\"protocol\":\"1\"}}").ends_with("it speaks protocol `1`, expected the number 1"));
  }

  TEST_CASE("a second answer to a query is logged and ignored") {
    Outside<fakes::WaitingClock> outside;
    outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      program.say(answer_line(line, R"("output":"y")") + answer_line(line, R"("output":"z")"));
    };
    auto context = outside.context();
    const auto model = *open_exec(config_of(), context);

    const auto out = ask_and_wait(*model, question("hi"));
    const auto next = ask_and_wait(*model, question("hi"));

    REQUIRE(out);
    CHECK(out->text == "y");
    CHECK(next);
    CHECK(outside.log.tells("answered id `1`, which nobody waits for any more"));
  }

  TEST_CASE("an id that was never asked is a fault of the program, and is told short and printable") {
    const auto error = [](const std::string& id) {
      Outside<fakes::WaitingClock> outside;
      outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
        if (!id_of(line).empty()) program.say("{\"id\":" + id + ",\"output\":\"x\"}\n");
      };
      auto context = outside.context();
      const auto model = *open_exec(config_of(), context);
      const auto out = ask_and_wait(*model, question("hi"));
      REQUIRE_FALSE(out);
      CHECK(out.error().extent == Extent::all);
      CHECK_FALSE(out.error().retryable);
      CHECK(out.error().error.hint == "a program answers each query under the very `id` that the query came with");
      return out.error().error.message;
    };

    const std::string program = "the program `chains/a.py --fast` answered the id ";
    CHECK(error("99") == program + "`99`, which was not asked");
    CHECK(error("\"\"") == program + "``, which was not asked");
    CHECK(error("\"a\\u0007\"") == program + "`a\\x07`, which was not asked");
    CHECK(error("\"" + std::string(1000, 'x') + "\"").size() < 200);
  }

  TEST_CASE("a cost that can't be one is an error of its query alone") {
    const auto failure = [](const std::string& cost) {
      Asked asked;
      asked.outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
        program.say(answer_line(line, R"("output":"x","cost_usd":)" + cost));
      };
      const auto out = asked.ask(question("hi"));
      REQUIRE_FALSE(out);
      CHECK(out.error().extent == Extent::one);
      CHECK_FALSE(out.error().retryable);
      return out.error().error.message;
    };

    const std::string rest = ", expected a number from 0 to below 1,000,000,000";
    CHECK(failure("1e308") == "the program `chains/a.py --fast` answered with a `cost_usd` of `1e+308`" + rest);
    CHECK(failure("-1").ends_with("a `cost_usd` of `-1`" + rest));
    CHECK(failure("1000000000").ends_with("a `cost_usd` of `1000000000`" + rest));
    CHECK(failure("\"dear\"").ends_with("a `cost_usd` of `dear`" + rest));
  }

  TEST_CASE("a cost of null is none") {
    Asked asked;
    asked.outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      program.say(answer_line(line, R"("output":"x","cost_usd":null)"));
    };

    const auto out = asked.ask(question("hi"));

    REQUIRE(out);
    CHECK_FALSE(out->cost);
  }

  TEST_CASE("a program that dies fails what waits, is started once more, and is given up when it dies again") {
    Outside<fakes::WaitingClock> outside;
    outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      program.log("Traceback\nImportError: no module named sk-12345\n");
      program.exit(3);
    };
    auto config = config_of();
    config.env = {{"API_KEY", "sk-12345"}};
    auto context = outside.context();
    const auto model = *open_exec(config, context);

    const auto first = ask_and_wait(*model, question("hi"));
    const auto second = ask_and_wait(*model, question("hi"));

    REQUIRE_FALSE(first);
    CHECK(first.error().error.message ==
          "the program `chains/a.py --fast` ended with status 3 while 1 query waited for an answer");
    CHECK(first.error().error.hint == "its last words: ImportError: no module named ***");
    CHECK(first.error().retryable);
    CHECK(first.error().extent == Extent::one);
    REQUIRE_FALSE(second);
    CHECK_FALSE(second.error().retryable);
    CHECK(second.error().extent == Extent::unanswered);
    CHECK(outside.process.started().size() == 2);
    CHECK(outside.log.tells("Traceback"));
    CHECK_FALSE(outside.log.tells("sk-12345"));
  }

  TEST_CASE("a program that dies after answering is started again each time") {
    Outside<fakes::WaitingClock> outside;
    int lines = 0;
    outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      if (++lines % 2 == 0) return program.exit(0);
      program.say(answer_line(line, R"("output":"x")"));
    };
    auto context = outside.context();
    const auto model = *open_exec(config_of(), context);

    for (int i = 0; i < 3; ++i) {
      CHECK(ask_and_wait(*model, question("a")));
      const auto out = ask_and_wait(*model, question("b"));
      REQUIRE_FALSE(out);
      CHECK(out.error().retryable);
    }
  }

  TEST_CASE("the last answer counts without a newline behind it") {
    Asked asked;
    asked.outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      auto answer = answer_line(line, R"("output":"x")");
      if (answer.empty()) return;
      answer.pop_back();
      program.say(answer);
      program.exit(0);
    };

    const auto out = asked.ask(question("hi"));

    REQUIRE(out);
    CHECK(out->text == "x");
  }

  TEST_CASE("a query that takes too long fails, and a later answer to it is ignored") {
    Outside<fakes::WaitingClock> outside;
    std::string late;
    outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      if (late.empty()) {
        late = answer_line(line, R"("output":"late")");
      } else {
        program.say(late + answer_line(line, R"("output":"in time")"));
      }
    };
    auto config = config_of();
    config.timeout = Duration{2000};
    auto context = outside.context();
    const auto model = *open_exec(config, context);

    std::promise<Result<Answer, QueryFailure>> told;
    model->ask(question("hi"), {}, [&](Result<Answer, QueryFailure> result) { told.set_value(std::move(result)); });
    outside.clock.advance(Duration{3000});  // The query is written: its program is only slow.
    const auto out = told.get_future().get();
    const auto next = ask_and_wait(*model, question("hi"));

    REQUIRE_FALSE(out);
    CHECK(out.error().error.message.ends_with("gave no answer within 2.0s"));
    CHECK(out.error().retryable);
    REQUIRE(next);
    CHECK(next->text == "in time");
  }

  TEST_CASE("the end of one query's time does not end a program that another one is being written to") {
    Outside<fakes::WaitingClock> outside;
    std::promise<Result<Answer, QueryFailure>> told;
    auto first = told.get_future();
    std::atomic<int> queries = 0;
    outside.process.on_write = [&](std::string_view line) {
      if (id_of(line).empty() || ++queries != 2) return;
      outside.clock.advance(Duration{1000});
      first.wait();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for what is done behind the telling
    };
    outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (line.find("quick") != std::string_view::npos) program.say(answer_line(line, R"("output":"in time")"));
    };
    auto config = config_of();
    config.timeout = Duration{2000};
    auto context = outside.context();
    const auto model = *open_exec(config, context);
    model->ask(question("slow"), {}, [&](Result<Answer, QueryFailure> result) { told.set_value(std::move(result)); });

    outside.clock.advance(Duration{1500});

    const auto second = ask_and_wait(*model, question("quick"));

    CHECK_FALSE(first.get());
    REQUIRE(second);
    CHECK(second->text == "in time");
    CHECK(outside.process.started().size() == 1);
  }

  TEST_CASE("a query that is asked as soon as the program's end is told starts it anew") {
    Outside<fakes::WaitingClock> outside;
    std::atomic<int> lines = 0;
    outside.process.on_line = [&](FakeProgram& program, std::string_view line) {
      if (id_of(line).empty()) return;
      if (++lines == 1) return program.exit(0);
      program.say(answer_line(line, R"("output":"x")"));
    };
    auto context = outside.context();
    const auto model = *open_exec(config_of(), context);
    std::promise<std::string> second;

    model->ask(question("a"), {}, [&](Result<Answer, QueryFailure>) {
      model->ask(question("b"), {},
                 [&](Result<Answer, QueryFailure> result) { second.set_value(result ? result->text : "failed"); });
    });

    CHECK(second.get_future().get() == "x");
  }

  TEST_CASE("a stopped query is interrupted") {
    Outside<fakes::WaitingClock> outside;
    StopSource stop;
    outside.process.on_line = [&](FakeProgram&, std::string_view line) {
      if (!id_of(line).empty()) stop.request_stop();
    };
    auto context = outside.context();
    const auto model = *open_exec(config_of(), context);

    const auto out = ask_and_wait(*model, question("hi"), stop.get_token());

    REQUIRE_FALSE(out);
    CHECK(out.error().error.kind == ErrorKind::interrupted);
  }

  TEST_CASE("a program that can't be started can't be opened") {
    Outside<fakes::WaitingClock> outside;
    outside.process.start_error = environment_error("`chains/a.py` is not executable");
    auto context = outside.context();

    const auto out = open_exec(config_of(), context);

    REQUIRE_FALSE(out);
    CHECK(out.error().message == "`chains/a.py` is not executable");
  }

  TEST_CASE("of choices, a program's answer must be one") {
    Asked asked;
    asked.outside.process.on_line = [](FakeProgram& program, std::string_view line) {
      program.say(answer_line(line, R"("output":"x")"));
    };
    auto query = question("hi");
    query.choices = {"a", "b"};

    const auto out = asked.ask(query);

    REQUIRE_FALSE(out);
    CHECK(out.error().error.message == "the program `chains/a.py --fast` answered `x`, expected one of the 2 choices");
  }

  TEST_CASE("lines are cut whatever the pieces they come in") {
    const std::string text = "one\r\n\ntwo three\nrest";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      exec::LineSplitter splitter(100);
      std::vector<std::string> lines;
      const auto on_line = [&](std::int64_t number, std::string_view line) {
        lines.push_back(std::to_string(number) + std::string(line));
      };
      for (std::size_t at = 0; at < text.size(); at += piece)
        CHECK(splitter.feed(std::string_view(text).substr(at, piece), on_line));
      splitter.finish(on_line);
      CHECK(lines == std::vector<std::string>{"1one", "2", "3two three", "4rest"});
    }
  }

  TEST_CASE("a line over the limit is refused, whole or in pieces") {
    exec::LineSplitter splitter(4);
    int lines = 0;
    const auto on_line = [&](std::int64_t, std::string_view) { ++lines; };

    CHECK(splitter.feed("abcd\nabc", on_line));
    CHECK_FALSE(splitter.feed("de\n", on_line));
    CHECK_FALSE(splitter.feed("a\n", on_line));
    CHECK(lines == 1);
  }
}

}  // namespace llmops::model
