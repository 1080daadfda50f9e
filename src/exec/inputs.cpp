#include "exec/inputs.h"

#include <algorithm>

#include "base/text.h"
#include "plan/model_now.h"
#include "recipe/document.h"
#include "sys/hash.h"

namespace llmops::exec {
namespace {

bool is_late(const std::string& text) { return text.find("${") != std::string::npos; }

class Assembler {
 public:
  Assembler(Services& services, const plan::Plan& plan, const recipe::Scope& scope)
      : services_(services), plan_(plan), recipe_(*plan.recipe), scope_(scope) {}

  Result<step::Inputs, Errors> assemble(const recipe::Step& step) {
    out_.vars = recipe_.vars;
    TRY(const auto declared, recipe::declared_now(step, scope_));
    for (const auto& name : declared.reads.models) add_model(name);
    for (const auto& name : declared.reads.prompts) add_prompt(name);
    if (scope_.stage == recipe::Stage::run && !declared.reads.prompts.empty()) {  // A template may read any var.
      for (const auto& [name, error] : recipe_.missing_vars) fail(error, error.at);
    }
    for (const auto& name : declared.reads.datasets) add_dataset(name);
    const auto index = static_cast<std::size_t>(&step - recipe_.steps.data());
    for (const auto need : plan_.graph.needs[index]) {
      if (const auto& outcome = plan_.steps[need].outcome) out_.steps.emplace(plan_.steps[need].id, *outcome);
    }
    if (!errors_.empty()) return std::move(errors_);
    return std::move(out_);
  }

 private:
  void fail(Error error, const SourcePos& at) {
    if (!error.at.known()) error.at = at;
    errors_.push_back(std::move(error));
  }

  std::optional<doc::Node> resolved(const doc::Node& node) {
    auto known = recipe::resolve(node, scope_);
    if (known) return std::move(known->node);
    for (auto& error : known.error()) errors_.push_back(std::move(error));
    return std::nullopt;
  }

  void add_model(const step::Name& name) {
    const auto* declaration = recipe_.model(name.value);
    const auto known = plan_.identities.models.find(name.value);
    if (!declaration || known == plan_.identities.models.end()) return;
    auto model = plan::model_now(plan_, *declaration, scope_);
    if (!model) {
      errors_.insert(errors_.end(), model.error().begin(), model.error().end());
      return;
    }
    model::AskedModel asked;
    asked.name = name.value;
    asked.config = model->content.config;
    if (scope_.stage == recipe::Stage::run) {
      for (auto& error : model::validate(asked.config, model->written)) fail(std::move(error), declaration->at);
    }
    auto& files = model->content.files;
    locate(asked.config.file, files.file);
    locate(asked.config.adapter, files.adapter);
    check_pin(model->written, "file", files.file ? files.file->to_string() : std::string(), asked.config.sha256);
    if (!errors_.empty()) return;
    asked.identity = model::identity_digest(asked.config, files);
    asked.cacheable = model::cacheable(asked.config, files);
    out_.models.emplace(name.value, std::move(asked));
  }

  /// A weights file: where it lies now, and its digest if a step made it.
  void locate(schema::Placed<std::string>& file, std::optional<Digest>& digest) {
    if (file.value.empty() || is_late(file.value)) return;
    if (const auto stored = Digest::parse(file.value)) {
      digest = *stored;
      file.value = services_.cache.content().path(*stored).string();
      return;
    }
    const auto path = recipe::rooted(file.value, recipe_.path);
    if (const auto made = plan_.made.find(path); made != plan_.made.end()) digest = made->second;
    file.value = path.starts_with('/') ? path : (services_.repository.root() / path).string();
  }

  /// What a step made has its digest only now; the bytes of other files were compared before anything ran.
  void check_pin(const doc::Node& config, std::string_view key, const std::string& found, const std::string& pinned) {
    if (scope_.stage != recipe::Stage::run || pinned.empty() || is_late(pinned)) return;
    const auto has = Digest::parse(found), wanted = Digest::parse(pinned);
    const auto* written = config.find(key);
    if (!has || (wanted && *has == *wanted)) return;
    const auto& at = written ? written->at() : config.at();
    if (!wanted) return fail(invalid_error("`sha256` must be 64 hexadecimal digits, found `" + pinned + "`"), at);
    const auto what = written && !Digest::parse(written->text()) ? written->text() : std::string(key);
    fail(invalid_error("`" + what + "` has the digest " + has->brief() + "…, but " + wanted->brief() + "… is wanted",
                       {}, "a step made other bytes: look at them, or write their digest"),
         at);
  }

  /// The bytes behind a path or a digest that a step gave.
  Result<std::string> bytes_of(const std::string& written) {
    if (const auto stored = Digest::parse(written)) return services_.cache.content().get(*stored);
    const auto path = recipe::rooted(written, recipe_.path);
    if (!plan::maker_path(plan::made_paths(recipe_), path).empty()) {
      return services_.system.files.read(services_.repository.root() / path);
    }
    return services_.source.read(path);
  }

