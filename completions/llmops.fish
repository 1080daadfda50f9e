# fish completion for llmops
function __llmops_complete
  set -l words (commandline -opc) (commandline -ct)
  llmops __complete $words[2..-1] 2>/dev/null
end
complete -c llmops -f -a '(__llmops_complete)'
