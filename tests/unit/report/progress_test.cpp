#include "report/progress.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "doc/json.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/memory_file_system.h"
#include "fakes/no_git.h"
#include "report/events_file.h"

using namespace llmops;
using namespace llmops::report;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Screen {
  explicit Screen(bool live) {
    console.err = [this](std::string_view text) { shown += text; };
    console.live = live;
  }
  void progress(std::int64_t done, std::int64_t cached = 0) {
    step::Progress now;
    now.done = done;
    now.total = 100;
    now.cached = cached;
    listener.hear(exec::StepTold{"ask", now});
  }
  std::string take() { return std::exchange(shown, {}); }
  /// The columns of the line drawn last.
  std::size_t last_width() {
    const auto lines = text::split(take(), '\n');
    REQUIRE(lines.size() >= 2);
    auto last = lines[lines.size() - 2];
    if (const auto wiped = last.rfind("[2K"); wiped != std::string::npos) last.erase(0, wiped + 3);
    return width_of(last);
  }

  std::string shown;
  Console console;
  fakes::FakeClock clock;
  RunProgress listener{console, clock};
};

exec::StepEnded ended(step::Status status, const std::string& reason) {
  step::Outcome outcome;
  outcome.status = status;
  outcome.reason = reason;
  outcome.duration = Duration{1500};
  return {"ask", "eval", outcome};
}

}  // namespace

TEST_CASE("in a log a run is plain lines") {
  Screen screen(false);

  screen.listener.hear(exec::RunStarted{"01RUN", "triage", "dev", 2, 1});
  screen.listener.hear(exec::StepStarted{"ask", "eval", "first run", {}});
  screen.listener.hear(exec::StepTold{"ask", step::LogLine{sys::Stream::out, "hello \x1b[2J"}});
  screen.listener.hear(exec::StepTold{"ask", step::Note{"a word"}});
  screen.listener.hear(ended(step::Status::failed, "it broke"));
  screen.listener.hear(exec::Said{"by the way"});
  screen.listener.hear(exec::RunEnded{});

  CHECK(screen.shown ==
        "triage in dev: 2 steps, run 01RUN\n"
        "> ask (eval): first run\n"
        "ask | hello \\x1b[2J\n"
        "  ask: a word\n"
        "✗ ask failed in 1.5s: it broke\n"
        "by the way\n");
}

TEST_CASE("in a log progress is told at most every ten seconds") {
  Screen screen(false);
  screen.listener.hear(exec::StepStarted{"ask", "eval", "first run", {}});
  screen.take();

  screen.progress(1);
  screen.clock.advance(seconds(9));
  screen.progress(2);
  CHECK(screen.take().empty());

  screen.clock.advance(seconds(1));
  screen.progress(20);
  CHECK(screen.take() == "  ask  20/100 queries, about 41.0s left  10.0s\n");
  screen.progress(21);
  CHECK(screen.take().empty());
}

TEST_CASE("time left is reckoned from what was really asked") {
  Screen screen(false);
  screen.listener.hear(exec::StepStarted{"ask", "eval", "first run", {}});
  screen.take();

  screen.clock.advance(seconds(10));
  screen.progress(60, 50);

  CHECK(screen.take() == "  ask  60/100 queries, 50 cached, about 41.0s left  10.0s\n");
}

TEST_CASE("a step that is up to date and did not run is not told") {
  Screen screen(false);

  screen.listener.hear(ended(step::Status::cached, "up to date"));
  CHECK(screen.take().empty());

  screen.listener.hear(ended(step::Status::skipped, "needs `train`, which failed"));
  CHECK(screen.take() == "– ask skipped: needs `train`, which failed\n");
}

TEST_CASE("on a terminal each running step has a line that is drawn again") {
  Screen screen(true);
  screen.listener.hear(exec::StepStarted{"ask", "eval", "first run", {}});
  CHECK(screen.take().ends_with("· ask  0ms\n"));

  screen.clock.advance(milliseconds(50));
  screen.progress(1);
  CHECK(screen.take().empty());

  screen.clock.advance(milliseconds(50));
  screen.progress(100);
  CHECK(screen.take() == "\r\x1b[1A\x1b[2K· ask  100/100 queries  100ms\n");
}

