#!/usr/bin/env python3
"""The completion files in the shells they are for: each shell runs on a terminal, somebody types and presses TAB.

What stands on the line afterwards is seen by putting `printf '<%s>' ` in front of it (Ctrl-A) and pressing Enter.

    shells_test.py LLMOPS [SHELL…]      bash, zsh and fish where no shell is named
"""
import errno
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPLETIONS = ROOT / "completions"
PATIENCE_S = 60
SKIPPED = 77
QUIET_S = (0.4, 2, 6)

RECIPE = """llmops: 1
name: triage
environments:
  dev: {}
  staging: {}
steps:
  - id: compare
    exec: {shell: "true"}
  - id: confirm
    exec: {shell: "true"}
"""

# A recipe whose path would do something, were it put on the line as it is.
HOSTILE = "odd $(touch gone).yaml"

# What is typed, `\\t` for TAB; then the words that must stand on the line.
CASES = [
    ("llmops vali\t", ["llmops", "validate"]),
    ("llmops run tri\t", ["llmops", "run", "triage"]),
    ("llmops run triage --env stag\t", ["llmops", "run", "triage", "--env", "staging"]),
    ("llmops run triage --env=stag\t", ["llmops", "run", "triage", "--env=staging"]),
    ("llmops run triage --step comp\t", ["llmops", "run", "triage", "--step", "compare"]),
    ("llmops run triage --step=conf\t", ["llmops", "run", "triage", "--step=confirm"]),
    ("llmops run triage --keep-g\t", ["llmops", "run", "triage", "--keep-going"]),
    ("llmops lineage o\t", ["llmops", "lineage", "of"]),
    ("llmops lineage of note\t", ["llmops", "lineage", "of", "notes of a day.txt"]),
    ("llmops run od\t", ["llmops", "run", HOSTILE]),
    ("llmops run triage --events note\t", ["llmops", "run", "triage", "--events", "notes of a day.txt"]),
]


class Terminal:
    """A shell on a pseudo terminal."""

    def __init__(self, argv, env, folder):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern):
        """Reads until `pattern` is there, and takes what came up to its end."""
        until = time.monotonic() + PATIENCE_S
        while True:
            found = re.search(pattern, self.seen, re.DOTALL)
            if found:
                self.seen = self.seen[found.end():]
                return found
            left = until - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"waited in vain for {pattern!r}; the terminal shows {self.seen!r}")

    def wait_quiet(self, quiet_s=0.4):
        while self._read(quiet_s):
            pass

    def _read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno == errno.EIO:  # The shell has ended.
                return False
            raise
        self.seen += more.decode(errors="replace")
        return bool(more)

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start(shell, home, env, folder):
    """The shell at its prompt, with our completion loaded as its own documentation says."""
    env = dict(env, TERM="dumb" if shell != "fish" else "xterm", PS1="READY> ", PROMPT="READY> ")
    if shell == "bash":
        terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], env, folder)
        terminal.send(f"bind 'set enable-bracketed-paste off'; source {COMPLETIONS}/llmops.bash; echo is''-ready\n")
    elif shell == "zsh":
        terminal = Terminal(["zsh", "-f", "-i"], env, folder)
        terminal.send(f"unsetopt zle_bracketed_paste; bindkey -e; fpath=({COMPLETIONS} $fpath); "
                      "autoload -U compinit && compinit -u -D; echo is''-ready\n")
    else:
        target = home / ".config/fish/completions"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(COMPLETIONS / "llmops.fish", target)
        terminal = Terminal(["fish", "--private"], env, folder)
        terminal.send("function fish_prompt; echo 'READY> '; end; set -g fish_autosuggestion_enabled 0; echo is''-ready\r")
    terminal.wait_for("is-ready\r?\n")
    terminal.wait_quiet()
    return terminal


def line_after(terminal, typed, quiet_s):
    """The words on the line when `typed` was typed and the shell then said nothing for so long."""
    text, _, tab = typed.partition("\t")
    terminal.send(text)
    terminal.wait_quiet(0.1)
    terminal.send("\t" + tab)
    terminal.wait_quiet(quiet_s)
    terminal.send("\x01printf '<%s>' \x05; echo ' line'-end\r")
    printed = terminal.wait_for(r"((?:<[^<>]*>)+) line-end")
    terminal.wait_quiet(0.1)
    return re.findall(r"<([^<>]*)>", printed.group(1))


def typed_anew(shell, typed, quiet_s, home, env, folder):
    """On a terminal of its own: what one TAB loads must not help the next."""
    terminal = start(shell, home, env, folder)
    try:
        return line_after(terminal, typed, quiet_s)
    except AssertionError as error:
        return str(error)
    finally:
        terminal.close()


def check(shell, home, env, folder):
    failures = []
    for typed, wanted in CASES:
        for quiet_s in QUIET_S:  # A busy machine completes later.
            got = typed_anew(shell, typed, quiet_s, home, env, folder)
            if got == wanted:
                break
        if got != wanted:
            failures.append(f"{shell}: {typed!r}\n    wanted {wanted}\n    got    {got}")
    return failures


def has_terminals():
    try:
        for end in pty.openpty():
            os.close(end)
        return True
    except OSError:
        return False


def main():
    if not has_terminals():
        print("skipped: this machine has no pseudo terminals")
        return SKIPPED
    binary = pathlib.Path(sys.argv[1]).resolve()
    shells = sys.argv[2:] or ["bash", "zsh", "fish"]
    failures = []
    with tempfile.TemporaryDirectory() as temp:
        home, folder = pathlib.Path(temp) / "home", pathlib.Path(temp) / "work"
        home.mkdir()
        folder.mkdir()
        (folder / "triage.yaml").write_text(RECIPE)
        (folder / HOSTILE).write_text("llmops: 1\nname: strange\nsteps: []\n")
        (folder / "notes of a day.txt").write_text("noted\n")
        env = {"PATH": f"{binary.parent}:{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
        for args in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *args], cwd=folder, env=env, check=True)
        for shell in shells:
            if not shutil.which(shell):
                failures.append(f"there is no {shell} here; cmake/debian-packages.txt names its package")
                continue
            failures += check(shell, home, env, folder)
        if list(folder.glob("**/gone")):
            failures.append("a shell ran what a recipe's path says")
    print("\n".join(failures) or f"{len(CASES)} lines in each of {', '.join(shells)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
