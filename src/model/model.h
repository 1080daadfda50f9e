#pragma once
/// \file  Anything that answers a query.
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/stop.h"
#include "model/config.h"
#include "model/query.h"
#include "sys/system.h"

namespace llmops::model {

/// Which queries fail along with one.
enum class Extent {
  one,         ///< No other: not answered in time, a bad answer, a busy server.
  unanswered,  ///< All, while the model has answered none: no connection, 401.
  all,         ///< All that come after it: a quota used up, a program that writes no answers.
};

/// Why a query failed, as far as whoever asks again needs to know.
struct QueryFailure {
  Error error;
  bool retryable = false;
  std::optional<Duration> retry_after;  ///< What the server asked for.
  Extent extent = Extent::one;
  bool overloaded = false;        ///< The server said that it is asked too much.
  std::optional<Duration> pause;  ///< For so long it wants nothing more, as its headers tell.
};

/// An open model. Safe to call from many threads.
class Model {
 public:
  virtual ~Model() = default;
  /// Calls `done` once, with the cost only where the provider told it, on a thread of the model's, with the answer or
  /// why there is none. Never retries. An answer cut off by `max_tokens` is an answer (`finish_reason` length); a
  /// prompt that does not fit is a failure.
  virtual void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) = 0;
  /// How many queries it is useful to have waiting at once.
  virtual std::int64_t concurrency() const = 0;
  /// Whoever asks has nothing more for now: what is held back, to be sent together with more, is sent.
  virtual void flush() {}
};

/// Where things come from when a model is opened. `folder` is the repository's root; `path_of` turns a name in the
/// local model store into a file.
struct OpenContext {
  sys::System& system;
  sys::Path folder;
  sys::Path models_folder;
};

/// Opens what a configuration describes. Errors of kind `environment`: no such model in the store (hint: `llmops models
/// pull …`), a file that is no model or cut short, a CPU without AVX2, FMA and F16C, a program that can't be started.
Result<std::unique_ptr<Model>> open_model(const ModelConfig& config, OpenContext& context);

// One for each provider; `open_model` picks.
Result<std::unique_ptr<Model>> open_llama(const ModelConfig& config, OpenContext& context);
Result<std::unique_ptr<Model>> open_openai(const ModelConfig& config, OpenContext& context);
Result<std::unique_ptr<Model>> open_anthropic(const ModelConfig& config, OpenContext& context);
Result<std::unique_ptr<Model>> open_ollama(const ModelConfig& config, OpenContext& context);
Result<std::unique_ptr<Model>> open_exec(const ModelConfig& config, OpenContext& context);
Result<std::unique_ptr<Model>> open_echo(const ModelConfig& config, OpenContext& context);

}  // namespace llmops::model
