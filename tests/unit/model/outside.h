#pragma once
/// \file  A whole fake machine for models, and short ways to make queries.
#include <utility>

#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/memory_file_system.h"
#include "fakes/no_git.h"
#include "model/model.h"

namespace llmops::model {

template <class ClockType = fakes::FakeClock>
struct Outside {
  fakes::MemoryFileSystem files;
  fakes::NoGit git;
  ClockType clock;
  fakes::FakeEnv env{{"PATH", "/usr/bin"}, {"HOME", "/home/ann"}, {"LC_ALL", "C.UTF-8"}, {"GITHUB_TOKEN", "ghp_1"}};
  fakes::FakeLog log;
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  sys::System system{files, process, http, git, clock, env, log};

  OpenContext context() { return {system, "/repo", "/models"}; }
};

inline Query question(std::string text) {
  Query out;
  out.messages = {{"user", {{std::move(text), templating::Origin::author}}}};
  return out;
}

inline sys::HttpResponse http_answer(int status, std::string body) {
  sys::HttpResponse out;
  out.status = status;
  out.body = std::move(body);
  out.elapsed = Duration{7};
  return out;
}

/// What a server says when all is well.
inline sys::HttpResponse chat_answer(const std::string& content_json) {
  return http_answer(
      200, R"({"model":"m-1","system_fingerprint":"fp_9","choices":[{"message":{"role":"assistant","content":)" +
               content_json + R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":20}})");
}

/// Asks and waits.
inline Result<Answer, QueryFailure> ask_and_wait(Model& model, Query query, StopToken stop = {}) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Result<Answer, QueryFailure>> out;
  model.ask(std::move(query), std::move(stop), [&](Result<Answer, QueryFailure> result) {
    const std::lock_guard lock(mutex);
    out.emplace(std::move(result));
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return out.has_value(); });
  return *std::move(out);
}

}  // namespace llmops::model
