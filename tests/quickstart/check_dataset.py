#!/usr/bin/env python3
"""Checks the labelled messages of the quickstart recipe.

Usage: check_dataset.py [DATA_FOLDER]

Exits with 1 and one line for each violation when a record is malformed, an id
or a text occurs twice, a class is over- or under-represented, a split is too
small, or more than 2 % of the messages have a near-duplicate in either split.
"""
import difflib
import json
import re
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

LABELS = ("account", "billing", "bug", "how-to")
SMALLEST_SPLIT = {"tickets.jsonl": 240, "tickets-heldout.jsonl": 100}
WORDS = range(5, 41)
JACCARD_LIMIT = 0.5
RATIO_LIMIT = 0.8
NEAR_DUPLICATE_SHARE = 0.02


def read_split(path):
    """Returns the well-formed records of a file and the complaints about the others."""
    records, complaints = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            complaints.append(f"{where}: not JSON: {error}")
            continue
        if not isinstance(record, dict) or sorted(record) != ["id", "label", "text"]:
            complaints.append(f"{where}: the fields must be id, text and label")
            continue
        if not all(isinstance(value, str) for value in record.values()):
            complaints.append(f"{where}: id, text and label must be strings")
            continue
        if record["label"] not in LABELS:
            complaints.append(f"{where}: unknown label `{record['label']}`")
        if len(record["text"].split()) not in WORDS:
            complaints.append(f"{where}: {len(record['text'].split())} words, expected {WORDS[0]} to {WORDS[-1]}")
        records.append(record)
    return records, complaints


def check_balance(name, records):
    counts = Counter(record["label"] for record in records)
    if len(records) < SMALLEST_SPLIT[name]:
        yield f"{name}: {len(records)} messages, expected at least {SMALLEST_SPLIT[name]}"
    if len({counts[label] for label in LABELS}) != 1:
        yield f"{name}: classes are not balanced: {dict(sorted(counts.items()))}"


def normalise(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def check_repeats(records):
    for field, key in (("id", str), ("text", normalise)):
        counts = Counter(key(record[field]) for record in records)
        for value, count in counts.items():
            if count > 1:
                yield f"{field} `{value}` occurs {count} times"


def trigrams(words):
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def jaccard(left, right):
    union = left | right
    return len(left & right) / len(union) if union else 0.0


def similar_ratio(matcher):
    if matcher.real_quick_ratio() <= RATIO_LIMIT or matcher.quick_ratio() <= RATIO_LIMIT:
        return 0.0
    return matcher.ratio()


def near_duplicates(records):
    """Yields each pair of records that are too alike, with the two measures."""
    prepared = []
    for record in records:
        plain = normalise(record["text"])
        prepared.append((record, plain, trigrams(plain.split())))
    for (left, left_text, left_grams), (right, right_text, right_grams) in combinations(prepared, 2):
        overlap = jaccard(left_grams, right_grams)
        ratio = similar_ratio(difflib.SequenceMatcher(None, left_text, right_text, autojunk=False))
        if overlap > JACCARD_LIMIT or ratio > RATIO_LIMIT:
            yield left, right, overlap, ratio


def check_near_duplicates(records):
    pairs = list(near_duplicates(records))
    touched = {record["id"] for left, right, _, _ in pairs for record in (left, right)}
    print(f"near-duplicates: {len(touched)} of {len(records)} messages")
    if len(touched) <= NEAR_DUPLICATE_SHARE * len(records):
        return
    for left, right, overlap, ratio in pairs:
        yield f"{left['id']} and {right['id']} are alike (3-gram overlap {overlap:.2f}, ratio {ratio:.2f})"


def check_folder(folder):
    everything, complaints = [], []
    for name in SMALLEST_SPLIT:
        if not (folder / name).is_file():
            complaints.append(f"{folder / name}: no such file")
            continue
        records, malformed = read_split(folder / name)
        complaints += malformed
        complaints += check_balance(name, records)
        print(f"{name}: {len(records)} messages, {dict(sorted(Counter(r['label'] for r in records).items()))}")
        everything += records
    complaints += check_repeats(everything)
    complaints += check_near_duplicates(everything)
    return complaints


def main():
    default = Path(__file__).resolve().parents[2] / "recipes" / "quickstart" / "data"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    complaints = check_folder(folder)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
