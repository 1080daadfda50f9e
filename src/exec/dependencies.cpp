#include "exec/dependencies.h"

#include "base/text.h"
#include "recipe/document.h"

namespace llmops::exec {
namespace {

class Lister {
 public:
  Lister(const plan::Plan& plan, const recipe::Step& step) : plan_(plan), recipe_(*plan.recipe), step_(step) {}

  std::vector<lineage::Dependency> list() {
    for (const auto& file : recipe_.files) add_file("recipe", file);
    const auto& reads = step_.declared.reads;
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
    const auto* path = declaration->config.is_map() ? declaration->config.find("path") : &declaration->config;
    if (path && !path->text().empty()) return add_file(name, recipe::rooted(path->text(), recipe_.path));
    if (const auto* pinned = declaration->config.find("sha256")) {
      out_.push_back({name, declaration->config.get("uri", ""), {}, Digest::parse(pinned->text())});
    }
  }

  void add_model(const std::string& name) {
    const auto found = plan_.identities.models.find(name);
    if (found == plan_.identities.models.end()) return;
    const auto& [config, files, made_by] = found->second;
    lineage::Dependency dependency{"model " + name, {}, {}, model::identity_digest(config, files)};
    if (files.file) dependency.sha256 = files.file;
    dependency.path = config.file.value.empty() ? config.provider + ":" + config.model : config.file.value;
    if (config.provider == "exec") dependency.path = "exec:" + text::join(config.command, " ");
    out_.push_back(std::move(dependency));
    for (const auto& [path, blob] : files.program_blobs) out_.push_back({"program " + name, path, blob, {}});
    if (files.adapter) out_.push_back({"adapter " + name, config.adapter.value, {}, files.adapter});
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
  std::vector<lineage::Dependency> out_;
};

}  // namespace

std::vector<lineage::Dependency> dependencies_of(const plan::Plan& plan, const recipe::Step& step) {
  return Lister(plan, step).list();
}

}  // namespace llmops::exec
