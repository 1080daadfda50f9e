#!/usr/bin/env python3
"""Imports promptfoo configurations and compares what passes with promptfoo itself: promptfoo_oracle.py LLMOPS [--examples FOLDER]

promptfoo comes from npm, pinned in promptfoo/package.json, once below the build cache (1.9 GB); without Node 20 or npm this
test is skipped. Telemetry, updates, sharing and remote generation are switched off, and its state goes into a folder that is
removed. With `--examples`, the share of the configurations below FOLDER that need no JavaScript or Python and can be imported
as a valid recipe is printed instead: promptfoo's own examples are such a folder.
"""
import argparse
import collections
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from oracles import cache, report  # noqa: E402

SKIPPED = 77
OURS = HERE / "promptfoo"
QUIET = {f"PROMPTFOO_{name}": "1" for name in (
    "DISABLE_TELEMETRY", "DISABLE_UPDATE", "DISABLE_SHARING", "DISABLE_REMOTE_GENERATION", "SELF_HOSTED")}
CODE = re.compile(r"\.(js|ts|mjs|cjs|py|rb|go)\b|\bpackage:|\b(javascript|python|ruby)\b|huggingface://|\btransform\w*:")


def promptfoo():
    """The command line of the pinned promptfoo, installed where it is not there yet."""
    if not shutil.which("npm") or not shutil.which("node"):
        sys.exit(SKIPPED)
    if int(subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout[1:].split(".")[0]) < 20:
        sys.exit(SKIPPED)
    pinned = (OURS / "package.json").read_text()
    folder = cache() / ("promptfoo-" + json.loads(pinned)["dependencies"]["promptfoo"])
    program = folder / "node_modules/promptfoo/dist/src/entrypoint.js"
    if not (folder / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(pinned)
        made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, env={**os.environ, **QUIET},
                              capture_output=True, text=True, check=False)
        if made.returncode != 0:
            sys.exit(f"promptfoo_oracle: npm can't install promptfoo, so nothing was compared:\n{made.stderr[-2000:]}")
        (folder / "whole").touch()
    return ["node", str(program)]


