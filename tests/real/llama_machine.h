#pragma once
/// \file  This machine, and the small model that tests of the embedded engine ask.
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fakes/fake_env.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/no_git.h"
#include "model/model.h"
#include "sys/real/real_clock.h"
#include "sys/real/real_env.h"
#include "sys/real/real_file_system.h"

namespace llmops::model {

struct Machine {
  sys::RealFileSystem files;
  sys::RealClock clock;
  sys::RealEnv env;
  fakes::NoGit git;
  fakes::FakeLog log;
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  sys::System system{files, process, http, git, clock, env, log};

  OpenContext context() { return {system, "/", sys::cache_folder(env) / "models"}; }
  sys::Path model_file() {
    if (const auto given = env.get("LLMOPS_TEST_MODEL")) return *given;
    return sys::cache_folder(env) / "models/smollm2-135m-instruct/model.gguf";
  }
  /// The small model that embeds.
  ModelConfig embedder() {
    ModelConfig out;
    out.provider = "llama";
    out.api = "embeddings";
    out.file.value = env.get("LLMOPS_TEST_EMBEDDER")
                         .value_or((sys::cache_folder(env) / "models/all-minilm-l6-v2/model.gguf").string());
    return out;
  }
  ModelConfig config(std::int64_t concurrency) {
    ModelConfig out;
    out.provider = "llama";
    out.file.value = model_file().string();
    out.concurrency = concurrency;
    out.parameters.context = 512;
    return out;
  }
};

using Outcome = Result<Answer, QueryFailure>;

/// Asks all at once, in this order, and waits for all; outcomes stand where their queries stood.
inline std::vector<Outcome> ask_all(Model& model, const std::vector<Query>& queries, StopToken stop = {}) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Outcome>> got(queries.size());
  std::size_t left = queries.size();
  for (std::size_t i = 0; i < queries.size(); ++i) {
    model.ask(queries[i], stop, [&, i](Outcome outcome) {
      const std::lock_guard lock(mutex);
      got[i].emplace(std::move(outcome));
      if (--left == 0) changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return left == 0; });
  std::vector<Outcome> out;
  for (auto& outcome : got) out.push_back(*std::move(outcome));
  return out;
}

inline Query raw(std::string text, std::int64_t max_tokens = 8) {
  Query out;
  out.raw = true;
  out.messages = {{"user", {{std::move(text), templating::Origin::author}}}};
  out.parameters.max_tokens = max_tokens;
  return out;
}

inline Query chat(std::string text, std::int64_t max_tokens = 8) {
  auto out = raw(std::move(text), max_tokens);
  out.raw = false;
  out.messages.front().content.front().origin = templating::Origin::data;
  return out;
}

}  // namespace llmops::model
