#include "cli/generated.h"

#include "cli/complete.h"
#include "doc/json.h"
#include "lineage/document_schema.h"
#include "recipe/file.h"
#include "schema/type.h"

namespace llmops::cli {
namespace {

constexpr std::string_view kBash = R"(# bash completion for llmops
_llmops() {
  local IFS=$'\n' line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("${line%%$'\t'*}")
  done < <(llmops __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "${#COMPREPLY[@]}" -eq 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _llmops llmops
)";

constexpr std::string_view kZsh = R"(#compdef llmops
_llmops() {
  local -a found
  local line value
  while IFS= read -r line; do
    value=${line%%$'\t'*}
    if [[ "$line" == *$'\t'* ]]; then
      found+=("${value//:/\\:}:${line#*$'\t'}")
    else
      found+=("${value//:/\\:}")
    fi
  done < <(llmops __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#found} )); then _describe 'llmops' found; else _files; fi
}
compdef _llmops llmops
)";

constexpr std::string_view kFish = R"(# fish completion for llmops
function __llmops_complete
  set -l words (commandline -opc) (commandline -ct)
  llmops __complete $words[2..-1] 2>/dev/null
end
complete -c llmops -f -a '(__llmops_complete)'
)";

}  // namespace

const std::vector<std::string_view>& schema_names() {
  static const std::vector<std::string_view> names = {"recipe", "run", "lineage", "reference"};
  return names;
}

std::string schema_text(std::string_view name, const step::Kinds& kinds) {
  if (name == "reference") return schema::reference(recipe::recipe_type(kinds));
  const auto id = "urn:llmops:schema:" + std::string(name) + ":v1";
  if (name == "run")
    return doc::to_pretty_json(schema::json_schema(lineage::run_document_type(), id, "llmops run")) + "\n";
  if (name == "lineage")
    return doc::to_pretty_json(schema::json_schema(lineage::graph_document_type(), id, "llmops lineage graph")) + "\n";
  return doc::to_pretty_json(schema::json_schema(recipe::recipe_type(kinds), id, "llmops recipe")) + "\n";
}

const std::vector<std::string_view>& shells() {
  static const std::vector<std::string_view> names = {"bash", "zsh", "fish"};
  return names;
}

std::string completion_script(std::string_view shell) {
  return std::string(shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
}

std::vector<GeneratedFile> generated_files(const step::Kinds& kinds) {
  return {{"schemas/recipe.schema.json", schema_text("recipe", kinds)},
          {"schemas/run.schema.json", schema_text("run", kinds)},
          {"schemas/lineage.schema.json", schema_text("lineage", kinds)},
          {"docs/reference.md", schema_text("reference", kinds)},
          {"completions/llmops.bash", completion_script("bash")},
          {"completions/_llmops", completion_script("zsh")},
          {"completions/llmops.fish", completion_script("fish")},
          {"man/llmops.1", manual_page()}};
}

}  // namespace llmops::cli
