#!/usr/bin/env python3
"""llmops on a disk that gets full, at each call that needs space: what it says, what it keeps, and how it goes on.

SHIM is full_disk.c as a library. A run that is cut off by a full disk ends with status 6 and one error that names a file or
folder and says to free some space. Nothing half-written is read later. Once there is space again the same command passes,
and what the journal had as done is not done again.
"""
import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import re
import subprocess
import sys
import traceback
from pathlib import Path

from full_disk import ENVIRONMENT, FOREVER, LATE, PLAIN, TORN, Box, Fault, Wrong, check_error, expect

FAKES = Path(__file__).resolve().parents[1] / "fakes"
STATE, CACHE, GIT, BUILD = "work/.llmops", "cache", "work/.git", "work/build"
DISK = (STATE, CACHE, GIT, BUILD)
RUN = "run work --jobs 1"
NEVER_CACHED = "first"
FIRST = f"""llmops: 1
name: work
steps:
  - id: {NEVER_CACHED}
    cache: never
    exec: {{shell: "echo first >> ../side.txt; echo done > build/first.txt", outputs: [build/first.txt]}}
"""
WORK = {"work.yaml": FIRST + """
  - id: second
    needs: [first]
    exec:
      shell: |
        set -e
        echo second >> ../side.txt
        mkdir -p build/all/in
        echo a > build/all/a
        head -c 400000 /dev/zero > build/all/in/big
      inputs: [build/first.txt]
      outputs: [build/all]
  - id: third
    needs: [second]
    exec:
      shell: echo third >> ../side.txt; wc -c < build/all/in/big > build/third.txt
      inputs: [build/all]
      outputs: [build/third.txt]
""", ".gitignore": "/build/\n"}
ALL_CACHED = WORK | {"work.yaml": WORK["work.yaml"].replace("    cache: never\n", "")}
MADE = {"work/build/first.txt": b"done\n", "work/build/all/a": b"a\n", "work/build/all/in/big": bytes(400000),
        "work/build/third.txt": b"400000\n"}
EVAL = {
    "work.yaml": """llmops: 1
name: work
models: {small: {provider: exec, command: [python3, bot.py]}}
prompts: {terse: terse.j2}
datasets: {golden: {path: golden.jsonl, expected: label}}
steps:
  - {id: quality, eval: {models: [small], prompts: [terse], dataset: golden, scorers: [equals]}}
""",
    "terse.j2": "{{ text }}\n",
    "golden.jsonl": "".join(json.dumps({"text": f"word{i}", "label": f"word{i}"}) + "\n" for i in range(20)),
    "bot.py": (FAKES / "echo_program.py").read_text(),
}


