#!/usr/bin/env python3
"""Checks that the decision on dependencies and the build name the same ones: dependencies_test.py

docs/decisions/0004-dependencies.md has two tables, of libraries and of programs. Their column `from` says where each comes from:
a package of cmake/debian-packages.txt, or a source that a file of cmake/ pins as LLMOPS_…_PACKAGE. Every package and every pinned
source must stand there, nothing else may, and each row has a licence. What the build links must be said to be linked so.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECISION = "docs/decisions/0004-dependencies.md"
LINK = re.compile(r"^llmops_(static|headers)\((\S+)", re.MULTILINE)
PINNED = re.compile(r'^set\(LLMOPS_(\w+)_PACKAGE "([^"]+)"\)', re.MULTILINE)
ELSEWHERE = re.compile(r"\b(FetchContent|ExternalProject)\w*|\bfile\(DOWNLOAD|\bCPMAddPackage|\bgit clone\b")


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def rows(text):
    """Each row of a Markdown table with a column `from`, as {column: cell}."""
    out, head = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if head is None:
            head = cells
        elif "from" in head and not set(line) <= set("|-: "):
            out.append(dict(zip(head, cells)))
    return out


def origins(row):
    return re.findall(r"`([^`]+)`", row.get("from", ""))


def cmake_files(root):
    return [root / "CMakeLists.txt", *sorted((root / "cmake").glob("*.cmake")), root / "src/CMakeLists.txt", root / "tests/CMakeLists.txt"]


def packages_of(root):
    return [line.split()[0] for line in read(root, "cmake/debian-packages.txt").splitlines() if line and not line.startswith("#")]


def check_origins(table, packages, pinned):
    named = [origin for row in table for origin in origins(row)]
    for package in packages:
        if package not in named:
            yield f"cmake/debian-packages.txt has `{package}`, and {DECISION} no row that is from it"
    for name, source in pinned.items():
        if source not in named:
            yield f"cmake/ pins `{source}`, and {DECISION} no row that is from it"
        if not re.fullmatch(r"[A-Za-z0-9_.-]+-\d[\w.]*", source):
            yield f"LLMOPS_{name}_PACKAGE is `{source}`, expected a name and a version"
    for row in table:
        name = next(iter(row.values()))
        if not origins(row):
            yield f"{DECISION} does not say what {name} is from"
        if not row.get("licence"):
            yield f"{DECISION} gives no licence for {name}"
        for origin in origins(row):
            if origin not in packages and origin not in pinned.values():
                yield f"{DECISION} says that {name} is from `{origin}`, which the build does not name"


def check_links(table, links):
    libraries = [row for row in table if "linked" in row]
    for how, target in links:
        word = target.removesuffix("-headers")
        found = [row for row in libraries if word in row["library"].lower().split(",")[0]]
        if len(found) != 1:
            yield f"cmake/ links `{target}`, and {DECISION} has {len(found)} rows of that name"
        elif (found[0]["linked"] == "static") != (how == "static"):
            yield f"cmake/ takes `{target}` as {how}, and {DECISION} says `{found[0]['linked']}`"


def faults(root):
    table = rows(read(root, DECISION))
    texts = {path: path.read_text(encoding="utf-8") for path in cmake_files(root)}
    pinned = {name: source for text in texts.values() for name, source in PINNED.findall(text)}
    links = [link for text in texts.values() for link in LINK.findall(text)]
    if not (table and pinned and links):
        yield f"found {len(table)} rows, {len(pinned)} pinned sources and {len(links)} libraries: this test reads the wrong places"
    yield from check_origins(table, packages_of(root), pinned)
    yield from check_links(table, links)
    for path, text in texts.items():
        for match in ELSEWHERE.finditer(text):
            yield f"{path.relative_to(root)} fetches by `{match.group(0)}`, which this test knows nothing of"


def main():
    found = list(faults(ROOT))
    for fault in found:
        print(fault)
    print(f"{len(packages_of(ROOT))} packages, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
