#pragma once
/// \file  What a running step sees of the executor.
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "exec/services.h"
#include "model/asker.h"
#include "step/context.h"

namespace llmops::exec {

/// Everything that one try of one step needs.
struct StepSetup {
  std::string id, run_id, environment;
  std::string recipe_path;  ///< `./x` is relative to its folder.
  doc::Node config;
  step::Inputs inputs;
  std::map<std::string, std::string> env;  ///< Whole environment of its programs.
  std::optional<Duration> timeout;
  model::Budget* budget = nullptr;
  sys::Path log_file;
  StopToken stop;
  std::function<void(step::StepEvent)> emit;
};

class StepContext : public step::Context {
 public:
  StepContext(Services& services, model::Asker& asker, StepSetup setup);

  const std::string& id() const override { return setup_.id; }
  const doc::Node& config() const override { return setup_.config; }
  const step::Inputs& inputs() const override { return setup_.inputs; }
  Result<model::AskTotals> ask(const std::function<std::optional<model::Ask>()>& next,
                               const std::function<void(const model::Asked&)>& on_answer,
                               const model::AskLimits& limits) override;
  Result<sys::ProcessEnd> spawn(const step::SpawnRequest& request) override;
  Result<step::Output> keep(const std::string& name, std::string_view bytes) override;
  Result<step::Output> keep_path(const std::string& name, const std::string& path) override;
  Result<std::string> fetch(const step::Output& output) override;
  Result<asset::Cases, Errors> cases(const step::DatasetInput& dataset) override;
  Result<std::string> read(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  void emit(step::StepEvent event) override;
  StopToken stop() const override { return setup_.stop; }

  const step::QueryCounts& queries() const { return queries_; }
  const std::optional<Usd>& cost() const { return cost_; }
  /// The last lines that its programs wrote, for the message of a failure.
  std::string tail() const;

 private:
  sys::Path place(const std::string& path) const;
  void hear(sys::Stream stream, std::string_view bytes);
  void line(sys::Stream stream, std::string text);

  Services& services_;
  model::Asker& asker_;
  StepSetup setup_;
  step::QueryCounts queries_;
  std::optional<Usd> cost_ = Usd{0};
  mutable std::mutex mutex_;
  std::string partial_[2];
  std::vector<std::string> tail_;
  std::unique_ptr<sys::AppendFile> log_;
};

}  // namespace llmops::exec