class Cases:
    """Each has a name and a function; two run at a time."""

    def __init__(self, options):
        self.options, self.cases = options, []
        self.cut_off = self.passed = 0

    def add(self, name, work, *arguments):
        if self.options.only in name:
            self.cases.append((name, work, arguments))

    def box(self, like=None):
        return Box(self.options.binary, self.options.shim, like)

    def sweep(self, name, template, areas, most, check, line=RUN, late=False):
        """`check` with a disk that is full from a call of `llmops LINE` on, or at that one call alone. Every call has its turn
        with --all, else about `most` of them."""
        if self.options.only not in name and self.options.only:
            return
        with self.box(template) as box:
            calls = box.llmops(line, Fault(areas, how=LATE if late else PLAIN)).calls
        expect(calls > 0, f"{name}: no call needs space")
        step = 1 if self.options.all else max(1, -(-calls // most))
        for number, first in enumerate(range(1, calls + 1, step)):
            from_here = Fault(areas, first, FOREVER, LATE if late else TORN if number % 2 == 0 else PLAIN)
            once = Fault(areas, first, first, LATE if late else PLAIN)
            for fault in (from_here, once) if self.options.all else (once,) if number % 3 == 2 else (from_here,):
                self.add(f"{name}: {fault}", self.attempt_one, template, fault, check)

    def attempt_one(self, template, fault, check):
        with self.box(template) as box:
            ended = check(box, fault)
            box.check_nothing_left()
        if ended.status == 0:
            self.passed += 1
        else:
            self.cut_off += 1

    def run(self):
        failures = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for (name, _, _), failure in zip(self.cases, pool.map(self.attempt, self.cases)):
                if failure:
                    failures += 1
                    print(f"--- {name}\n{failure}\n", flush=True)
        print(f"{len(self.cases)} cases: {self.cut_off} times a full disk cut llmops off, {self.passed} times it did not need "
              f"the space; {failures} cases failed")
        return 1 if failures else 0

    @staticmethod
    def attempt(case):
        try:
            case[1](*case[2])
            return None
        except Wrong as wrong:
            return str(wrong)
        except Exception:  # The case itself is broken: that fails too.
            return traceback.format_exc()


@contextlib.contextmanager
def telling(*all_ended):
    """What the commands said, with what is wrong."""
    try:
        yield
    except Wrong as wrong:
        said = "".join(f"first call without space: {ended.what}\nstatus {ended.status}\nstdout:\n{ended.out}stderr:\n{ended.err}"
                       for ended in all_ended)
        raise Wrong(f"{wrong}\n{said}") from None


def check_made(box):
    for path, made in MADE.items():
        expect(box.read(path) == made, f"`{path}` is not what its step makes")


def check_again(box, ended, line=RUN):
    """With space again: it passes, without doing again what the journal had."""
    executed, done = box.executed(), box.done_in_journal()
    again = box.llmops(line)
    with telling(ended, again):
        expect(again.status == 0, "with space again, it does not pass")
        repeated = [step for step, finished in done.items()
                    if box.executed().count(step) > executed.count(step) and not (finished and step == NEVER_CACHED)]
        expect(not repeated, f"done again, though the journal had it: {repeated}")
        box.check_repository(ended)
        expect(box.records(), "the run passed and was not recorded")
    return again


def check_run(box, fault):
    before = len(box.records())
    ended = box.llmops(RUN, fault)
    with telling(ended):
        expect(ended.status == 0 or ended.failed, "it failed though there was space")
        box.check_repository(ended)
        box.check_nothing_beside(ended)
        box.done_in_journal()
        if ended.status == 0:
            check_made(box)
            expect(len(box.records()) == before + 1, "the run passed and was not recorded")
        else:
            check_error(ended, [str(box.root / area) for area in fault.areas] + [f"in `{box.work}`"])
    if ended.status != 0:
        again = check_again(box, ended)
        with telling(ended, again):
            check_made(box)
            expect(len(box.records()) > before, "the run passed and was not recorded")
    return ended


def check_restored(box, fault):
    """The outputs were deleted, and there is no space for all of them: nothing runs, and none stands there half."""
    ended = box.llmops(RUN, fault)
    with telling(ended):
        box.check_nothing_beside(ended)
        for path, made in MADE.items():
            expect(box.read(path) in (None, made), f"`{path}` is only a part of what its step makes")
        whole = {box.read("work/build/all/a"), box.read("work/build/all/in/big")} - {None}
        expect(len(whole) in (0, 2), "`build/all` was brought back in part")
        if ended.status == 0:
            check_made(box)
        else:
            check_error(ended, ["work/build"])
    again = check_again(box, ended)
    with telling(ended, again):
        check_made(box)
        expect(not box.executed(), "steps were executed again whose outputs the cache has")
    return ended


def check_step(box, fault):
    """A program that finds no space for its output fails; its own words are shown. llmops makes only its folder."""
    ended = box.llmops(RUN, fault)
    with telling(ended):
        if ended.what == f"mkdir {BUILD}":
            check_error(ended, ["work/build"])
        else:
            expect(ended.status == 1, "the step's failure is not the run's")
            expect(re.search("No space left on device|I/O error", ended.err), "what the step's program said is not shown")
        box.check_repository(ended)
    again = check_again(box, ended)
    with telling(ended, again):
        check_made(box)
    return ended


def check_events(box, fault):
    line = f"{RUN} --events ../events.jsonl"
    ended = box.llmops(line, fault)
    with telling(ended):
        check_error(ended, ["events.jsonl"])
        if ended.what.startswith("make "):
            expect(not box.executed(), "steps were executed though the events could not be written")
        else:
            check_made(box)
            expect(len(box.records()) == 1, "the run was not recorded")
        box.whole_lines("events.jsonl")
    again = box.llmops(line)
    with telling(ended, again):
        expect(again.status == 0, "with space again, it does not pass")
        expect(box.whole_lines("events.jsonl")[-1]["event"] == "run_ended", "the events are not whole")
    return ended


def check_eval(box, fault):
    ended = box.llmops(RUN, fault)
    with telling(ended):
        box.check_repository(ended)
        box.check_nothing_beside(ended)
        if ended.status != 0:
            check_error(ended)
    again = check_again(box, ended, f"{RUN} --json")
    with telling(ended, again):
        metrics = json.loads(again.out)["steps"][0]["metrics"]
        equal = [(metric["n"], metric["value"], metric["errors"]) for metric in metrics if metric["metric"] == "equals"]
        expect(equal == [(20, 1.0, 0)], f"wrong metrics: {metrics}")
    return ended


class Pull:
    """`models pull` from a server of its own."""

    def __init__(self):
        sys.path.append(str(FAKES))
        import hub_server
        self.file = hub_server.FILES["tiny.gguf"]
        self.server = subprocess.Popen([sys.executable, FAKES / "hub_server.py"], stdout=subprocess.PIPE, text=True)
        self.line = f"models pull http://127.0.0.1:{self.server.stdout.readline().split()[1]}/org/open/resolve/main/tiny.gguf " \
                    f"--sha256 {hashlib.sha256(self.file).hexdigest()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.communicate()

    def check(self, box, fault):
        ended = box.llmops(self.line, fault)
        with telling(ended):
            check_error(ended, ["cache/llmops/models"])
            listed = json.loads(box.llmops("models list --json").out)
            expect(not any(model["stored"] for model in listed), "a model is listed that is not whole")
        again = box.llmops(self.line)
        with telling(ended, again):
            expect(again.status == 0, "with space again, it does not pass")
            expect(box.read("cache/llmops/models/tiny/model.gguf") == self.file, "the model is not what the server has")
            expect(sorted(p.name for p in (box.root / "cache/llmops/models/tiny").iterdir()) == ["model.gguf", "model.json"],
                   "something was left beside the model")
        return ended


def check_standard_output(cases, template):
    """A full disk behind standard output is an error of every command; a reader who goes away is none of any."""
    with cases.box(template) as box:
        for line in ("run work --json", "show --json", "show", "log", "plan work --json", "validate work", "doctor", "schema recipe",
                     "lineage of HEAD", "--version", "--help", "completion bash"):
            ended = box.llmops(f"{line} > /dev/full")
            with telling(ended):
                check_error(ended, ["standard output"])
        expect(len(box.records()) == 1, "a run whose output could not be written was not recorded")
        ended = box.llmops("run work --json | true")
        with telling(ended):
            expect(ended.status == 0 and not ended.errors(), "a reader who goes away is an error")
        (box.root / "device").symlink_to("/dev/full")
        ended = box.llmops(f"{RUN} --events ../device")
        with telling(ended):
            check_error(ended, ["device"])
            expect((box.root / "device").is_symlink(), "what was no file was replaced by one")


def check_reading(cases, template):
    """What only reads needs no space, also where the cache would like to remember something."""
    for areas in ((CACHE,), DISK):
        with cases.box(template) as box:
            for line in ("plan work", "validate work", "show", "log", "models list", "lineage of HEAD"):
                ended = box.llmops(line, Fault(areas, 1))
                with telling(ended):
                    expect(ended.status == 0 and not ended.errors(), f"`llmops {line}` needs space in {areas}")


def check_twice(cases, template):
    """Two runs are cut off, the second before it comes to what the first had done."""
    with cases.box(template) as box:
        (box.work / "new.txt").write_text("not committed\n")
        records = Fault((f"{GIT}/refs/notes", f"{GIT}/refs/llmops/records.lock"), 1)
        first = box.llmops(RUN, records)
        second = box.llmops(RUN, Fault((GIT,), 1))
        with telling(first, second):
            check_error(first, ["refs/"])
            check_error(second, [".git"])
            expect(box.executed() == ["first", "second", "third"], f"executed: {box.executed()}")
        again = check_again(box, second)
        with telling(first, second, again):
            expect(box.executed() == ["first", "second", "third"], f"what the first run had done was done again: {box.executed()}")


SMALL_DISK = """
mount -t tmpfs -o size=16m tmpfs ../disk && cp -a ../work ../cache ../disk && cd ../disk/work || exit 99
export XDG_CACHE_HOME=$PWD/../cache
size() { df --output=avail -k . | tail -n 1; }
head -c $(($(size) * 1024 - $1 * 1024)) /dev/zero > ../filler
llmops run work --jobs 1 > ../../out 2> ../../err
echo $? > ../../status
rm ../filler
llmops run work --jobs 1 > ../../again 2>&1 || exit 98
git fsck --strict --no-dangling && git log --notes=llmops --format=%N -1 | grep -q passed && cat ../side.txt
"""


def can_mount():
    line = "mkdir -p /tmp/llmops-mount-$$ && mount -t tmpfs tmpfs /tmp/llmops-mount-$$ && umount /tmp/llmops-mount-$$; s=$?; " \
           "rmdir /tmp/llmops-mount-$$; exit $s"
    try:
        return subprocess.run(["unshare", "-rm", "sh", "-c", line], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


def check_small_disk(cases, template, free_kib):
    """The same on a real file system that is full: what the system does by itself, beyond the single calls."""
    with cases.box(template) as box:
        (box.root / "disk").mkdir()
        (box.root / "cache").mkdir(exist_ok=True)
        (box.root / "small.sh").write_text(SMALL_DISK)
        status, out, err = box.run(f"unshare -rm sh ../small.sh {free_kib}")
        first = box.read("status")
        expect(status == 0 and first, f"status {status}\n{out}{err}{(box.read('again') or b'').decode()}")
        said = (box.read("err") or b"").decode()
        if int(first) == 1:  # The step's program was the one that found no space.
            expect(re.search("No space left on device|I/O error", said), f"the step does not say why it failed: {said}")
            return
        expect(int(first) in (0, ENVIRONMENT), f"status {int(first)}: {said}")
        if int(first) == ENVIRONMENT:
            expect("free some space" in said and said.count("error: ") == 1, f"wrong words: {said}")
        for step in ("second", "third"):
            expect(out.split().count(step) <= 2, f"executed: {out.split()}")


def add_all(cases, pull, left):
    """`left` removes the templates at the end."""
    templates = {}
    for name, files in (("fresh", WORK), ("dirty", WORK), ("used", WORK), ("cached", ALL_CACHED), ("deleted", ALL_CACHED), ("eval", EVAL)):
        templates[name] = left.enter_context(cases.box())
        templates[name].commit(files)
    (templates["dirty"].work / "new.txt").write_text("not committed\n")
    for name in ("used", "cached", "deleted"):
        expect(templates[name].llmops(RUN).status == 0, "the run does not pass on a disk with space")
    templates["deleted"].arrange("rm -r build")
    for areas, most in (((STATE,), 20), ((CACHE,), 24), ((GIT,), 20), ((STATE, CACHE, GIT), 16)):
        cases.sweep(f"fresh {'+'.join(areas)}", templates["fresh"], areas, most, check_run)
    cases.sweep("late", templates["fresh"], (f"{CACHE}/llmops/content", f"{GIT}/objects"), 10, check_run, late=True)
    cases.sweep("dirty .git", templates["dirty"], (GIT,), 24, check_run)
    cases.sweep("used .git refs", templates["used"], (f"{GIT}/refs", f"{GIT}/logs"), 12, check_run)
    cases.sweep("used disk", templates["used"], (STATE, CACHE, GIT), 10, check_run)
    cases.sweep("restored", templates["deleted"], (BUILD,), 20, check_restored)
    cases.sweep("step", templates["fresh"], (BUILD,), 8, check_step)
    cases.sweep("events", templates["fresh"], ("events.jsonl",), 8, check_events, f"{RUN} --events ../events.jsonl")
    cases.sweep("eval", templates["eval"], (CACHE,), 10, check_eval)
    cases.sweep("pull", templates["fresh"], (CACHE,), 10, pull.check, pull.line)
    cases.add("standard output", check_standard_output, cases, templates["fresh"])
    cases.add("reading", check_reading, cases, templates["cached"])
    cases.add("twice", check_twice, cases, templates["fresh"])
    if can_mount():
        for free_kib in (0, 60, 200, 330, 480, 650, 900):
            cases.add(f"small disk, {free_kib} KiB", check_small_disk, cases, templates["fresh"], free_kib)
    else:
        print("no file system can be mounted here: the small disk is left out")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", type=lambda path: Path(path).resolve())
    parser.add_argument("shim", type=lambda path: Path(path).resolve())
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--all", action="store_true", help="every call of each sweep")
    cases = Cases(parser.parse_args())
    with Pull() as pull, contextlib.ExitStack() as left:
        add_all(cases, pull, left)
        return cases.run()


if __name__ == "__main__":
    sys.exit(main())
