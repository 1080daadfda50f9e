#include "exec/step_context.h"

#include "base/text.h"
#include "exec/outputs.h"
#include "recipe/document.h"
#include "recipe/outputs.h"

namespace llmops::exec {
namespace {

constexpr std::size_t kTailLines = 12;
constexpr std::size_t kLongLine = 16'384;

}  // namespace

StepContext::StepContext(Services& services, model::Asker& asker, StepSetup setup)
    : services_(services), asker_(asker), setup_(std::move(setup)) {}

Result<model::AskTotals> StepContext::ask(const std::function<std::optional<model::Ask>()>& next,
                                          const std::function<void(const model::Asked&)>& on_answer,
                                          const model::AskLimits& limits) {
  auto bounded = limits;
  bounded.shared = setup_.budget;
  bounded.on_note = [this](const std::string& text) { emit(step::Note{text}); };
  auto [totals, error] = asker_.ask(next, on_answer, bounded, setup_.stop);
  queries_.asked += totals.asked;
  queries_.cached += totals.cached;
  queries_.errors += totals.errors;
  queries_.retries += totals.retries;
  cost_ = cost_ && totals.cost ? std::optional(Usd{cost_->value + totals.cost->value}) : std::nullopt;
  if (error) return *std::move(error);
  return totals;
}

Result<sys::ProcessEnd> StepContext::spawn(const step::SpawnRequest& request) {
  sys::ProcessSpec spec;
  spec.argv = request.argv;
  spec.folder = services_.repository.root();
  spec.env = setup_.env;
  for (const auto& [name, value] : request.env) spec.env[name] = value;
  spec.timeout = setup_.timeout;
  auto end = services_.system.process.run(spec, setup_.stop,
                                          [this](sys::Stream stream, std::string_view bytes) { hear(stream, bytes); });
  for (const auto stream : {sys::Stream::out, sys::Stream::err}) {
    auto& rest = partial_[static_cast<int>(stream)];
    if (!rest.empty()) line(stream, std::exchange(rest, {}));
  }
  return end;
}

void StepContext::hear(sys::Stream stream, std::string_view bytes) {
  auto& partial = partial_[static_cast<int>(stream)];
  partial += bytes;
  std::size_t from = 0;
  for (auto end = partial.find('\n', from); end != std::string::npos; end = partial.find('\n', from)) {
    line(stream, partial.substr(from, end - from));
    from = end + 1;
  }
  partial.erase(0, from);
  if (partial.size() > kLongLine) line(stream, std::exchange(partial, {}));
}

void StepContext::line(sys::Stream stream, std::string written) {
  if (written.ends_with('\r')) written.pop_back();
  auto masked = services_.secrets.mask(std::move(written));
  {
    const std::lock_guard lock(mutex_);
    if (!log_ && !setup_.log_file.empty()) {
      if (auto opened = services_.system.files.append_to(setup_.log_file)) log_ = *std::move(opened);
    }
    if (log_) static_cast<void>(log_->append(masked + "\n"));  // A full disk is reported by what must be kept.
    tail_.push_back(masked);
    if (tail_.size() > kTailLines) tail_.erase(tail_.begin());
  }
  setup_.emit(step::LogLine{stream, std::move(masked)});
}

std::string StepContext::tail() const {
  const std::lock_guard lock(mutex_);
  return text::join(tail_, "\n");
}

Result<step::Output> StepContext::keep(const std::string& name, std::string_view bytes) {
  return store_bytes(services_, name, bytes);
}

Result<step::Output> StepContext::keep_path(const std::string& name, const std::string& path) {
  return store_path(services_, name, recipe::rooted(path, setup_.recipe_path));
}

Result<std::string> StepContext::fetch(const step::Output& output) {
  if (!output.digest) return output.value.text();
  return services_.cache.content().get(*output.digest);
}

Result<asset::Cases, Errors> StepContext::cases(const step::DatasetInput& dataset) {
  return asset::Cases::open(services_.system.files, dataset.file, dataset.path, dataset.fields);
}

Result<std::string> StepContext::read(const std::string& path) { return services_.system.files.read(place(path)); }

Result<void> StepContext::remove(const std::string& path) {
  auto& files = services_.system.files;
  TRY(const auto removed, recipe::free_place(services_.source, recipe::rooted(path, setup_.recipe_path)));
  TRY_VOID(files.remove_below(services_.repository.root(), removed));
  return files.make_folders((services_.repository.root() / removed).parent_path());
}

sys::Path StepContext::place(const std::string& path) const {
  return services_.repository.root() / recipe::rooted(path, setup_.recipe_path);
}

void StepContext::emit(step::StepEvent event) { setup_.emit(std::move(event)); }

}  // namespace llmops::exec
