#!/usr/bin/env python3
"""Every source is as .clang-format has it: clang-format changes nothing. `--fix` writes what it would."""
import subprocess
import sys
from pathlib import Path


def main():
    root = Path(sys.argv[1]).resolve()
    sources = sorted(str(path) for folder in ("src", "tests") for path in (root / folder).rglob("*") if path.suffix in (".cpp", ".h"))
    how = ["-i"] if "--fix" in sys.argv[2:] else ["--dry-run", "-Werror", "--ferror-limit=1"]
    done = subprocess.run(["clang-format", *how, *sources], cwd=root, check=False)
    print(f"{len(sources)} sources")
    if done.returncode:
        print(f"mend it: {sys.argv[0]} {root} --fix")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
