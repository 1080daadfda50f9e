#include "exec/unchanged.h"

#include "exec/outputs.h"
#include "plan/model_now.h"
#include "recipe/document.h"

namespace llmops::exec {
namespace {

Error changed(const std::string& path) {
  return environment_error("`" + path + "` changed while the run was going on",
                           "run again: what is done is not done again");
}

class Checker {
 public:
  Checker(Services& services, const plan::Plan& plan, const recipe::Step& step)
      : services_(services), plan_(plan), recipe_(*plan.recipe), step_(step) {}

  Result<void> check(const step::Reads& reads, const recipe::Scope& scope, Reads which) {
    for (const auto& path : reads.paths) TRY_VOID(check_path(recipe::rooted(path.value, recipe_.path)));
    for (const auto& word : reads.maybe) TRY_VOID(check_word(recipe::command_path(word.value)));
    if (which == Reads::by_programs) return {};
    for (const auto& name : reads.prompts) TRY_VOID(check_declared(recipe_.prompt(name.value), scope));
    for (const auto& name : reads.datasets) TRY_VOID(check_declared(recipe_.dataset(name.value), scope));
    for (const auto& name : reads.models) TRY_VOID(check_model(name.value, scope));
    return {};
  }

 private:
  Result<void> check_declared(const recipe::Declaration* declaration, const recipe::Scope& scope) {
    if (!declaration) return {};
    auto config = recipe::resolve(declaration->config, scope);
    if (!config) return {};  // Told where it is read.
    const auto* path = config->node.is_map() ? config->node.find("path") : &config->node;
    if (!path || path->text().empty() || Digest::parse(path->text())) return {};
    return check_path(recipe::rooted(path->text(), recipe_.path));
  }

  Result<void> check_model(const std::string& name, const recipe::Scope& scope) {
    const auto found = plan_.identities.models.find(name);
    if (found == plan_.identities.models.end()) return {};
    const auto& tracked = found->second.files.program_blobs;
    for (const auto& [path, blob] : tracked) TRY_VOID(check_tracked(path, blob));
    const auto* declaration = recipe_.model(name);
    const auto now =
        declaration ? plan::model_now(plan_, *declaration, scope) : Result<plan::ModelNow, Errors>(Errors{});
    if (!now) return {};  // Told where it is read.
    for (const auto& [path, content] : now->content.files.program_blobs) {
      if (!tracked.contains(path)) TRY_VOID(check_made(path));
    }
    return {};
  }

  Result<void> check_word(const std::string& path) {
    const auto known = plan_.identities.words.find(path);
    return known != plan_.identities.words.end() ? check_tracked(path, known->second) : check_made(path);
  }

  Result<void> check_path(const std::string& path) {
    const auto known = plan_.identities.paths.find(path);
    if (known == plan_.identities.paths.end()) return check_made(path);
    if (plan_.identities.files.contains(path)) return check_tracked(path, known->second);
    const auto files = services_.source.glob(path);
    if (!files || plan::identity_of(*files) != known->second) return changed(path);
    return {};
  }

  Result<void> check_tracked(const std::string& path, const std::string& blob) {
    const auto now = services_.source.tracked(path);
    if (!now || !*now || (*now)->git_blob != blob) return changed(path);
    return {};
  }

  /// What a step made at this path, or at a folder above it.
  Result<void> check_made(const std::string& path) {
    for (const auto need : plan_.graph.needs[static_cast<std::size_t>(&step_ - recipe_.steps.data())]) {
      const auto& outcome = plan_.steps[need].outcome;
      if (!outcome) continue;
      for (const auto& output : outcome->outputs) {
        if (output.path.empty() || !output.digest) continue;
        if (path != output.path && !path.starts_with(output.path + "/")) continue;
        TRY(const auto presence, check_output(services_, output));
        if (presence != Presence::there) return changed(output.path);
      }
    }
    return {};
  }

  Services& services_;
  const plan::Plan& plan_;
  const recipe::Recipe& recipe_;
  const recipe::Step& step_;
};

}  // namespace

Result<void> check_unchanged(Services& services, const plan::Plan& plan, const recipe::Step& step,
                             const recipe::Scope& scope, Reads reads) {
  TRY(const auto declared, recipe::declared_now(step, scope));
  return Checker(services, plan, step).check(declared.reads, scope, reads);
}

}  // namespace llmops::exec
