#!/usr/bin/env python3
"""Prints src/score/lower_table.cpp from the Unicode database of this Python: lower_table.py >src/score/lower_table.cpp

Lay it out with format_test.py --fix. tests/real/score_oracles.py compares what comes of it with Python for every code point.
"""
import unicodedata

HEAD = """#include "score/lower_table.h"

namespace llmops::score {{

// Unicode {version}, printed by tests/tools/lower_table.py.
const std::array<LowerRun, {count}> kLowerRuns = {{{{
"""


def mapped():
    for code in range(0x80, 0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        low = chr(code).lower()
        if low != chr(code) and len(low) == 1:
            yield code, ord(low) - code


def runs():
    """[first, last, step, by] of code points that are equally far apart and move by the same amount."""
    out = []
    for code, by in mapped():
        if out and out[-1][3] == by:
            first, last, step, _ = out[-1]
            if (first == last and code - last in (1, 2)) or (first != last and code - last == step):
                out[-1][1:3] = [code, code - last]
                continue
        out.append([code, code, 1, by])
    return out


def main():
    found = runs()
    print(HEAD.format(version=unicodedata.unidata_version, count=len(found)), end="")
    cells = ["{0x%X, 0x%X, %d, %d}" % tuple(run) for run in found]
    for at in range(0, len(cells), 4):
        print("    " + ", ".join(cells[at:at + 4]) + ",")
    print("}};\n\n}  // namespace llmops::score")


main()
