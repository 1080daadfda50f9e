#pragma once
/// \file  What a running step sees, given by the test.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fakes/memory_file_system.h"
#include "step/context.h"
#include "sys/hash.h"

namespace llmops::fakes {

/// Files are those of `files`, at the root `/`.
class FakeStepContext final : public step::Context {
 public:
  /// Answers one query; failing it counts as an error.
  std::function<Result<model::Answer>(const model::Ask&)> answer = [](const model::Ask&) -> Result<model::Answer> {
    return environment_error("no model here");
  };
  std::function<Result<sys::ProcessEnd>(const step::SpawnRequest&)> program = [](const step::SpawnRequest&) {
    return Result<sys::ProcessEnd>(sys::ProcessEnd{});
  };
  doc::Node given_config;
  step::Inputs given_inputs;
  MemoryFileSystem files;
  std::map<std::string, std::string> kept;  ///< Name → bytes.
  std::vector<std::string> removed, notes;
  std::vector<step::SpawnRequest> spawned;
  std::vector<step::Progress> progress;
  model::AskLimits limits;  ///< Of the last `ask`.
  std::optional<model::BudgetEnd> budget_end;

  const std::string& id() const override { return id_; }
  const doc::Node& config() const override { return given_config; }
  const step::Inputs& inputs() const override { return given_inputs; }
  Result<model::AskTotals> ask(const std::function<std::optional<model::Ask>()>& next,
                               const std::function<void(const model::Asked&)>& on_answer,
                               const model::AskLimits& within) override {
    limits = within;
    model::AskTotals totals;
    totals.budget_end = budget_end;
    while (auto query = next()) {
      ++totals.asked;
      model::Asked asked;
      asked.tag = query->tag;
      auto got = answer(*query);
      if (got) {
        asked.answer = *std::move(got);
      } else {
        asked.error = std::move(got).error();
        ++totals.errors;
      }
      on_answer(asked);
    }
    return totals;
  }
  Result<sys::ProcessEnd> spawn(const step::SpawnRequest& request) override {
    spawned.push_back(request);
    return program(request);
  }
  Result<step::Output> keep(const std::string& name, std::string_view bytes) override {
    kept[name] = bytes;
    return output_of(name, {}, bytes);
  }
  Result<step::Output> keep_path(const std::string& name, const std::string& path) override {
    if (!files.has("/" + path)) return step_error("the output `" + path + "` was not made");
    return output_of(name, path, files.at("/" + path));
  }
  Result<std::string> fetch(const step::Output& output) override {
    for (const auto& [name, bytes] : kept) {
      if (output.digest && sys::sha256(bytes) == *output.digest) return bytes;
    }
    return environment_error("`" + output.name + "` is not in the cache");
  }
  Result<asset::Cases, Errors> cases(const step::DatasetInput& dataset) override {
    return asset::Cases::open(files, dataset.file, dataset.path, dataset.fields);
  }
  Result<std::string> read(const std::string& path) override { return files.read("/" + path); }
  Result<void> remove(const std::string& path) override {
    removed.push_back(path);
    return {};
  }
  void emit(step::StepEvent event) override {
    if (const auto* note = std::get_if<step::Note>(&event)) notes.push_back(note->text);
    if (const auto* now = std::get_if<step::Progress>(&event)) progress.push_back(*now);
  }
  StopToken stop() const override { return {}; }

 private:
  static step::Output output_of(const std::string& name, const std::string& path, std::string_view bytes) {
    step::Output out;
    out.name = name;
    out.path = path;
    out.digest = sys::sha256(bytes);
    out.size = Bytes{bytes.size()};
    out.value = path.empty() ? out.digest->to_string() : path;
    return out;
  }

  std::string id_ = "here";
};

}  // namespace llmops::fakes
