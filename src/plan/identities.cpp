#include "plan/identities.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "doc/json.h"
#include "recipe/document.h"
#include "recipe/typed.h"
#include "recipe/words.h"
#include "sys/hash.h"

namespace llmops::plan {
namespace {

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }
bool is_late(const std::string& text) { return text.find("${") != std::string::npos; }

class Gatherer {
 public:
  Gatherer(const recipe::Recipe& recipe, GatherContext& context) : recipe_(recipe), context_(context) {
    made_ = made_paths(recipe);
  }

  Result<Identities, Errors> gather(std::string repository, Which which) {
    out_.repository = std::move(repository);
    for (const auto& file : recipe_.files) add_tracked(file, {});
    for (const auto& step : recipe_.steps) {
      if (which == Which::all || step.here) gather_step(step);
    }
    refuse_untracked();
    if (!errors_.empty()) return std::move(errors_);
    return std::move(out_);
  }

 private:
  /// A program may read what lies in a folder of its inputs, and what git does not track is part of no key.
  void refuse_untracked() {
    std::vector<std::string> patterns;
    for (const auto& pattern : patterns_) patterns.push_back(pattern.value);
    auto found = context_.source.untracked(patterns);
    if (!found) return fail(std::move(found).error(), {});
    std::erase_if(*found, [this](const std::string& path) { return !maker_path(made_, path).empty(); });
    for (const auto& path : *found) {
      const auto in = std::find_if(patterns_.begin(), patterns_.end(),
                                   [&](const auto& pattern) { return fits(pattern.value, path); });
      if (in == patterns_.end()) continue;
      fail(invalid_error("`" + path + "` is not tracked by git, and it fits the input `" + in->value + "`", in->at,
                         "`git add " + path + "`, or let git ignore it"),
           in->at);
    }
  }

  static bool fits(const std::string& pattern, const std::string& path) {
    return is_pattern(pattern) ? text::glob_match(pattern, path) : path.starts_with(pattern + "/");
  }

  void gather_step(const recipe::Step& step) {
    const auto& reads = step.declared.reads;
    for (const auto& name : reads.models) {
      for_named(recipe_.models, name.value, [this](const auto& model) { gather_model(&model); });
    }
    for (const auto& name : reads.prompts) {
      for_named(recipe_.prompts, name.value, [this](const auto& prompt) { gather_prompt(&prompt); });
    }
    for (const auto& name : reads.datasets) {
      for_named(recipe_.datasets, name.value, [this](const auto& dataset) { gather_dataset(&dataset); });
    }
    for (const auto& path : reads.paths) {
      gather_path(path.value, path.at);
      note_mode(recipe::rooted(path.value, recipe_.path));
    }
    for (const auto& word : reads.maybe) {
      gather_word(word.value, out_.words);
      note_mode(recipe::command_path(word.value));
    }
  }

  /// A name that a step will yield can be any of them.
  template <class Each>
  static void for_named(const std::vector<recipe::Declaration>& all, const std::string& name, Each each) {
    for (const auto& declaration : all) {
      if (declaration.name == name || is_late(name)) each(declaration);
    }
  }

