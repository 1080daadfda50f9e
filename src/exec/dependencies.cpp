#include "exec/dependencies.h"

#include "base/text.h"
#include "plan/model_now.h"
#include "recipe/document.h"

namespace llmops::exec {
namespace {

class Lister {
 public:
  Lister(const plan::Plan& plan, const recipe::Step& step)
      : plan_(plan), recipe_(*plan.recipe), step_(step), scope_(plan::scope_of(plan, {}, step)) {}

  std::vector<lineage::Dependency> list() {
    for (const auto& file : recipe_.files) add_file("recipe", file);
    // Names that a step yields are known by now.
    const auto declared = recipe::declared_now(step_, scope_);
    const auto& reads = declared ? declared->reads : step_.declared.reads;
    for (const auto& name : reads.prompts) add_declared("prompt " + name.value, recipe_.prompt(name.value));
    for (const auto& name : reads.datasets) add_declared("dataset " + name.value, recipe_.dataset(name.value));
    for (const auto& name : reads.models) add_model(name.value);
    for (const auto& path : reads.paths) add_matching(recipe::rooted(path.value, recipe_.path));
    for (const auto& word : reads.maybe) {
      const auto path = recipe::command_path(word.value);
      if (plan_.identities.words.contains(path)) add_file("file", path);
    }
    return std::move(out_);
  }

 private:
  void add_file(const std::string& name, const std::string& path) {
    lineage::Dependency dependency{name, path, {}, {}};
    if (const auto tracked = plan_.identities.files.find(path); tracked != plan_.identities.files.end()) {
      dependency.git_blob = tracked->second;
    } else if (const auto made = plan_.made.find(path); made != plan_.made.end()) {
      dependency.sha256 = made->second;
    } else {
      return;
    }
    out_.push_back(std::move(dependency));
  }

  void add_declared(const std::string& name, const recipe::Declaration* declaration) {
    if (!declaration) return;
    const auto resolved = recipe::resolve(declaration->config, scope_);
    const auto& config = resolved ? resolved->node : declaration->config;
    const auto* path = config.is_map() ? config.find("path") : &config;
    if (path && !path->text().empty()) {
      if (const auto stored = Digest::parse(path->text())) return out_.push_back({name, {}, {}, stored});
      return add_file(name, recipe::rooted(path->text(), recipe_.path));
    }
    if (const auto* pinned = config.find("sha256")) {
      out_.push_back({name, config.get("uri", ""), {}, Digest::parse(pinned->text())});
    }
  }

  void add_model(const std::string& name) {
    const auto found = plan_.identities.models.find(name);
    if (found == plan_.identities.models.end()) return;
    const auto* declaration = recipe_.model(name);
    const auto now =
        declaration ? plan::model_now(plan_, *declaration, scope_) : Result<plan::ModelNow, Errors>(Errors{});
    const auto& [config, files, made_by] = now ? now->content : found->second;
    lineage::Dependency dependency{"model " + name, {}, {}, model::identity_digest(config, files)};
    if (files.file) dependency.sha256 = files.file;
    dependency.path = config.file.value.empty() ? config.provider + ":" + config.model : config.file.value;
    if (!files.file && !config.file.value.empty()) add_late_weights(name, config, dependency);
    if (config.provider == "exec") dependency.path = "exec:" + text::join(config.command, " ");
    out_.push_back(std::move(dependency));
    for (const auto& [path, blob] : files.program_blobs) add_program("program " + name, path, blob);
    if (files.adapter) out_.push_back({"adapter " + name, config.adapter.value, {}, files.adapter});
  }

  /// A tracked file, or what a step made, at this path or a folder above it.
  void add_program(const std::string& name, const std::string& path, const std::string& content) {
    for (const auto& [made, digest] : plan_.made) {
      if (content.starts_with(digest.to_string()) && (path == made || path.starts_with(made + "/"))) {
        return out_.push_back({name, made, {}, digest});
      }
    }
    out_.push_back({name, path, content, {}});
  }

  /// A weights file that a step made.
  void add_late_weights(const std::string& name, const model::ModelConfig& config, lineage::Dependency& dependency) {
    const auto* declaration = recipe_.model(name);
    const auto resolved = declaration ? recipe::resolve(declaration->config, scope_) : recipe::resolve({}, scope_);
    const auto written = resolved ? resolved->node.get("file", config.file.value) : config.file.value;
    const auto path = recipe::rooted(written, recipe_.path);
    if (const auto stored = Digest::parse(written)) {
      dependency.sha256 = stored;
      dependency.path = {};
    } else if (const auto made = plan_.made.find(path); made != plan_.made.end()) {
      dependency.sha256 = made->second;
      dependency.path = path;
    }
  }

  void add_matching(const std::string& path) {
    const bool pattern = path.find_first_of("*?[") != std::string::npos;
    if (!pattern && (plan_.identities.files.contains(path) || plan_.made.contains(path))) return add_file("file", path);
    for (const auto& [file, blob] : plan_.identities.files) {
      const bool below = !pattern && file.starts_with(path + "/");
      if (below || (pattern && text::glob_match(path, file))) out_.push_back({"file", file, blob, {}});
    }
    for (const auto& [made, digest] : plan_.made) {
      if (pattern && text::glob_match(path, made)) out_.push_back({"file", made, {}, digest});
    }
  }

  const plan::Plan& plan_;
  const recipe::Recipe& recipe_;
  const recipe::Step& step_;
  recipe::Scope scope_;
  std::vector<lineage::Dependency> out_;
};

}  // namespace

std::vector<lineage::Dependency> dependencies_of(const plan::Plan& plan, const recipe::Step& step) {
  return Lister(plan, step).list();
}

}  // namespace llmops::exec
