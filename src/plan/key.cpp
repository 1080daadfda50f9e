#include "plan/key.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "plan/model_now.h"
#include "recipe/document.h"
#include "sys/hash.h"

namespace llmops::plan {
namespace {

std::string short_or_digest(const doc::Node& node) {
  auto json = doc::to_canonical_json(node);
  return json.size() <= 64 ? json : sys::sha256(json).to_string();
}

class Collector {
 public:
  Collector(const Plan& plan, const recipe::Step& step, const recipe::Scope& scope)
      : plan_(plan), step_(step), scope_(scope) {}

  Result<KeyParts> collect() {
    add("repository", plan_.identities.repository);
    add("kind", std::string(step_.kind->name()) + "/" + std::to_string(step_.kind->version()));
    TRY_VOID(add_config());
    for (const auto& [name, value] : step_.env) {
      TRY(const auto known, resolved(value));
      add("env " + name, short_or_digest(known));
    }
    TRY(const auto declared, recipe::declared_now(step_, scope_));
    const auto& reads = declared.reads;
    for (const auto& name : reads.models) TRY_VOID(add_model(name.value));
    for (const auto& name : reads.prompts) TRY_VOID(add_prompt(name.value));
    for (const auto& name : reads.datasets) TRY_VOID(add_dataset(name.value));
    for (const auto& path : reads.paths) {
      const auto rooted = recipe::rooted(path.value, plan_.recipe->path);
      add_file(rooted, content(rooted));
    }
    for (const auto& word : reads.maybe) add_word(word.value);
    for (const auto need : plan_.graph.needs[index()]) add_need(plan_.steps[need]);
    if (!reads.prompts.empty() && plan_.recipe->vars.size() > 0) add("vars", short_or_digest(plan_.recipe->vars));
    return std::move(out_);
  }

 private:
  std::size_t index() const { return static_cast<std::size_t>(&step_ - plan_.recipe->steps.data()); }
  void add(std::string name, std::string value) { out_.parts.push_back({std::move(name), std::move(value)}); }

  Result<doc::Node> resolved(const doc::Node& node) const {
    auto known = recipe::resolve(node, scope_);
    if (!known) return std::move(known).error().front();
    return std::move(known->node);
  }

  Result<void> add_config() {
    auto known = recipe::config_now(step_, scope_);
    if (!known) return std::move(known).error().front();
    const auto& config = *known;
    if (!config.is_map()) {
      add("config", short_or_digest(config));
      return {};
    }
    for (const auto& entry : config.entries()) add("config " + entry.key, short_or_digest(entry.value));
    return {};
  }

  Result<void> add_model(const std::string& name) {
    const auto found = plan_.identities.models.find(name);
    const auto* declaration = plan_.recipe->model(name);
    if (found == plan_.identities.models.end() || !declaration) return {};
    auto known = model_now(plan_, *declaration, scope_);
    if (!known) return std::move(known).error().front();
    const auto& config = known->written;
    auto& model = known->content;
    TRY_VOID(late_weights(model.config.file, model.files.file));
    TRY_VOID(late_weights(model.config.adapter, model.files.adapter));
    if (!model::cacheable(model.config, model.files)) {
      out_.uncacheable = "what `" + name + "` is made of is not known (give it `inputs`)";
    }
    auto identity = model::identity(model.config, model.files);
    add("model " + name, sys::sha256(doc::to_canonical_json(identity)).to_string());
    if (const auto* parameters = config.find("parameters")) add("parameters " + name, short_or_digest(*parameters));
    if (const auto* price = config.find("price")) add("price " + name, short_or_digest(*price));
    return {};
  }

