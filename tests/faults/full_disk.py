"""A repository with a cache of its own, and a disk that is full from some call on (see full_disk.c)."""
import json
import os
import re
import shutil
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "golden"))
from sandbox import Sandbox  # noqa: E402

ENVIRONMENT = 6
FOREVER = 2**62
PLAIN, TORN, LATE = range(3)  # As in full_disk.c.
HEAD = struct.Struct("<QQQQQ")
CRASH = re.compile(r"internal error|terminate called|Traceback|Sanitizer|runtime error|bug in llmops")
LEFT_BESIDE = re.compile(r"^(\.tmp-|\.?incoming-|tmp_obj|snapshot-index)|\.lock$|\.damaged")


class Wrong(Exception):
    """What a command did is not what it has to do."""


def expect(holds, words):
    if not holds:
        raise Wrong(words)


@dataclass(frozen=True)
class Fault:
    """The calls with the numbers `first` to `last` that need space in `areas` (paths from the sandbox's root) find none."""
    areas: tuple
    first: int = FOREVER
    last: int = FOREVER
    how: int = PLAIN

    def __str__(self):
        which = f"from call {self.first} on" if self.last == FOREVER else f"at call {self.first}"
        return f"no space in {', '.join(self.areas)} {which}{('', ', torn', ', found late')[self.how]}"


@dataclass
class Ended:
    status: int
    out: str
    err: str
    calls: int = 0   # Calls that were counted,
    failed: int = 0  # and those of them that found no space.
    what: str = ""   # The first of these.

    def errors(self):
        return re.findall(r"^(?:\S+: )?error: (.*)$", self.err, re.MULTILINE)


class Box(Sandbox):
    """`work` is the repository, `cache` the cache; `side.txt`, beside them, gets a line for each step that is executed."""

    def __init__(self, binary, shim, like=None):
        super().__init__(binary, 120)
        self.shim = shim
        if like:
            for folder in ("work", "cache"):
                if (like.root / folder).exists():
                    shutil.copytree(like.root / folder, self.root / folder, symlinks=True, dirs_exist_ok=True)

    def llmops(self, line, fault=None):
        """Runs `llmops LINE` (a shell line) on a disk with that fault."""
        if not fault:
            return Ended(*self.run(f"llmops {line}"))
        state = self.root / "disk"
        state.write_bytes(HEAD.pack(fault.first, fault.last, fault.how, 0, 0) + bytes(os.pathconf("/", "PC_PATH_MAX")))
        areas = ":".join(str(self.root / area) for area in fault.areas)
        sanitizer = f"ASAN_OPTIONS='{self.env['ASAN_OPTIONS']}:verify_asan_link_order=0'" if "ASAN_OPTIONS" in self.env else \
            "ASAN_OPTIONS=verify_asan_link_order=0"
        ended = Ended(*self.run(f"FULL_DISK_STATE='{state}' FULL_DISK_AREA='{areas}' {sanitizer} LD_PRELOAD='{self.shim}' "
                                f"llmops {line}"))
        raw = state.read_bytes()
        _, _, _, ended.calls, ended.failed = HEAD.unpack_from(raw)
        ended.what = raw[HEAD.size:].split(b"\0", 1)[0].decode().replace(str(self.root) + "/", "")
        return ended

    def executed(self):
        side = self.root / "side.txt"
        return side.read_text().split() if side.exists() else []

    def read(self, path):
        target = self.root / path
        return target.read_bytes() if target.is_file() else None

    def git(self, line):
        status, out, err = self.run(f"git {line}")
        expect(status == 0, f"`git {line}` ended with {status}: {out}{err}")
        return out

    # --- what must hold at any time ---

    def whole_lines(self, path):
        """The objects of a file of JSON lines, of which none may be torn."""
        text = (self.read(path) or b"").decode()
        expect(not text or text.endswith("\n"), f"`{path}` ends with half a line: {text[-80:]!r}")
        try:
            return [json.loads(line) for line in text.splitlines()]
        except ValueError:
            raise Wrong(f"a line of `{path}` is torn:\n{text}") from None

    def done_in_journal(self):
        """The steps that the journal calls done, and whether their run has finished: id → bool."""
        events = self.whole_lines("work/.llmops/journal")
        finished = {event["run"] for event in events if event["event"] == "finish"}
        return {event["step"]: event["run"] in finished for event in events if event["event"] == "step"}

    def check_repository(self, after=None):
        """git finds nothing wrong, and each recorded run has its line in the notes (and no other run has one, unless git
        could neither move a ref nor put the other one back)."""
        said = self.git("fsck --strict --no-dangling 2>&1")
        expect(said.strip() == "", f"git fsck: {said}")
        records, notes = self.records(), self.notes()
        stuck = after is not None and after.what.startswith("rename work/.git/refs/")
        expect(records == notes or stuck and set(records) < set(notes), f"records {records}, but notes {notes}")

    def records(self):
        if self.run("git rev-parse -q --verify refs/llmops/records")[0] != 0:
            return []
        return sorted(self.git("log --format=%s refs/llmops/records").splitlines())

    def notes(self):
        status, out, _ = self.run("git notes --ref=llmops show HEAD")
        return sorted(out.splitlines()) if status == 0 else []

    def check_nothing_beside(self, after):
        """No temporary file and no lock of git is left. `.llmops` keeps its own lock files, and a git that could not write
        an object leaves a piece of it, which `git gc` removes."""
        by_git = after.what.startswith("write work/.git/objects/") and "`git " in after.err
        for top in ("cache", "work"):
            for folder, folders, files in os.walk(self.root / top):
                for name in folders + files:
                    path = os.path.relpath(os.path.join(folder, name), self.root)
                    stays = path.startswith("work/.llmops/") and name.endswith("lock") or name in ("cache.lock", "refs.lock")
                    stays = stays or by_git and name.startswith("tmp_obj")
                    expect(stays or not LEFT_BESIDE.search(name), f"`{path}` was left behind")


def check_error(ended, names=()):
    """One error of the environment that names a file or folder (one of `names`), and says to free some space."""
    expect(not CRASH.search(ended.err), f"it crashed: {ended.err}")
    expect(ended.status == ENVIRONMENT, f"status {ended.status}, expected {ENVIRONMENT}")
    errors = ended.errors()
    expect(len(errors) == 1, f"expected one error, found {len(errors)}")
    expect(not names or any(name in errors[0] for name in names), f"the error names none of {names}")
    expect(re.search(r"^hint: .*free some space", ended.err, re.MULTILINE), "no hint to free some space")
