"""A folder of its own for one page: a repository with the page's files committed, and an environment without the person's."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

KEPT = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")
SECONDS_TO_LEAVE = 10


class SandboxError(Exception):
    """What the page arranges did not work, or something was left running."""


class Sandbox:
    def __init__(self, binary, timeout_s):
        self.timeout_s = timeout_s
        self.root = Path(tempfile.mkdtemp(prefix="llmops-golden-")).resolve()
        self.work = self.root / "work"
        home, tools = self.root / "home", self.root / "bin"
        for folder in (self.work, home, tools):
            folder.mkdir()
        (tools / "llmops").symlink_to(binary)
        self.env = {
            "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FAKES": str(Path(__file__).resolve().parents[1] / "fakes"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": "1700000000 +0000",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_COMMITTER_DATE": "1700000000 +0000",
        }
        self.env |= {name: os.environ[name] for name in KEPT if name in os.environ}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def commit(self, files):
        for path, text in files.items():
            target = self.work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        self.arrange("git init -q -b main && git add -A && git commit -q --allow-empty -m first")

    def arrange(self, line):
        status, out, err = self.run(line)
        if status != 0:
            raise SandboxError(f"`{line}` ended with status {status}\n{out}{err}")

    def run(self, line):
        """The status (a negative one is a signal's) and the bytes of both streams, read as UTF-8."""
        child = subprocess.Popen(["/bin/sh", "-c", line], cwd=self.work, env=self.env, start_new_session=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = child.communicate(timeout=self.timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            raise SandboxError(f"`{line}` did not end within {self.timeout_s} s") from None
        return child.returncode, out.decode(errors="backslashreplace"), err.decode(errors="backslashreplace")

    def commits(self):
        """The ids of all commits there are, records included."""
        status, out, _ = self.run("git for-each-ref --format='%(refname)' | git rev-list --stdin HEAD 2>/dev/null")
        return out.split() if status == 0 else []

    def check_nothing_left(self):
        """Every process that still has this sandbox's home is one that a command left behind."""
        mark, until = f"HOME={self.root}/home".encode(), time.monotonic() + SECONDS_TO_LEAVE
        while left := [process for process in processes() if mark in process[1].split(b"\0")]:
            if time.monotonic() > until:
                for pid, _ in left:
                    os.kill(pid, signal.SIGKILL)
                raise SandboxError("left running: " + ", ".join(str(pid) for pid, _ in left))
            time.sleep(0.02)


def processes():
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            yield int(entry), Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