  /// A file that a step made is known by now.
  Result<void> late_weights(const schema::Placed<std::string>& file, std::optional<Digest>& digest) const {
    if (digest || file.value.empty()) return {};
    const auto path = recipe::rooted(file.value, plan_.recipe->path);
    if (const auto made = plan_.made.find(path); made != plan_.made.end()) {
      digest = made->second;
    } else if (const auto direct = Digest::parse(file.value)) {
      digest = *direct;
    } else {
      return invalid_error("`" + path + "` is neither tracked by git nor made by a step", file.at);
    }
    return {};
  }

  Result<void> add_prompt(const std::string& name) {
    const auto* declaration = plan_.recipe->prompt(name);
    if (!declaration) return {};
    TRY(const auto config, resolved(declaration->config));
    add_path("prompt " + name, config.text());
    return {};
  }

  Result<void> add_dataset(const std::string& name) {
    const auto* declaration = plan_.recipe->dataset(name);
    if (!declaration) return {};
    TRY(const auto node, resolved(declaration->config));
    const auto config = schema::read<recipe::DatasetConfig>(node);
    if (config.uri.empty()) {
      add_path("dataset " + name, config.path.value);
    } else {
      add("dataset " + name, config.sha256);  // From whichever address.
    }
    add("fields " + name, "expected=" + config.expected + " id=" + config.id + " cluster=" + config.cluster +
                              (config.assertions.empty() ? std::string() : " assert=" + config.assertions));
    return {};
  }

  /// What stands at a path: tracked content, or what a step made there.
  std::string content(const std::string& path) const {
    if (const auto known = plan_.identities.paths.find(path); known != plan_.identities.paths.end())
      return known->second;
    if (auto made = made_content(plan_, path); !made.empty()) return made;
    std::string matched;
    for (const auto& [made, digest] : plan_.made) {
      if (text::glob_match(path, made)) matched += made + '\0' + digest.hex() + '\n';
    }
    return matched.empty() ? "absent" : sys::sha256(matched).to_string();
  }

  void add_path(const std::string& what, const std::string& written) {
    const auto path = recipe::rooted(written, plan_.recipe->path);
    add(what + " (" + path + ")", content(path));
  }

  /// A step's program may run it, or copy it with its mode.
  void add_file(const std::string& path, std::string identity) {
    if (plan_.identities.executables.contains(path)) identity += kExecutable;
    add("file (" + path + ")", std::move(identity));
  }

  void add_word(const std::string& written) {
    const auto path = recipe::command_path(written);
    const auto is_this = [&](const Part& part) { return part.name == "file (" + path + ")"; };
    if (std::any_of(out_.parts.begin(), out_.parts.end(), is_this))
      return;  // An input too, or a word that is there twice.
    const auto known = plan_.identities.words.find(path);
    if (known != plan_.identities.words.end()) {
      add_file(path, known->second);
    } else if (const auto made = plan_.made.find(path); made != plan_.made.end()) {
      add("file (" + path + ")", made->second.to_string());
    }
  }

  void add_need(const PlannedStep& need) {
    std::string made;
    for (const auto& output : need.outcome->outputs) {
      made += output.name + '\0' + (output.digest ? output.digest->hex() : doc::to_canonical_json(output.value)) + '\n';
    }
    add("step " + need.id,
        made.empty()
            ? std::string(step::to_string(need.outcome->lets_go_on() ? step::Status::ran : need.outcome->status))
            : sys::sha256(made).to_string());
  }

  const Plan& plan_;
  const recipe::Step& step_;
  const recipe::Scope& scope_;
  KeyParts out_;
};

}  // namespace

Result<KeyParts> key_parts(const Plan& plan, const recipe::Step& step, const recipe::Scope& scope) {
  return Collector(plan, step, scope).collect();
}

Digest key_of(const std::vector<Part>& parts) {
  sys::Sha256 hash;
  hash.update("step/1\n");
  for (const auto& part : parts) {
    hash.update(std::to_string(part.name.size()) + ":" + part.name + "=" + std::to_string(part.value.size()) + ":");
    hash.update(part.value);
  }
  return hash.finish();
}

}  // namespace llmops::plan
