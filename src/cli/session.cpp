#include "cli/session.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "recipe/condition.h"
#include "recipe/document.h"
#include "sys/hash.h"

namespace llmops::cli {
namespace {

/// Whether a value rests on the environment's name or on git's state, which are no part of a release.
bool names_its_place(const doc::Node& document) {
  bool found = false;
  static_cast<void>(recipe::for_each_reference(document, [&](const auto& reference, const auto&) {
    found = found || reference.root() == "environment" || reference.root() == "git";
  }));
  return found;
}

/// Variables of the process that decide which steps run belong to the release as those in values do.
Digest with_conditions(const Digest& key, const recipe::Recipe& recipe, const sys::Env& env) {
  std::set<std::string> seen;
  for (const auto& step : recipe.steps) {
    if (!step.condition) continue;
    const auto condition = recipe::parse_condition(*step.condition);
    if (!condition) continue;
    for (const auto& reference : condition->references()) {
      if (reference.root() != "env") continue;
      const auto value = env.get(reference.name(1));
      seen.insert(reference.name(1) + (value ? "=" + *value : std::string()));
    }
  }
  if (seen.empty()) return key;
  std::string text = key.hex();
  for (const auto& line : seen) text += '\0' + line;
  return sys::sha256(text);
}

}  // namespace

sys::Path models_folder(const sys::Env& env) { return sys::cache_folder(env) / "models"; }

Result<std::unique_ptr<Session>> Session::open(Shell& shell, Need need) {
  std::unique_ptr<Session> out(new Session(shell));
  auto& system = shell.system;
  TRY(out->repository_, system.git.open(shell.folder));
  if (need == Need::commit) {
    TRY(const auto head, out->repository_->head());
    if (head.commit.empty()) {
      return environment_error("this repository has no commits yet, and lineage is recorded on commits",
                               "commit your recipe first: `git add -A && git commit`");
    }
  }
  out->cache_ = store::open_cache(sys::cache_folder(system.env), system.files);
  out->source_ = asset::work_tree(*out->repository_, system.files, *out->cache_);
  out->models_ = std::make_unique<model::ModelStore>(system, models_folder(system.env));
  out->secrets_ = std::make_unique<exec::Secrets>(system);
  out->services_ = std::make_unique<exec::Services>(exec::Services{system, *out->cache_, *out->repository_,
                                                                   *out->source_, *out->models_, shell.kinds,
                                                                   *out->secrets_, models_folder(system.env)});
  out->scope_.env = &system.env;
  out->scope_.git = [repository = out->repository_.get()](const std::string& name) -> Result<doc::Node> {
    TRY(const auto head, repository->head());
    if (name == "commit") return doc::Node(head.commit);
    if (name == "branch") return doc::Node(head.branch);
    if (name == "dirty") {
      TRY(const auto changed, repository->changed_paths());
      return doc::Node(!changed.empty());
    }
    return invalid_error("`git." + name + "` is not known", {}, "git has `commit`, `branch` and `dirty`");
  };
  return out;
}

std::string Session::from_root(const std::string& typed) const {
  auto path = sys::Path(typed).is_absolute() ? sys::Path(typed) : shell_.folder / typed;
  const auto relative = path.lexically_normal().lexically_relative(repository_->root());
  const auto out = relative.generic_string();
  return out.empty() || out.starts_with("..") ? typed : out;
}

Result<std::string> Session::find_recipe(const std::string& typed) {
  const bool path_like = typed.find('/') != std::string::npos || typed.ends_with(".yaml") || typed.ends_with(".yml");
  if (!path_like) return recipe::find(*source_, typed);
  const auto wanted = from_root(typed);
  TRY(const auto stat, shell_.system.files.stat(repository_->root() / wanted));
  if (stat.kind != sys::FileKind::none) return recipe::find(*source_, wanted);
  TRY(const auto all, recipe::find_all(*source_));
  std::vector<std::string> paths;
  for (const auto& found : all) paths.push_back(found.path);
  return usage_error("there is no recipe `" + typed + "`",
                     paths.empty() ? "put one below `recipes/` and `git add` it" : text::did_you_mean(wanted, paths));
}

Result<Ready, Errors> Session::ready(const RecipeChoice& choice) {
  TRY(const auto path, find_recipe(choice.recipe));
  recipe::LoadOptions options;
  options.environment = choice.environment;
  options.scope = scope_;
  for (const auto& var : choice.vars) {
    const auto equals = var.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Errors{usage_error("`--var " + var + "` must be `--var name=value`")};
    }
    options.vars.emplace_back(var.substr(0, equals), var.substr(equals + 1));
  }
  const store::ManyReads many(*cache_);
  TRY(auto loaded, recipe::load(*source_, *cache_, shell_.kinds, path, options));
  TRY(const auto root, repository_->root_commit());
  plan::GatherContext context{*source_, shell_.system.files, shell_.system.clock, *cache_,
                              *models_, repository_->root()};
  Ready out;
  TRY(out.identities, plan::gather(loaded, context, root.value_or(""), plan::Which::here));
  out.recipe = std::make_shared<const recipe::Recipe>(std::move(loaded));
  const auto& own = out.recipe->environment_config;
  const bool overrides = !own.vars.is_null() || !own.models.is_null() || !own.datasets.is_null();
  const bool everywhere =
      std::all_of(out.recipe->steps.begin(), out.recipe->steps.end(), [](const auto& step) { return step.here; });
  const bool placed = names_its_place(out.recipe->document);
  out.release_key = plan::release_key(*out.recipe, out.identities);
  if (overrides || !everywhere || placed) {
    options.overrides = recipe::Overrides::ignore;
    auto shared = recipe::load(*source_, *cache_, shell_.kinds, path, options);
    // Where the recipe makes no sense without its place, the place is part of the release.
    if (!shared && !placed) return std::move(shared).error();
    if (shared) {
      TRY(const auto identities, plan::gather(*shared, context, root.value_or(""), plan::Which::all));
      out.release_key = plan::release_key(*shared, identities);
    }
  }
  out.release_key = with_conditions(out.release_key, *out.recipe, shell_.system.env);
  return out;
}

Errors Session::warnings(const std::string& recipe) {
  const auto path = find_recipe(recipe);
  if (!path) return {};
  const auto document = recipe::read_document(*source_, *cache_, shell_.kinds, *path);
  return document ? recipe::warnings(document->node, shell_.kinds) : Errors{};
}

Result<plan::Plan, Errors> Session::plan(const Ready& ready) {
  return plan::make_plan(ready.recipe, ready.identities, scope_);
}

}  // namespace llmops::cli
