"""What the tests beside published implementations share: a virtual environment of pinned packages, and asking a program."""
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

SHOWN = 5


def cache():
    if os.environ.get("LLMOPS_BUILD_CACHE"):
        return Path(os.environ["LLMOPS_BUILD_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmops"


def pip(python, *arguments):
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", *arguments]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if made.returncode != 0:
        sys.exit(f"oracles: can't get the published implementations, so nothing was compared; pip said:\n{made.stdout}")


def make_environment(folder, pins):
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if made.returncode != 0:
        sys.exit(f"oracles: can't make a virtual environment (Debian: apt-get install python3-venv):\n{made.stdout}")
    python = folder / "bin" / "python"
    if (pins / "build.txt").exists():
        pip(python, "-r", pins / "build.txt")
    pip(python, "--no-build-isolation", "-r", pins / "requirements.txt")
    (folder / "whole").touch()


def environment(pins):
    """The folder of the environment for these pins and this Python, made where it is not there yet."""
    files = [pins / name for name in ("build.txt", "requirements.txt") if (pins / name).exists()]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files) + sys.version.encode()).hexdigest()[:12]
    folder = cache() / pins.name.replace("_", "-") / digest
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            make_environment(folder, pins)
    return folder


def enter_environment(pins):
    """Goes on in the environment's Python."""
    folder = environment(pins)
    if Path(sys.prefix).resolve() != folder.resolve():
        os.execv(folder / "bin" / "python", [str(folder / "bin" / "python"), "-I", *map(os.path.abspath, sys.argv[:1]), *sys.argv[1:]])


class Program:
    """Answers a line of JSON for each line of JSON."""

    def __init__(self, path):
        self.path = path

    def answers(self, lines):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run([self.path], input=text.encode(), stdout=subprocess.PIPE, check=False)
        answers = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
        if done.returncode != 0 or len(answers) != len(lines):
            sys.exit(f"oracles: {self.path} ended with {done.returncode} after {len(answers)} of {len(lines)} lines")
        return answers


def report(name, asked, wrong):
    print(f"{name}: {asked} compared, {len(wrong)} differ")
    for line in wrong[:SHOWN]:
        print("  " + line)
    return bool(wrong)
