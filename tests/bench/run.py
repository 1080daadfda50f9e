#!/usr/bin/env python3
"""Measures llmops side by side with what does the same work, in one run, and prints a Markdown table.

run.py --binary PATH [--load PATH] [--bootstrap PATH] [start steps eval large html bootstrap promptfoo]: CPU time is user + system of the whole process tree.
"""
import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))
sys.path.insert(0, str(ROOT / "tests/real"))
import chromium  # noqa: E402
import promptfoo_oracle  # noqa: E402

ALL = ["start", "steps", "eval", "large", "html", "bootstrap"]  # `promptfoo` only when asked for: it is 1.9 GB
ROWS = []


def row(what, ours, other, note=""):
    ROWS.append((what, ours, other, note))
    print(f"| {what} | {ours} | {other} | {note} |", flush=True)


def spend(command, cwd, env, statuses=(0,)):
    """CPU seconds, wall seconds and peak KiB of one command and all it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in statuses:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return cpu, wall, done.stdout.decode()


def mean_cpu(command, cwd, env, times):
    return sum(spend(command, cwd, env)[0] for _ in range(times)) / times


def repository(folder, env):
    subprocess.run(["git", "init", "-q", "."], cwd=folder, env=env, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, env=env, check=True)
    subprocess.run(["git", "commit", "-qm", "measure"], cwd=folder, env=env, check=True)


def start(llmops, folder, env):
    (folder / "r.yaml").write_text("llmops: 1\nname: one\nsteps:\n  - id: a\n    exec: {command: [cp, r.yaml, a.txt], outputs: [a.txt]}\n")
    (folder / ".gitignore").write_text("a.txt\n")
    repository(folder, env)
    git = mean_cpu(["git", "--version"], folder, env, 30) * 1e3
    for command, bar in ((["--version"], "at most 4×"), (["__complete", "run", ""], "at most 4×")):
        ours = mean_cpu([llmops, *command], folder, env, 30) * 1e3
        row("start: `llmops " + " ".join(command) + "`", f"{ours:.2f} ms", f"`git --version` {git:.2f} ms", f"{ours / git:.1f}×, bar: {bar}")
    spend([llmops, "run", "one"], folder, env)
    ours = mean_cpu([llmops, "run", "one"], folder, env, 30) * 1e3
    row("no-op run of one step", f"{ours:.2f} ms", "", "bar: 20 ms")


def steps(llmops, folder, env):
    count, lines, rules = 1000, ["llmops: 1", "name: big", "steps:"], ["all: " + " ".join(f"mk/{i}.txt" for i in range(1000))]
    for i in range(count):
        before = i - 1 if 0 < i < 500 else 499 if i >= 500 else None
        lines += [f"  - id: s{i}", f"    exec: {{command: [cp, in.txt, out/{i}.txt], inputs: [{'in.txt' if before is None else f'out/{before}.txt'}], outputs: [out/{i}.txt]}}"]
        rules.append(f"mk/{i}.txt: {'in.txt' if before is None else f'mk/{before}.txt'}\n\tcp in.txt mk/{i}.txt")
    (folder / "r.yaml").write_text("\n".join(lines) + "\n")
    (folder / "Makefile").write_text("\n".join(rules) + "\n")
    (folder / "in.txt").write_text("x\n")
    (folder / ".gitignore").write_text("out\nmk\n")
    for name in ("out", "mk"):
        (folder / name).mkdir()
    repository(folder, env)
    ours, _, _ = spend([llmops, "run", "big"], folder, env)
    make, _, _ = spend(["make", "-s"], folder, env)
    row("first run of 1,000 steps, a step", f"{ours:.2f} ms", f"make {make:.2f} ms", f"{ours / make:.2f}×, bar: 2×")
    spend([llmops, "run", "big"], folder, env)
    ours, make = mean_cpu([llmops, "run", "big"], folder, env, 10) * 1e3, mean_cpu(["make", "-s"], folder, env, 10) * 1e3
    row("no-op run of 1,000 steps", f"{ours:.1f} ms", f"make {make:.1f} ms", f"{ours / make:.1f}×, bar: 5× make's 10 ms")
    unparsed = 0
    for _ in range(5):
        with sqlite3.connect(Path(env["XDG_CACHE_HOME"]) / "llmops/cache.db") as cache:
            assert cache.execute("DELETE FROM parses").rowcount > 0
        unparsed += spend([llmops, "run", "big"], folder, env)[0] * 1e3 / 5
    row("the same, its parse not in the cache", f"{unparsed:.1f} ms", "", "bar: 120 ms")


def dataset(folder, cases):
    with open(folder / "cases.jsonl", "w", encoding="utf-8") as out:
        for i in range(cases):
            out.write(json.dumps({"id": f"c{i}", "text": f"message number {i} about something", "label": "billing"}) + "\n")
    (folder / "p.j2").write_text("Sort this: {{ text }}\n")
    (folder / "r.yaml").write_text(
        "llmops: 1\nname: load\nmodels:\n  m: {provider: openai, model: fake, base_url: \"${env.BASE}\", concurrency: 64}\n"
        "prompts: {p: p.j2}\ndatasets: {d: {path: cases.jsonl, expected: label}}\nsteps:\n"
        "  - id: e\n    eval: {models: [m], prompts: [p], dataset: d, scorers: [{equals: \"${case.label}\", metric: accuracy}]}\n")
    repository(folder, {**os.environ, **IDENTITY})


IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def serve(latency_ms):
    server = subprocess.Popen([sys.executable, str(ROOT / "tests/fakes/openai_server.py"), "--latency-ms", str(latency_ms), "--labels", "billing,bug"],
                              stdout=subprocess.PIPE)
    port = int(server.stdout.readline().split()[-1])
    return server, f"http://127.0.0.1:{port}/v1"


def ask(llmops, load, folder, env, cases, latency_ms):
    dataset(folder, cases)
    server, base = serve(latency_ms)
    try:
        env = {**env, "BASE": base}
        plain = ""
        if load and latency_ms:
            _, wall_load, _ = spend([load, base + "/chat/completions", str(cases), "64"], folder, env)
            plain = f"plain load generator {wall_load:.2f} s wall"
        timed = ["/usr/bin/time", "-f", "%M", "-o", str(folder / "peak")] if Path("/usr/bin/time").exists() else []
        cpu, wall, _ = spend([*timed, llmops, "run", "load", "--jobs", "1"], folder, env)
        peak = f"{int((folder / 'peak').read_text().split()[-1]) / 1024:.0f} MiB peak, " if timed else ""
        ratio = f"{wall / wall_load:.2f}× wall (bar 1.6×), " if plain else ""
        row(f"eval of {cases:,} cases, {latency_ms} ms latency, 64 at once", f"{wall:.2f} s wall, {cpu * 1e3 / cases:.3f} ms CPU a case", plain,
            f"{ratio}{peak}bar: 0.25 ms CPU a case")
    finally:
        server.kill()


def html(llmops, folder, env):
    """From navigation to the first frame with the list in it, of a page that a fresh process opens for the first time."""
    count, times = 10_000, 9
    dataset(folder, count)
    server, base = serve(0)
    try:
        spend([llmops, "run", "load", "--report", "out.html"], folder, {**env, "BASE": base})
    finally:
        server.kill()
    page = folder / "out.html"
    shown = ("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('.list .row') && performance.now()))))")
    opened = []
    for _ in range(times):
        with chromium.Chromium() as browser:
            opened.append(browser.open(page.as_uri()).value(shown))
    row(f"HTML of {count:,} cases opens", f"{statistics.median(opened):.0f} ms", "", f"median of {times}; {page.stat().st_size / 1e6:.1f} MB; bar: 2 s")


def bootstrap(program, folder, env):
    for line in spend([program, "10000"], folder, env)[2].splitlines():
        what, seconds = line[:28].strip(), float(line[28:].split()[0])
        row(f"BCa interval of 10,000 cases, 10,000 resamples: {what}", f"{seconds:.2f} s CPU", "", "bar: 1 s")


def promptfoo(llmops, folder, env):
    """The same configuration by both: three scorers over answers of one server."""
    command, quiet = promptfoo_oracle.promptfoo(), promptfoo_oracle.QUIET
    cases, latency_ms = 1000, 20
    evals = folder / "evals"
    evals.mkdir()
    with open(evals / "tests.jsonl", "w", encoding="utf-8") as out:
        for i in range(cases):
            out.write(json.dumps({"vars": {"text": f"message number {i} about billing"}}) + "\n")
    server, base = serve(latency_ms)
    try:
        (evals / "promptfooconfig.yaml").write_text(
            "prompts: ['Sort this: {{ text }}']\nproviders: [{id: 'openai:chat:fake', config: {apiBaseUrl: '" + base + "', apiKey: '{{env.FAKE_KEY}}'}}]\n"
            "defaultTest: {assert: [{type: contains, value: billing}, {type: not-icontains, value: sorry}, {type: regex, value: '^[a-z]+$'}]}\n"
            f"tests: tests.jsonl\nevaluateOptions: {{maxConcurrency: 64}}\n")
        (folder.parent / "promptfoo/logs").mkdir(parents=True)
        env = {**env, "FAKE_KEY": "k", "PROMPTFOO_CONFIG_DIR": str(folder.parent / "promptfoo"), "PROMPTFOO_CACHE_ENABLED": "false", **quiet}
        subprocess.run(["git", "init", "-q", "."], cwd=folder, env=env, check=True)
        began = spend([llmops, "import", "promptfoo", "evals/promptfooconfig.yaml"], folder, env)
        row(f"import of {cases:,} promptfoo tests", f"{began[0] * 1e3:.0f} ms CPU", "", "")
        repository(folder, env)
        cpu, wall, _ = spend([llmops, "run", "evals"], folder, env)
        their_cpu, their_wall, said = spend([*command, "eval", "-c", "promptfooconfig.yaml", "-j", "64", "--no-cache", "--no-progress-bar", "--no-table"],
                                            evals, env, (0, 1))  # Its log may fail once all is done, with status 1.
        assert "Eval complete" in said, said
        row(f"{cases:,} cases, three scorers, {latency_ms} ms latency, 64 at once", f"{wall:.2f} s wall, {cpu:.2f} s CPU",
            f"promptfoo {their_wall:.2f} s wall, {their_cpu:.2f} s CPU", f"{their_wall / wall:.1f}× wall (bar: 20×), {their_cpu / cpu:.1f}× CPU (bar: 30×)")
        start_cpu, start_wall, _ = spend([*command, "--version"], evals, env)
        row("start", "", f"`promptfoo --version` {start_wall:.2f} s wall, {start_cpu:.2f} s CPU", "")
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", help="the bench-load program")
    parser.add_argument("--bootstrap", help="the bench-bootstrap program")
    parser.add_argument("what", nargs="*", default=ALL)
    options = parser.parse_args()
    llmops = str(Path(options.binary).resolve())
    load = str(Path(options.load).resolve()) if options.load else None
    print("| work | llmops | beside it | |\n| --- | --- | --- | --- |")
    for what in options.what or ALL:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "repo"
            folder.mkdir()
            env = {**os.environ, **IDENTITY, "XDG_CACHE_HOME": str(Path(name) / "cache"), "GIT_CONFIG_GLOBAL": "/dev/null"}
            if what == "start":
                start(llmops, folder, env)
            elif what == "steps":
                steps(llmops, folder, env)
            elif what == "html":
                html(llmops, folder, env)
            elif what == "eval":
                ask(llmops, load, folder, env, 1000, 20)
            elif what == "large":
                ask(llmops, load, folder, env, 100_000, 0)
            elif what == "promptfoo":
                promptfoo(llmops, folder, env)
            elif options.bootstrap:
                bootstrap(str(Path(options.bootstrap).resolve()), folder, env)


main()
