#!/usr/bin/env python3
"""Checks the YAML blocks of README.md and docs/ with the program itself: blocks_test.py PATH_OF_LLMOPS

The word behind ```yaml says what a block is (CONTRIBUTING.md lists them). Each block becomes a repository of its own, in
which the files that it names are there: `recipe` as it is, `fragment` completed to a recipe, `prompt` as the front matter
of a prompt. What a fragment refers to and does not have is no error.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("recipe", "fragment", "prompt", "other")
FENCE = re.compile(r"^```yaml[ \t]*(\S*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
MISSING = re.compile(r"there is no file `([^`]+)`|no file tracked by git matches `([^`]+)`")
FOLLOWED = re.compile(r"there is no (model|prompt|dataset|step|var) `|is not known: there is no|has no output `|"
                      r"there is no `[^`]+` to override|has no var `|can't come after|is neither tracked by git nor made|"
                      r"is not a field of the dataset|has no environment")
MOST_ROUNDS = 30


class Block:
    def __init__(self, path, line, kind, text):
        self.place, self.kind, self.text = f"{path.relative_to(ROOT)}:{line}", kind, text


def blocks():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            yield Block(path, text.count("\n", 0, found.start()) + 1, found.group(1), found.group(2))


def files_of(block):
    """The files of the repository that shows whether the block is valid; `r.yaml` is the recipe."""
    if block.kind == "recipe":
        return {"r.yaml": block.text}
    if block.kind == "prompt":
        recipe = ("llmops: 1\nname: r\nmodels: {m: {provider: exec, command: [python3, m.py]}}\nprompts: {p: p.j2}\n"
                  "datasets: {d: d.jsonl}\nsteps:\n  - {id: s, eval: {models: [m], prompts: [p], dataset: d, scorers: [is-json]}}\n")
        return {"r.yaml": recipe, "p.j2": f"---\n{block.text}---\nHello\n", "d.jsonl": stub("d.jsonl"), "m.py": ""}
    rest = "llmops: 1\nname: r\n"
    if not re.search(r"^steps:", block.text, re.MULTILINE):
        rest += 'steps: [{id: s, exec: {command: ["true"]}}]\n'
    return {"r.yaml": block.text + rest}


def stub(path):
    if path.endswith(".csv"):
        return "text,label,number,customer\nhello,billing,1,2\n"
    if path.endswith(".jsonl"):
        return '{"text": "hello", "label": "billing", "number": 1, "customer": 2, "talk": ["hello"]}\n'
    if path.endswith((".yaml", ".yml")):
        return "models: {}\n"
    return "{{ text }}\n"


class Repository:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": folder + "/cache",
                    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        self.work = self.folder / "work"
        self.work.mkdir()
        self.run("git", "init", "-q")

    def run(self, *words):
        return subprocess.run(words, cwd=self.work, env=self.env, capture_output=True, text=True)

    def add(self, path, text):
        target = self.work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.run("git", "add", "-f", path)

    def errors(self):
        """What `validate` finds, each a document; files that are missed are added until none is."""
        for _ in range(MOST_ROUNDS):
            shown = self.run(self.binary, "validate", "r.yaml", "--json")
            if shown.returncode not in (0, 3):
                return [{"line": 0, "column": 0, "message": shown.stderr.strip(), "hint": ""}]
            found = json.loads(shown.stdout)[0]["errors"]
            paths = {path for error in found if (match := MISSING.search(error["message"])) for path in match.groups() if path}
            paths = {re.sub(r"\*\*?", "x", path) for path in paths if not path.startswith("/")}
            if not paths or all((self.work / path).exists() for path in paths):
                return found
            for path in paths:
                self.add(path, stub(path))
        return found


def outside(error):
    """A pinned file in an absolute place can't be made here."""
    return re.search(r"there is no file `/", error["message"])


def check(binary, block):
    if block.kind not in KINDS:
        return [f"{block.place}: a YAML block must say what it is: ```yaml " + "|".join(KINDS)]
    if block.kind == "other":
        return []
    with tempfile.TemporaryDirectory(prefix="llmops-docs-") as folder:
        repository = Repository(binary, folder)
        for path, text in files_of(block).items():
            repository.add(path, text)
        errors = repository.errors()
    if block.kind == "fragment":
        errors = [error for error in errors if not FOLLOWED.search(error["message"])]
    return [f"{block.place}: line {error['line']}, column {error['column']} of the block: {error['message']}"
            for error in errors if not outside(error)]


def main():
    binary, found = str(Path(sys.argv[1]).resolve()), list(blocks())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        problems = [problem for some in pool.map(lambda block: check(binary, block), found) for problem in some]
    for problem in problems:
        print(problem)
    print(f"{len(found)} YAML blocks, {len(problems)} problems")
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main())
