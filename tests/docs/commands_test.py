#!/usr/bin/env python3
"""Checks that every command which the sources and the documentation name is there: commands_test.py PATH_OF_LLMOPS

A command is named as `llmops WORD …` in backticks, or in a shell block of the documentation. Completion, which knows them
all, must offer it.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`llmops ([a-z][a-z-]*)(?![\w@-])(?: ([a-z][a-z-]*))?")
FENCE = re.compile(r"^```(?:sh|console|bash)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
IN_SHELL = re.compile(r"(?:^|[|;&(]\s*|\$ )llmops ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)
# Commands whose next word is a command too: a recipe's name, say, follows the others.
NESTED = ("import", "judge", "lineage", "models")


def texts():
    for folder, pattern in (("src", "*.cpp"), ("src", "*.h"), ("docs", "*.md"), ("recipes", "*.md")):
        yield from sorted((ROOT / folder).rglob(pattern))
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"))


def named():
    """(command, place) for each command that is named."""
    for path in texts():
        text = path.read_text(encoding="utf-8")
        found = [(match, 0) for match in NAMED.finditer(text)]
        if path.suffix == ".md":
            found += [(match, block.start(1)) for block in FENCE.finditer(text) for match in IN_SHELL.finditer(block.group(1))]
        for match, start in found:
            words = [word for word in match.groups() if word]
            line = text.count("\n", 0, start + match.start()) + 1
            yield tuple(words if words[0] in NESTED else words[:1]), f"{path.relative_to(ROOT)}:{line}"


def is_there(binary, words):
    shown = subprocess.run([binary, "__complete", *words[:-1], ""], capture_output=True, text=True, check=True).stdout
    return words[-1] in [line.split("\t")[0] for line in shown.splitlines()]


def main():
    binary, places = sys.argv[1], {}
    for words, place in named():
        places.setdefault(words, []).append(place)
    wrong = [(words, place) for words, all_places in places.items() if not is_there(binary, words) for place in all_places]
    for words, place in wrong:
        print(f"{place}: there is no command `llmops {' '.join(words)}`")
    print(f"{len(places)} commands named, {len(wrong)} places name one that is not there")
    return 1 if wrong or not places else 0


if __name__ == "__main__":
    sys.exit(main())
