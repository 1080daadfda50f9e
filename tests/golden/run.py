#!/usr/bin/env python3
"""Runs the golden pages below this folder and compares what they show with what happens.

page.py says how a page is written, normalise.py what is taken out of the results, sandbox.py where they run.
"""
import argparse
import concurrent.futures
import difflib
import sys
from pathlib import Path

import page
from normalise import Normaliser
from sandbox import Sandbox, SandboxError

HERE = Path(__file__).resolve().parent


def play(parsed, sandbox):
    """The results of the page's `$` lines, normalised."""
    sandbox.commit(parsed.files)
    normaliser, results = Normaliser(sandbox), []
    for line in parsed.lines:
        if line.expected is None:
            sandbox.arrange(line.command)
            continue
        status, out, err = sandbox.run(line.command)
        normaliser.commits = sandbox.commits()
        results.append(page.Results(status, normaliser.apply(out), normaliser.apply(err)))
    sandbox.check_nothing_left()
    return results


def check(path, options):
    """None where the page holds (or was renewed), else what is wrong with it."""
    text = path.read_text(encoding="utf-8")
    try:
        parsed = page.parse(text)
        with Sandbox(options.binary, options.timeout) as sandbox:
            results = play(parsed, sandbox)
    except (page.PageError, SandboxError) as error:
        return str(error)
    if results == [line.expected for line in parsed.lines if line.expected is not None]:
        return None
    now = parsed.text(results)
    if options.accept:
        path.write_text(now, encoding="utf-8")
        return None
    name = str(path.relative_to(HERE))
    return "".join(difflib.unified_diff(text.splitlines(True), now.splitlines(True), name, name + " (now)"))


def pages(wanted):
    found = sorted(HERE.glob("*/*.txt"))
    return [path for path in found if not wanted or any(word in str(path.relative_to(HERE)) for word in wanted)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", help="only pages whose path contains one of these")
    parser.add_argument("--binary", type=lambda path: Path(path).resolve(), default=HERE.parents[1] / "build/dev/bin/llmops")
    parser.add_argument("--accept", action="store_true", help="write what happens into the pages")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one line of a page")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    selected = pages(options.pages)
    if not selected:
        parser.error("no such page")
    if not options.binary.exists():
        parser.error(f"there is no {options.binary}")
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, problem in zip(selected, pool.map(lambda path: check(path, options), selected)):
            if problem:
                wrong += 1
                print(f"{path.relative_to(HERE)}: differs\n{problem.rstrip()}\n", flush=True)
    print(f"{len(selected)} pages, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