  std::string identity_of(const std::string& written) const {
    if (const auto stored = Digest::parse(written)) return stored->to_string();
    const auto path = recipe::rooted(written, recipe_.path);
    if (const auto known = plan_.identities.paths.find(path); known != plan_.identities.paths.end())
      return known->second;
    if (const auto made = plan_.made.find(path); made != plan_.made.end()) return made->second.to_string();
    return {};
  }

  void add_prompt(const step::Name& name) {
    const auto* declaration = recipe_.prompt(name.value);
    if (!declaration) return;
    const auto config = resolved(declaration->config);
    if (!config || is_late(config->text())) return;
    const auto written = config->text();
    auto bytes = bytes_of(written);
    if (!bytes) {
      // What a step will make is not there yet.
      const auto path = recipe::rooted(written, recipe_.path);
      const bool made = !plan::maker_path(plan::made_paths(recipe_), path).empty();
      if (made && scope_.stage != recipe::Stage::run) return;
      return fail(std::move(bytes).error(), declaration->config.at());
    }
    step::PromptInput input;
    input.name = name.value;
    input.path = Digest::parse(written) ? std::string() : recipe::rooted(written, recipe_.path);
    input.identity = identity_of(written);
    input.size = Bytes{bytes->size()};
    auto parsed = prompt::Prompt::parse(input.path.empty() ? written : input.path, *std::move(bytes));
    if (!parsed) {
      errors_.insert(errors_.end(), parsed.error().begin(), parsed.error().end());
      return;
    }
    if (parsed->parameters().is_map()) {
      const auto wrong =
          schema::check(schema::type_of<model::Parameters>(), parsed->parameters(), schema::Late::refuse);
      errors_.insert(errors_.end(), wrong.begin(), wrong.end());
    }
    input.prompt = std::make_shared<const prompt::Prompt>(*std::move(parsed));
    out_.prompts.emplace(name.value, std::move(input));
  }

  void add_dataset(const step::Name& name) {
    const auto* declaration = recipe_.dataset(name.value);
    if (!declaration) return;
    const auto node = resolved(declaration->config);
    if (!node) return;
    const auto config = schema::read<recipe::DatasetConfig>(*node);
    step::DatasetInput input;
    input.name = name.value;
    input.fields = config.fields();
    if (!config.uri.empty()) {
      auto file = pinned(config);
      if (!file) return fail(std::move(file).error(), declaration->at);
      input.path = config.uri;
      input.identity = "sha256:" + config.sha256;
      input.file = *std::move(file);
    } else {
      if (is_late(config.path.value)) return;
      const auto stored = Digest::parse(config.path.value);
      input.path = stored ? std::string() : recipe::rooted(config.path.value, recipe_.path);
      input.identity = identity_of(config.path.value);
      check_pin(*node, "path", input.identity, config.sha256);
      input.file = stored ? services_.cache.content().path(*stored) : services_.repository.root() / input.path;
    }
    if (scope_.stage != recipe::Stage::run) count(input);
    out_.datasets.emplace(name.value, std::move(input));
  }

  /// How many lines there are, for an estimate.
  void count(step::DatasetInput& input) const {
    std::size_t lines = 0;
    std::uint64_t bytes = 0;
    const auto read = services_.system.files.read_chunks(input.file, [&](std::string_view chunk) {
      lines += static_cast<std::size_t>(std::count(chunk.begin(), chunk.end(), '\n'));
      bytes += chunk.size();
      return true;
    });
    if (!read) return;
    input.cases = input.path.ends_with(".csv") && lines > 0 ? lines - 1 : lines;
    input.size = Bytes{bytes};
  }

  /// Where bytes outside git lie once they were brought.
  Result<sys::Path> pinned(const recipe::DatasetConfig& config) {
    const auto digest = Digest::parse(config.sha256);
    if (!digest) return invalid_error("`sha256` must be 64 hexadecimal digits");
    return services_.cache.content().path(*digest);
  }

  Services& services_;
  const plan::Plan& plan_;
  const recipe::Recipe& recipe_;
  const recipe::Scope& scope_;
  step::Inputs out_;
  Errors errors_;
};

}  // namespace

Result<step::Inputs, Errors> inputs_of(Services& services, const plan::Plan& plan, const recipe::Step& step,
                                       const recipe::Scope& scope) {
  return Assembler(services, plan, scope).assemble(step);
}

recipe::Scope run_scope(Services& services, const plan::Plan& plan, const recipe::Step& step, std::string run_id,
                        const recipe::Scope& base) {
  auto scope = plan::scope_of(plan, base, step);
  scope.stage = recipe::Stage::run;
  scope.run_id = std::move(run_id);
  scope.secret = [&services](const std::string& name) { return services.secrets.get(name); };
  return scope;
}

}  // namespace llmops::exec
