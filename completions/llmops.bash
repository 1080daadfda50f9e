# bash completion for llmops
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