TEST_CASE("on a terminal what is said stands above the running steps, and at the end nothing is left of them") {
  Screen screen(true);
  screen.listener.hear(exec::StepStarted{"ask", "eval", "first run", {}});
  screen.take();

  screen.listener.hear(exec::Said{"a word"});
  CHECK(screen.take() == "\r\x1b[1A\x1b[2Ka word\n· ask  0ms\n");

  screen.listener.hear(ended(step::Status::ran, ""));
  const auto last = screen.take();
  CHECK(last.find("✓ ask ran in 1.5s\n") != std::string::npos);
  CHECK(last.find("· ask", last.find("✓")) == std::string::npos);
  screen.listener.hear(exec::RunEnded{});
  CHECK(screen.take().find("ask") == std::string::npos);
}

TEST_CASE("a line that is drawn again never takes more than one line of the terminal") {
  Screen screen(true);
  screen.console.width = 30;

  screen.listener.hear(exec::StepStarted{std::string(80, 'x'), "eval", "first run", {}});
  CHECK(screen.last_width() < 30);

  std::string wide;
  for (int i = 0; i < 40; ++i) wide += "語";
  screen.listener.hear(exec::StepStarted{wide, "eval", "first run", {}});
  CHECK(screen.last_width() < 30);
}

namespace {

struct Outside {
  fakes::MemoryFileSystem files;
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  fakes::NoGit git;
  fakes::FakeClock clock;
  fakes::FakeEnv env;
  fakes::FakeLog log;
  sys::System system{files, process, http, git, clock, env, log};
};

}  // namespace

TEST_CASE("events go to a file, one object a line, in place of what it held") {
  Outside outside;
  outside.files.put("/repo/events.jsonl", "old\n");
  {
    EventsFile events(outside.system, "/repo/events.jsonl");
    lineage::Run run;
    run.id = "01RUN";
    run.status = lineage::RunStatus::failed;
    events.hear(exec::RunStarted{"01RUN", "triage", "dev", 2, 1});
    events.hear(exec::StepStarted{"ask", "eval", "first run", {}});
    events.hear(exec::StepTold{"ask", step::LogLine{sys::Stream::err, "oops"}});
    events.hear(ended(step::Status::failed, "it broke"));
    events.hear(exec::RunEnded{&run, true});
  }

  const auto lines = text::split(outside.files.at("/repo/events.jsonl"), '\n');

  REQUIRE(lines.size() == 6);
  std::vector<doc::Node> read;
  for (std::size_t i = 0; i < 5; ++i) {
    auto node = doc::parse_json_data(lines[i]);
    REQUIRE(node.has_value());
    read.push_back(*std::move(node));
  }
  CHECK(read[0].get("event", "") == "run_started");
  CHECK(read[0].get("at", "") == "2026-01-02T03:04:05.000Z");
  CHECK(read[1].get("reason", "") == "first run");
  CHECK(read[2].get("stream", "") == "stderr");
  CHECK(read[3].find("outcome")->get("status", "") == "failed");
  CHECK(read[4].get("status", "") == "failed");
}

TEST_CASE("events that can't be written are an error, and the file ends there") {
  Outside outside;
  outside.files.fail("write", "/events", 2);  // It is made, and one event written.
  EventsFile events(outside.system, "/events");

  events.hear(exec::Said{"one"});
  CHECK(events.written());
  events.hear(exec::Said{"two"});
  outside.files.heal();
  events.hear(exec::Said{"three"});

  REQUIRE_FALSE(events.written());
  CHECK(events.written().error().message == "can't write `/events`: input/output error");
  CHECK(outside.files.at("/events").find("three") == std::string::npos);
}

TEST_CASE("an events file that can't be made is an error before anything is heard") {
  Outside outside;
  outside.files.fail("write", "/events");

  CHECK_FALSE(EventsFile(outside.system, "/events").written());
}

TEST_CASE("events for what is no file, as a device or a link to one, don't remove it") {
  Outside outside;
  outside.files.link("/dev/stdout", "/proc/self/fd/1");

  EventsFile(outside.system, "/dev/stdout").hear(exec::Said{"one"});

  CHECK(outside.files.writes == std::vector<std::string>{"/dev/stdout"});
}
