#pragma once
/// \file  This machine with its network and its programs, and a server of our own on it.
#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "doc/json.h"
#include "fakes/fake_log.h"
#include "fakes/memory_table.h"
#include "fakes/no_git.h"
#include "model/asker.h"
#include "sys/hash.h"
#include "sys/real/event_loop.h"
#include "sys/real/real_clock.h"
#include "sys/real/real_env.h"
#include "sys/real/real_file_system.h"
#include "sys/real/real_http.h"
#include "sys/real/real_process.h"

namespace llmops::model {

struct OnlineMachine {
  sys::EventLoop loop;
  sys::RealFileSystem files;
  sys::RealClock clock;
  sys::RealEnv env;
  fakes::NoGit git;
  fakes::FakeLog log;
  sys::RealProcess process{loop};
  sys::RealHttp http{loop};
  sys::System system{files, process, http, git, clock, env, log};
  fakes::MemoryTable table;
  std::vector<Asked> answers;

  OnlineMachine() { REQUIRE(process.start_supervisor()); }
  OpenContext context() { return {system, LLMOPS_TEST_ROOT, "/nowhere"}; }

  /// Asks each of these texts, tagged from 0; the answers stand in the tags' order.
  Result<AskTotals> ask(const AskedModel& model, const std::vector<std::string>& texts, StopToken stop = {}) {
    const auto query = [](const std::string& text) {
      Query out;
      out.messages = {{"user", {{text, templating::Origin::data}}}};
      return out;
    };
    return ask_each(model, texts, query, std::move(stop));
  }
  /// The same with other queries.
  Result<AskTotals> ask_each(const AskedModel& model, const std::vector<std::string>& texts,
                             const std::function<Query(const std::string&)>& query, StopToken stop = {}) {
    answers.assign(texts.size(), {});
    std::size_t pulled = 0;
    Asker asker(context(), table, CacheMode::use);
    auto end = asker.ask(
        [&]() -> std::optional<Ask> {
          if (pulled == texts.size()) return std::nullopt;
          const auto at = pulled++;
          return Ask{at, &model, query(texts[at])};
        },
        [&](const Asked& asked) { answers[asked.tag] = asked; }, {}, std::move(stop));
    if (end.error) return *std::move(end.error);
    return end.totals;
  }
  /// The answer to one text, or `!` and the error's message.
  std::string one(const AskedModel& model, const std::string& text) {
    const auto totals = ask(model, {text});
    if (!totals) return "!!" + totals.error().message;
    return answers.front().answer ? answers.front().answer->text : "!" + answers.front().error->message;
  }
};

/// tests/fakes/PROVIDER_server.py, until destroyed.
class ApiServer {
 public:
  ApiServer(OnlineMachine& machine, std::string provider, std::vector<std::string> options = {})
      : machine_(machine), provider_(std::move(provider)) {
    sys::ProcessSpec spec;
    spec.argv = {"python3", std::string(LLMOPS_TEST_ROOT) + "/tests/fakes/" + provider_ + "_server.py"};
    spec.argv.insert(spec.argv.end(), options.begin(), options.end());
    spec.folder = LLMOPS_TEST_ROOT;
    spec.env = machine.env.all();
    auto started = machine.process.start(spec, {}, [this](sys::Stream stream, std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      if (stream == sys::Stream::out) said_ += bytes;
      changed_.notify_all();
    });
    REQUIRE(started);
    child_ = *std::move(started);
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return said_.ends_with('\n'); }));
    port_ = std::string(text::trim(std::string_view(said_).substr(5)));
  }

  AskedModel model() const {
    AskedModel out;
    out.name = "cloud";
    out.config.provider = provider_;
    out.config.model = "fake-1";
    out.config.base_url = "http://127.0.0.1:" + port_ + (provider_ == "openai" ? "/v1" : "");
    out.config.api_key = "sk-test-secret";
    out.config.price = {1, 2, std::nullopt};
    out.config.retry = {2, Duration{1}};
    out.identity = sys::sha256(out.config.base_url);
    return out;
  }
  doc::Node stats() {
    sys::HttpRequest request;
    request.url = "http://127.0.0.1:" + port_ + "/stats";
    const auto response = machine_.http.fetch(request, {});
    REQUIRE(response);
    return *doc::parse_json_data(response->body);
  }

 private:
  OnlineMachine& machine_;
  std::string provider_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string said_, port_;
  std::unique_ptr<sys::Child> child_;
};

struct OpenAiServer : ApiServer {
  explicit OpenAiServer(OnlineMachine& machine, std::vector<std::string> options = {})
      : ApiServer(machine, "openai", std::move(options)) {}
};

}  // namespace llmops::model