class Repository:
    """A repository with a folder `evals` of files."""

    def __init__(self, binary, folder, evals):
        self.binary, self.folder = binary, Path(folder)
        self.env = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "GIT_CONFIG_GLOBAL": "/dev/null",
                    **{f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}}
        self.work = self.folder / "work"
        shutil.copytree(evals, self.work / "evals", ignore=shutil.ignore_patterns("package.json"))
        self.run("git", "init", "-q")

    def run(self, *words, status=(0,)):
        done = subprocess.run(words, cwd=self.work, env=self.env, capture_output=True, text=True, check=False)
        if status and done.returncode not in status:
            sys.exit(f"{words} ended with {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
        return done

    def llmops(self, *words, status=(0,)):
        return self.run(self.binary, *words, status=status)

    def commit(self):
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", "all")


def by_llmops(repository, config):
    """(test, prompt) → whether it passes, and what could not be carried."""
    told = json.loads(repository.llmops("import", "promptfoo", f"evals/{config}", "--out", "recipes/r.yaml", "--force", "--json").stdout)
    repository.commit()
    repository.llmops("validate", "recipes/r.yaml")
    repository.llmops("run", "recipes/r.yaml", "--report", "out.csv", status=(0, 5))
    with open(repository.work / "out.csv", encoding="utf-8", newline="") as rows:
        rows = list(csv.DictReader(rows))
    prompts = list(dict.fromkeys(row["prompt"] for row in rows))
    passes = {(row["case"], prompts.index(row["prompt"])): row["pass"] in ("1", "") and not row["error"] for row in rows}
    return passes, told["notes"]


def by_promptfoo(command, repository, config):
    env = {**repository.env, **QUIET, "PROMPTFOO_CONFIG_DIR": str(repository.folder / "promptfoo"), "PROMPTFOO_CACHE_ENABLED": "false"}
    out = repository.folder / "promptfoo.json"
    done = subprocess.run([*command, "eval", "-c", config, "-o", str(out), "--no-cache", "--no-progress-bar", "--no-table"],
                          cwd=repository.work / "evals", env=env, capture_output=True, text=True, check=False)
    if not out.exists():
        sys.exit(f"promptfoo ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    results = sorted(json.loads(out.read_text())["results"]["results"], key=lambda one: (one["testIdx"], one["promptIdx"]))
    names, seen, passes = {}, collections.Counter(), {}
    for one in results:
        if one["testIdx"] not in names:
            name = one["testCase"].get("description") or f"test {one['testIdx'] + 1}"
            seen[name] += 1
            names[one["testIdx"]] = name if seen[name] == 1 else f"{name}-{seen[name]}"
        passes[(names[one["testIdx"]], one["promptIdx"])] = one["success"]
    return passes


def compare(binary):
    command, failed = promptfoo(), False
    for config in sorted(OURS.glob("*.yaml")):
        with tempfile.TemporaryDirectory() as folder:
            repository = Repository(binary, folder, OURS)
            ours, notes = by_llmops(repository, config.name)
            theirs = by_promptfoo(command, repository, config.name)
        wrong = [f"`{test}` with prompt {prompt}: {ours.get((test, prompt))} here, {theirs.get((test, prompt))} there"
                 for test, prompt in sorted(ours.keys() | theirs.keys()) if ours.get((test, prompt)) != theirs.get((test, prompt))]
        wrong += [f"not carried: {note['file']}:{note['line']}: {note['message']}" for note in notes]
        failed = report(config.stem, len(theirs), wrong) or failed
    return failed


def is_whole(config):
    """Whether the files that it names are there, and it asks anybody: what is not whole promptfoo can't run either."""
    text = "\n".join(line for line in config.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#"))
    named = [name for name in re.findall(r"file://([^\s'\",}]+)", text) if not re.search(r"[*{]", name)]
    return all((config.parent / name).exists() for name in named) and re.search(r"^(providers|targets):", text, re.MULTILINE)


def needs_code(config):
    """Whether a configuration needs JavaScript, Python or Go, or is no evaluation at all."""
    text = "\n".join(line for line in config.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#"))
    return bool(CODE.search(text)) or re.search(r"^(redteam|extensions|nunjucksFilters):", text, re.MULTILINE)


def share(binary, examples):
    configs = sorted(path for path in Path(examples).rglob("promptfooconfig*") if path.suffix in (".yaml", ".yml"))
    wanted = [path for path in configs if not needs_code(path) and is_whole(path)]
    reasons, good = collections.Counter(), 0
    for config in wanted:
        with tempfile.TemporaryDirectory() as folder:
            repository = Repository(binary, folder, config.parent)
            done = repository.llmops("import", "promptfoo", f"evals/{config.name}", "--out", "recipes/r.yaml", "--json", status=None)
            if done.returncode == 0:
                repository.commit()
                done = repository.llmops("validate", "recipes/r.yaml", status=None)
            good += done.returncode == 0
            notes = len(json.loads(done.stdout)["notes"]) if done.stdout.startswith("{") else 0
        verdict = "valid" if done.returncode == 0 else (re.findall(r"error: (.*)", done.stderr) or ["?"])[-1]
        print(f"{config.relative_to(examples)}: {verdict}{f', {notes} notes' if notes else ''}")
        if done.returncode != 0:
            reasons.update(re.findall(r"error: (.*)", done.stderr))
    for reason, count in reasons.most_common(60):
        print(f"  {count} × {reason}")
    print(f"{good} of {len(wanted)} ({good / max(1, len(wanted)):.0%}) of those that need no code; {len(configs)} configurations in all")
    return good < 0.8 * len(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--examples", help="a folder of configurations: print the share that can be imported")
    options = parser.parse_args()
    sys.exit(share(options.binary, options.examples) if options.examples else compare(options.binary))


if __name__ == "__main__":
    main()
