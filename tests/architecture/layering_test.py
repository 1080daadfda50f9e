#!/usr/bin/env python3
"""Checks the includes of src/ against the tables of ARCHITECTURE.md.

A file may include its own room, rooms whose rows stand below its own, and the third parties named in its room's row. The operating system's
headers belong to `sys/real/`. src/CMakeLists.txt must link each room to those that it includes. Long files are only told.
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
CMAKE_ROOM = re.compile(r"llmops_room\(([\w/]+)([^)]*)\)")
LONG = 450
SYSTEM_ROOM = "sys/real"
SYSTEM = re.compile(r"^(sys/|linux/|arpa/|net/|netinet/|(unistd|fcntl|poll|signal|dirent|dlfcn|pthread|pwd|grp|sched|spawn|"
                    r"syslog|termios|netdb|fnmatch|glob|ifaddrs|semaphore|ucontext|utime|wordexp|csignal)(\.h)?$)")


class Tables:
    """The two tables of ARCHITECTURE.md."""

    def __init__(self, text):
        self.place, self.parties, self.headers = {}, {}, {}
        for cells in rows(text):
            if len(cells) == 4 and cells[0].isdigit():
                self.place[cells[1]] = len(self.place)
                self.parties[cells[1]] = [] if cells[3] in ("-", "") else cells[3].split()
        for cells in rows(text.split("The headers that belong to a third party", 1)[1].split("\n\n", 2)[1]):
            if len(cells) == 2 and "`" in cells[1]:
                self.headers[cells[0]] = re.findall(r"`([^`]+)`", cells[1])

    def owner(self, header):
        return next((party for party, known in self.headers.items() if any(header.startswith(prefix) for prefix in known)), None)


def rows(text):
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def linked_rooms(cmake):
    out = {}
    for name, rest in CMAKE_ROOM.findall(cmake):
        rooms = rest.split("ROOMS", 1)[1].split("USES", 1)[0].split() if "ROOMS" in rest else []
        out[name] = set(rooms)
    return out


def check_include(where, room, bracket, header, tables, linked):
    party = tables.owner(header)
    if bracket == '"' and not party:
        target = header.split("/")[0]
        if header.startswith(SYSTEM_ROOM + "/") and not where.startswith(f"src/{SYSTEM_ROOM}/"):
            return f"{where} includes \"{header}\": only main.cpp makes what is in `{SYSTEM_ROOM}`"
        if target == room:
            return None
        if target not in tables.place:
            return f"{where} includes \"{header}\", which is in no room of ARCHITECTURE.md"
        if tables.place[target] < tables.place[room]:
            return f"{where} includes \"{header}\": `{target}` stands above `{room}`"
        if target not in linked.get(room, set()):
            return f"{where} includes \"{header}\", but src/CMakeLists.txt does not link `{room}` to `{target}`"
        return None
    if SYSTEM.match(header) and not where.startswith(f"src/{SYSTEM_ROOM}/"):
        return f"{where} includes <{header}>: the operating system belongs to `{SYSTEM_ROOM}`"
    if party and party not in tables.parties[room]:
        return f"{where} includes <{header}>: {party} does not belong to `{room}`"
    return None


def check_header_is_clean(where, path, header, tables, included_elsewhere):
    """A third party's headers don't stand in a header that another room includes."""
    if path.suffix == ".h" and where in included_elsewhere and tables.owner(header):
        return f"{where} includes <{header}>, and another room includes it"
    return None


def check_tree(root):
    tables = Tables((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    linked = linked_rooms((root / "src/CMakeLists.txt").read_text(encoding="utf-8"))
    source = root / "src"
    rooms = {path.name for path in source.iterdir() if path.is_dir() and any(path.rglob("*.cpp"))}
    problems = [f"src/{room} is in no row of ARCHITECTURE.md" for room in sorted(rooms - tables.place.keys())]
    problems += [f"ARCHITECTURE.md has `{room}`, and src/ has not" for room in sorted(tables.place.keys() - rooms)]
    files = [path for path in sorted(source.rglob("*")) if path.suffix in (".h", ".cpp") and path.parent != source]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    includes = {path: INCLUDE.findall(text) for path, text in texts.items()}
    elsewhere = {"src/" + header for path in files for bracket, header in includes[path]
                 if bracket == '"' and header.split("/")[0] != path.relative_to(source).parts[0]}
    for path in files:
        where, room = str(path.relative_to(root)), path.relative_to(source).parts[0]
        if room not in tables.place:
            continue
        for bracket, header in includes[path]:
            problems.append(check_include(where, room, bracket, header, tables, linked))
            problems.append(check_header_is_clean(where, path, header, tables, elsewhere))
        if (lines := texts[path].count("\n")) > LONG:
            print(f"note: {where} has {lines} lines")
    return len(files), [problem for problem in problems if problem]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    count, problems = check_tree(root)
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} includes or rooms that don't fit")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
