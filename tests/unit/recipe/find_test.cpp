#include <doctest/doctest.h>

#include <set>

#include "base/text.h"
#include "recipe/recipe.h"

using namespace llmops;

namespace {

/// Tracked files, some of which can't be read.
class Files final : public asset::AssetSource {
 public:
  explicit Files(std::map<std::string, std::string> files, std::set<std::string> locked = {})
      : files_(std::move(files)), locked_(std::move(locked)) {}

  Result<asset::Asset> file(const std::string& path) override { return asset::Asset{path, {}, true, false}; }
  Result<std::optional<asset::Asset>> tracked(const std::string&) override { return std::optional<asset::Asset>(); }
  Result<std::vector<asset::Asset>> glob(const std::string&) override { return std::vector<asset::Asset>(); }
  Result<std::string> read(const std::string& path) override {
    if (locked_.contains(path)) return environment_error("permission denied");
    return files_.at(path);
  }
  Result<bool> has_entry(const std::string& path) override { return files_.contains(path); }
  Result<std::vector<std::string>> untracked(const std::vector<std::string>&) override {
    return std::vector<std::string>();
  }
  Result<std::string> place(const std::string& path) override { return path; }
  Result<std::vector<std::string>> list(const std::string& pattern) override {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : files_) {
      if (text::glob_match(pattern, path)) out.push_back(path);
    }
    return out;
  }

 private:
  std::map<std::string, std::string> files_;
  std::set<std::string> locked_;
};

std::vector<std::string> found(std::map<std::string, std::string> files) {
  Files source(std::move(files));
  const auto all = recipe::find_all(source);
  REQUIRE(all.has_value());
  std::vector<std::string> out;
  for (const auto& one : *all) out.push_back(one.path + "=" + one.name);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("at the root, a file whose first key is `llmops` is a recipe, however it is written") {
  for (const auto* text : {"\"llmops\": 1\nname: a\n", "'llmops' : 1\nname: a\n", "llmops : 1\n\"name\": a\n",
                           "{llmops: 1, name: a}", "# note\n--- \n{\n  \"llmops\": 1, name: a}\n",
                           "%YAML 1.2\n---\n  llmops: 1\n  name: a\n", "name: a # the name\nllmops: 1\n"}) {
    CAPTURE(text);
    CHECK(found({{"a.yaml", text}}) == Names{"a.yaml=a"});
  }
}

TEST_CASE("foreign bytes and encodings don't hide a recipe") {
  const std::string wide("\xff\xfel\0l\0m\0o\0p\0s\0:\0 \0001\0\n\0", 22);
  for (const auto& text : {std::string("\xff\xfellmops: 1\n"), std::string("\xef\xbb\xbfllmops: 1\n"), wide}) {
    CHECK(found({{"a.yaml", text}}) == Names{"a.yaml="});
  }
}

TEST_CASE("other files at the root are no recipes") {
  CHECK(found({{"compose.yaml", "services:\n  llmops: {}\n"},
               {"list.yaml", "- llmops: 1\n"},
               {"text.yaml", "llmops"},
               {"empty.yaml", ""},
               {"sub/a.yaml", "llmops: 1\n"}})
            .empty());
}

TEST_CASE("everything below `recipes/` is a recipe, but what recipes include") {
  CHECK(found({{"recipes/a.yaml", "llmops: 1\nname: a\ninclude: [./shared/m.yaml, recipes/n.yml]\n"},
               {"recipes/shared/m.yaml", "models: {}\n"},
               {"recipes/n.yml", "models: {}\n"},
               {"recipes/forgotten.yaml", "name: b\n"},
               {"recipes/empty.yaml", ""}}) ==
        Names{"recipes/a.yaml=a", "recipes/empty.yaml=", "recipes/forgotten.yaml=b"});
}

TEST_CASE("a file that can't be read is an error of the environment, unless the recipe is found without it") {
  Files source({{"recipes/a.yaml", "llmops: 1\nname: a\n"}, {"recipes/b.yaml", {}}}, {"recipes/b.yaml"});
  const auto all = recipe::find_all(source);
  REQUIRE_FALSE(all.has_value());
  CHECK(all.error().kind == ErrorKind::environment);
  CHECK(recipe::find(source, "a").value() == "recipes/a.yaml");
  const auto other = recipe::find(source, "b");
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().kind == ErrorKind::environment);
}