  void fail(Error error, const SourcePos& at) {
    if (!error.at.known()) error.at = at;
    if (std::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(std::move(error));
  }

  void add_tracked(const std::string& path, const SourcePos& at) {
    if (out_.files.contains(path)) return;
    auto asset = context_.source.file(path);
    if (!asset) return fail(std::move(asset).error(), at);
    out_.files[path] = asset->git_blob;
  }

  /// What a step runs or reads as a file; prompts and datasets are only ever read by us.
  void note_mode(const std::string& path) {
    if (executable_.contains(path)) out_.executables.insert(path);
  }

  void note(const std::string& path, const asset::Asset& file) {
    if (!file.git_blob.empty()) out_.files[path] = file.git_blob;
    if (file.executable) executable_.insert(path);
  }

  void gather_path(const std::string& written, const SourcePos& at) {
    if (is_late(written)) return;
    const auto path = recipe::rooted(written, recipe_.path);
    if (out_.paths.contains(path) || !maker_path(made_, path).empty()) return;
    if (!is_pattern(path)) {
      if (auto file = context_.source.file(path)) {
        out_.paths[path] = file->git_blob;
        note(path, *file);
        return;
      } else if (auto below = context_.source.glob(path); !below) {
        return fail(std::move(below).error(), at);
      }
    }
    auto files = context_.source.glob(path);
    if (!files) return fail(std::move(files).error(), at);
    out_.paths[path] = identity_of(*files);
    patterns_.push_back({path, at});
    for (const auto& file : *files) note(file.path, file);
  }

  void gather_word(const std::string& written, std::map<std::string, std::string>& into) {
    if (is_late(written) || written.empty() || written.front() == '-') return;
    const auto path = recipe::command_path(written);
    if (not_tracked_.contains(path)) return;  // `sh`, `python3` and the like stand in many commands.
    if (const auto known = out_.files.find(path); known != out_.files.end()) {
      into[path] = known->second;
      return;
    }
    auto file = context_.source.tracked(path);
    if (!file || !*file) {
      not_tracked_.insert(path);
      return;
    }
    into[path] = (*file)->git_blob;
    note(path, **file);
  }

  void gather_prompt(const recipe::Declaration* prompt) {
    if (prompt) gather_path(prompt->config.text(), prompt->config.at());
  }

  void gather_dataset(const recipe::Declaration* dataset) {
    if (!dataset) return;
    const auto config = schema::read<recipe::DatasetConfig>(dataset->config);
    if (!config.uri.empty()) {
      const auto digest = Digest::parse(config.sha256);
      if (!digest) {
        return fail(invalid_error("`" + dataset->name + "` has a `uri` but no `sha256` of 64 digits", dataset->at,
                                  "write the digest that its bytes must have: `sha256sum` prints it"),
                    dataset->at);
      }
      out_.paths[config.uri] = digest->to_string();
      return;
    }
    if (config.path.value.empty()) {
      return fail(invalid_error("`" + dataset->name + "` needs a `path` or a `uri`", dataset->at), dataset->at);
    }
    const auto at = config.path.at.known() ? config.path.at : dataset->at;
    gather_path(config.path.value, at);
    if (!config.sha256.empty()) check_digest({config.path.value, at}, config.sha256);
  }

  void gather_model(const recipe::Declaration* declaration) {
    if (!declaration || out_.models.contains(declaration->name)) return;
    ModelIdentity model;
    model.config = schema::read<model::ModelConfig>(declaration->config);
    for (auto& error : model::validate(model.config, declaration->config)) fail(std::move(error), declaration->at);
    if (model.config.provider == "llama") gather_llama(*declaration, model);
    for (const auto& pattern : model.config.inputs) {
      if (is_late(pattern)) continue;
      const auto path = recipe::rooted(pattern, recipe_.path);
      const bool made = !maker_path(made_, path).empty();
      auto files = context_.source.glob(path);
      if (!files && made) continue;  // What is there once the step is done counts then.
      if (!files) {
        fail(std::move(files).error(), declaration->at);
        continue;
      }
      for (const auto& file : *files) {
        model.files.program_blobs[file.path] = file.link.empty() ? file.git_blob : file.git_blob + " " + file.link;
        note(file.path, file);
      }
      patterns_.push_back({path, declaration->at});
    }
    if (const auto* env = declaration->config.find("env"); env && env->is_map()) {
      for (const auto& entry : env->entries()) {
        if (entry.value.text().find("${secret.") == std::string::npos) {
          model.files.plain_env[entry.key] = entry.value.text();
        }
      }
    }
    for (const auto& word : model.config.command) gather_word(word, model.files.program_blobs);
    out_.models.emplace(declaration->name, std::move(model));
  }

  void gather_llama(const recipe::Declaration& declaration, ModelIdentity& model) {
    auto& config = model.config;
    if (!config.file.value.empty()) {
      model.files.file = weights(config.file, config.sha256, model);
    } else if (!config.model.empty() && !is_late(config.model)) {
      model.files.file = named(config.model, declaration);
    }
    if (!config.adapter.value.empty()) model.files.adapter = weights(config.adapter, {}, model);
  }

  /// A model of the local store; one that is not pulled yet has the digest that its catalog entry promises.
  std::optional<Digest> named(const std::string& name, const recipe::Declaration& declaration) {
    auto stored = context_.models.find(name);
    if (stored) {
      const auto digest = hashed(stored->path);
      const auto* at = declaration.config.find("model");
      if (!digest) {
        fail(digest.error(), at ? at->at() : declaration.at);
      } else if (*digest != stored->sha256) {
        fail(environment_error("the model `" + name + "` is damaged: its file has the digest " + digest->brief() +
                                   "…, expected " + stored->sha256.brief() + "…",
                               "remove `" + stored->path.parent_path().string() +
                                   "`, and bring it again: `llmops models pull " + name + "`"),
             at ? at->at() : declaration.at);
      }
      return stored->sha256;
    }
    for (const auto& entry : model::catalog()) {
      if (entry.name == name) return entry.sha256;
    }
    const auto* at = declaration.config.find("model");
    fail(std::move(stored).error(), at ? at->at() : declaration.at);
    return std::nullopt;
  }

  std::optional<Digest> weights(const schema::Placed<std::string>& file, const std::string& pinned,
                                ModelIdentity& model) {
    if (is_late(file.value)) return std::nullopt;
    const auto path = recipe::rooted(file.value, recipe_.path);
    if (const auto maker = maker_path(made_, path); !maker.empty()) {
      model.made_by_path = maker;
      return std::nullopt;
    }
    const auto wanted = Digest::parse(pinned);
    if (!pinned.empty() && !wanted) {
      fail(invalid_error("`sha256` must be 64 hexadecimal digits, found `" + pinned + "`", file.at), file.at);
      return std::nullopt;
    }
    if (!wanted) add_tracked(path, file.at);
    auto digest = hashed(path.starts_with('/') ? sys::Path(path) : context_.root / path);
    if (!digest) {
      fail(std::move(digest).error(), file.at);
      return std::nullopt;
    }
    if (wanted && *wanted != *digest) fail(other_digest(path, *digest, *wanted, file.at), file.at);
    return *digest;
  }

  /// Of a tracked file whose digest is written down too.
  void check_digest(const schema::Placed<std::string>& file, const std::string& pinned) {
    const auto path = recipe::rooted(file.value, recipe_.path);
    if (is_late(file.value) || !out_.paths.contains(path)) return;
    const auto wanted = Digest::parse(pinned);
    if (!wanted) {
      return fail(invalid_error("`sha256` must be 64 hexadecimal digits, found `" + pinned + "`", file.at), file.at);
    }
    const auto digest = hashed(context_.root / path);
    if (!digest) return fail(digest.error(), file.at);
    if (*digest != *wanted) fail(other_digest(path, *digest, *wanted, file.at), file.at);
  }

  static Error other_digest(const std::string& path, const Digest& found, const Digest& wanted, const SourcePos& at) {
    return invalid_error("`" + path + "` has the digest " + found.brief() + "…, but " + wanted.brief() + "… is wanted",
                         at, "bring the right file, or write the digest of this one");
  }

  Result<Digest> hashed(const sys::Path& path) {
    const auto seen_at = sys::since_epoch_ns(context_.clock);
    TRY(const auto stat, context_.files.stat(path));
    if (stat.kind == sys::FileKind::none) return invalid_error("there is no file `" + path.string() + "`");
    if (const auto kept = context_.cache.stats().get(path, stat); kept && kept->sha256) {
      return *kept->sha256;
    }
    TRY(const auto digest, context_.files.sha256(path));
    context_.cache.stats().put(path, {stat, seen_at, {}, digest});
    return digest;
  }

  const recipe::Recipe& recipe_;
  GatherContext& context_;
  std::set<std::string> made_, not_tracked_, executable_;
  std::vector<schema::Placed<std::string>> patterns_;  ///< From the root: folders and globs that were read.
  Identities out_;
  Errors errors_;
};

}  // namespace

std::string identity_of(const std::vector<asset::Asset>& files) {
  std::string lines;
  for (const auto& file : files) {
    lines += file.path + '\0' + file.git_blob;
    if (file.executable) lines += kExecutable;
    if (!file.link.empty()) lines += '\0' + file.link;
    lines += '\n';
  }
  return sys::sha256(lines).to_string();
}

Result<Identities, Errors> gather(const recipe::Recipe& recipe, GatherContext& context, std::string repository,
                                  Which which) {
  return Gatherer(recipe, context).gather(std::move(repository), which);
}

namespace {

/// Whether its program is told of something that a step makes: its content is known in time.
bool reads_what_is_made(const recipe::Declaration& model, const recipe::Recipe& recipe) {
  const auto made = made_paths(recipe);
  const auto is_made = [&](const std::string& path) { return !maker_path(made, path).empty(); };
  const auto words = recipe::program_words(model.config);
  if (std::any_of(words.begin(), words.end(), is_made)) return true;
  for (const auto& input : schema::read<model::ModelConfig>(model.config).inputs) {
    if (is_made(recipe::rooted(input, recipe.path))) return true;
  }
  bool refers = false;
  static_cast<void>(recipe::for_each_reference(model.config, [&](const auto& reference, const auto&) {
    refers = refers || (reference.root() == "steps" && reference.name(2) == "outputs");
  }));
  return refers;
}

}  // namespace

Errors warnings(const recipe::Recipe& recipe, const Identities& identities) {
  Errors out;
  for (const auto& [name, model] : identities.models) {
    const auto* declaration = recipe.model(name);
    if (!declaration || model.config.provider != "exec" || model::cacheable(model.config, model.files)) continue;
    if (reads_what_is_made(*declaration, recipe)) continue;
    out.push_back(invalid_error("nothing tells what the program of `" + name + "` is made of: its answers are not kept",
                                declaration->at, "name its files: `inputs: [\"chains/**\"]`"));
  }
  return out;
}

std::set<std::string> made_paths(const recipe::Recipe& recipe) {
  std::set<std::string> out;
  for (const auto& step : recipe.steps) {
    for (const auto& output : step.declared.outputs) {
      if (!output.path.empty()) out.insert(output.path);
    }
  }
  return out;
}

std::string maker_path(const std::set<std::string>& made, const std::string& path) {
  if (made.empty()) return {};
  if (is_pattern(path)) {
    for (const auto& known : made) {
      if (text::glob_match(path, known)) return known;
    }
    return {};
  }
  for (std::string at = path;;) {
    if (made.contains(at)) return at;
    const auto slash = at.rfind('/');
    if (slash == std::string::npos) return {};
    at.resize(slash);
  }
}

namespace {

/// What may differ between environments without making another release.
doc::Node without_address(doc::Node model) {
  for (const auto* key : {"base_url", "api_key", "headers", "price", "concurrency", "timeout", "retry"}) {
    if (model.is_map()) model.erase(key);
  }
  return model;
}

/// What the expressions stand for, such as `${env.NAME}`: other values make another release of the same text. Secrets
/// are not read, and stay as they are written.
doc::Node resolved_values(const recipe::Recipe& shared) {
  auto out = doc::Node::map();
  const auto add = [](doc::Node& to, const std::vector<recipe::Declaration>& all) {
    for (const auto& declaration : all)
      to.push_back(doc::Node(doc::List{declaration.name, without_address(declaration.config)}));
  };
  add(out["models"], shared.models);
  add(out["prompts"], shared.prompts);
  add(out["datasets"], shared.datasets);
  auto& steps = out["steps"];
  for (const auto& step : shared.steps) {
    auto env = doc::Node::map();
    for (const auto& [name, value] : step.env) env[name] = value;
    steps.push_back(doc::Node(doc::List{step.id, step.config, std::move(env)}));
  }
  return out;
}

}  // namespace

Digest release_key(const recipe::Recipe& shared, const Identities& identities) {
  auto document = shared.document;
  document.erase("environments");
  document.erase("tracking");
  document.erase("description");
  if (shared.vars.size() > 0) document["vars"] = shared.vars;
  if (auto* models = document.find("models"); models && models->is_map()) {
    for (auto& entry : models->entries()) entry.value = without_address(std::move(entry.value));
  }
  auto content = doc::Node::map();
  for (const auto& [path, blob] : identities.files) {
    if (std::find(shared.files.begin(), shared.files.end(), path) == shared.files.end()) content[path] = blob;
  }
  for (const auto& [name, model] : identities.models) {
    if (model.files.file) content["model " + name] = model.files.file->to_string();
    if (model.files.adapter) content["adapter " + name] = model.files.adapter->to_string();
  }
  for (const auto& [path, identity] : identities.paths) content[path] = identity;
  for (const auto& path : identities.executables) content["mode " + path] = kExecutable;
  // Where nothing is an expression, what is written says all of it.
  if (recipe::holds_expressions(shared.document)) document["resolved"] = resolved_values(shared);
  return sys::sha256("release/2\n" + doc::to_canonical_json(document) + "\n" + doc::to_canonical_json(content));
}

}  // namespace llmops::plan
