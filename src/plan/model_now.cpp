#include "plan/model_now.h"

#include "base/text.h"
#include "recipe/document.h"
#include "recipe/typed.h"
#include "recipe/words.h"

namespace llmops::plan {
namespace {

/// Values of variables may rest on what steps have yielded.
void refresh_env(ModelIdentity& model) {
  for (auto& [name, value] : model.files.plain_env) {
    const auto now = model.config.env.find(name);
    if (now != model.config.env.end()) value = now->second;
  }
}

void add_made(const Plan& plan, const std::string& path, ModelIdentity& model) {
  if (path.find_first_of("*?[") == std::string::npos) {
    if (auto content = made_content(plan, path); !content.empty()) {
      model.files.program_blobs[path] = std::move(content);
      return;
    }
  }
  for (const auto& [made, digest] : plan.made) {
    if (text::glob_match(path, made)) model.files.program_blobs[made] = digest.to_string();
  }
}

}  // namespace

std::string made_content(const Plan& plan, const std::string& path) {
  for (std::string at = path;;) {
    if (const auto made = plan.made.find(at); made != plan.made.end()) {
      return made->second.to_string() + path.substr(at.size());
    }
    const auto slash = at.rfind('/');
    if (slash == std::string::npos) return {};
    at.resize(slash);
  }
}

Result<ModelNow, Errors> model_now(const Plan& plan, const recipe::Declaration& model, const recipe::Scope& scope) {
  ModelNow out;
  TRY(out.written, recipe::resolve_as(schema::type_of<model::ModelConfig>(), model.config, scope));
  out.content = plan.identities.models.at(model.name);
  out.content.config = schema::read<model::ModelConfig>(out.written);
  if (out.content.config.provider != "exec") return out;
  refresh_env(out.content);
  for (const auto& word : recipe::program_words(out.written)) add_made(plan, word, out.content);
  for (const auto& input : out.content.config.inputs) {
    add_made(plan, recipe::rooted(input, plan.recipe->path), out.content);
  }
  return out;
}

}  // namespace llmops::plan
