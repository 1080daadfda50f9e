#include "cli/generated.h"

#include <array>

#include "cli/complete.h"
#include "cli/document_schemas.h"
#include "doc/json.h"
#include "lineage/document_schema.h"
#include "recipe/file.h"
#include "schema/type.h"

namespace llmops::cli {
namespace {

constexpr std::string_view kBash = R"sh(# bash completion for llmops
_llmops() {
  # bash parts words at `=` and `:`; llmops sees them whole, and bash gets back what follows the last of these.
  local cur=${COMP_WORDS[COMP_CWORD]} word glued i n=0 line
  local -a words=('')
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $i -gt 1 && ( -n $glued || $word == [=:] ) ]]; then
      words[n - 1]+=$word
    else
      words[n++]=$word
    fi
    [[ $word == [=:] ]] && glued=yes || glued=
  done
  [[ $cur == [=:] ]] && cur=
  local whole=${words[n - 1]} IFS=$'\n'
  local before=${whole%"$cur"}
  COMPREPLY=()
  while IFS= read -r line; do
    line=${line%%$'\t'*}
    COMPREPLY+=("$(printf '%q' "${line#"$before"}")")
  done < <(llmops __complete "${words[@]}" 2>/dev/null)
  if [ "${#COMPREPLY[@]}" -eq 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _llmops llmops
)sh";

constexpr std::string_view kZsh = R"sh(#compdef llmops
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
  done < <(llmops __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#found} )); then
    _describe 'llmops' found
  else
    compset -P '--*='
    _files
  fi
}
# From a folder of $fpath, this file is itself the function's body the first time; elsewhere it is sourced.
if [[ "${funcstack[1]}" == _llmops ]]; then _llmops "$@"; else compdef _llmops llmops; fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for llmops
function __llmops_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l last (commandline -ct)
  set -l found (llmops __complete $words "$last" 2>/dev/null)
  if set -q found[1]
    printf '%s\n' $found
  else
    __fish_complete_path "$last"
  end
end
complete -c llmops -f -a '(__llmops_complete)'
)sh";

struct DocumentSchema {
  std::string_view name, title;
  schema::Type (*type)();
};
/// Of the documents that commands print; the recipe's hangs on the kinds there are.
constexpr std::array<DocumentSchema, 9> kDocuments = {{{"run", "run", &lineage::run_document_type},
                                                       {"lineage", "lineage graph", &lineage::graph_document_type},
                                                       {"plan", "plan", &plan_document_type},
                                                       {"log", "log", &log_document_type},
                                                       {"models", "models", &models_document_type},
                                                       {"validation", "validation", &validation_document_type},
                                                       {"comparison", "comparison", &comparison_document_type},
                                                       {"bisection", "bisection", &bisection_document_type},
                                                       {"doctor", "doctor", &doctor_document_type}}};

std::string as_schema(const schema::Type& type, std::string_view name, std::string_view title) {
  const auto id = "urn:llmops:schema:" + std::string(name) + ":v1";
  return doc::to_pretty_json(schema::json_schema(type, id, "llmops " + std::string(title))) + "\n";
}

}  // namespace

const std::vector<std::string_view>& schema_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out = {"recipe"};
    for (const auto& document : kDocuments) out.push_back(document.name);
    out.push_back("reference");
    return out;
  }();
  return names;
}

std::string schema_text(std::string_view name, const step::Kinds& kinds) {
  if (name == "reference") return schema::reference(recipe::recipe_type(kinds));
  for (const auto& document : kDocuments) {
    if (document.name == name) return as_schema(document.type(), name, document.title);
  }
  return as_schema(recipe::recipe_type(kinds), "recipe", "recipe");
}

const std::vector<std::string_view>& shells() {
  static const std::vector<std::string_view> names = {"bash", "zsh", "fish"};
  return names;
}

std::string completion_script(std::string_view shell) {
  return std::string(shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
}

std::vector<GeneratedFile> generated_files(const step::Kinds& kinds) {
  std::vector<GeneratedFile> out = {{"docs/reference.md", schema_text("reference", kinds)},
                                    {"completions/llmops.bash", completion_script("bash")},
                                    {"completions/_llmops", completion_script("zsh")},
                                    {"completions/llmops.fish", completion_script("fish")},
                                    {"man/llmops.1", manual_page()}};
  for (const auto& name : schema_names()) {
    if (name == "reference") continue;
    out.push_back({"schemas/" + std::string(name) + ".schema.json", schema_text(name, kinds)});
  }
  return out;
}

}  // namespace llmops::cli
