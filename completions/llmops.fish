# fish completion for llmops
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
