#!/bin/sh
# summary.sh PROMPT ACCURACY HELD_OUT: writes what was picked, for people.
set -eu
mkdir -p recipes/quickstart/out
cat > recipes/quickstart/out/summary.md <<TEXT
# Support messages: the prompt that was picked

- prompt: \`$1\`
- accuracy while choosing: $2
- accuracy on held-out messages: $3
TEXT
