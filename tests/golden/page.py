"""The form of a golden page: parsed from its text, and written back with other results.

    # what the page shows
    -- recipes/r.yaml --
    the file's lines, up to the next line that begins with `-- `, `% ` or `$ `
    % a shell line that arranges something; it must end with status 0, and its output is not looked at
    $ a shell line whose results are on the page
    > status 3
    > stdout empty
    > stderr
    the expected lines

A line of results that would be read as one of these marks, or that begins with a backslash, has a backslash in front.
"""
import re

MARKS = ("$ ", "% ", "> ", "-- ", "\\")
FILE_HEADER = re.compile(r"^-- (\S.*) --$")
NO_NEWLINE = "without newline"


class PageError(Exception):
    """The page itself is malformed."""


class Results:
    """What a command did: its status, and the texts of both streams."""

    def __init__(self, status=0, stdout="", stderr=""):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    def __eq__(self, other):
        return (self.status, self.stdout, self.stderr) == (other.status, other.stdout, other.stderr)

    def lines(self):
        return [f"> status {self.status}"] + stream_lines("stdout", self.stdout) + stream_lines("stderr", self.stderr)


class Line:
    """A shell line; `expected` is None where it only arranges something."""

    def __init__(self, number, command, expected):
        self.number, self.command, self.expected = number, command, expected


class Page:
    def __init__(self, head, files, lines):
        self.head = head    # the comment and the files, as written
        self.files = files  # path → text
        self.lines = lines

    def text(self, results):
        """The page with `results`, one for each `$` line, in place of what it expects."""
        out, results = list(self.head), iter(results)
        for line in self.lines:
            if line.expected is None:
                out.append("% " + line.command)
            else:
                out += ["$ " + line.command] + next(results).lines()
        return "\n".join(out) + "\n"


def stream_lines(name, text):
    if not text:
        return [f"> {name} empty"]
    header = f"> {name}" if text.endswith("\n") else f"> {name} {NO_NEWLINE}"
    return [header] + ["\\" + line if line.startswith(MARKS) else line for line in text.removesuffix("\n").split("\n")]


def read_results(block, number):
    """The results that the lines below a `$` line expect."""
    results, stream, taken = Results(), None, {}
    for line in block:
        if line.startswith("> status "):
            results.status = int(line.removeprefix("> status "))
        elif line.startswith("> "):
            name, _, how = line[2:].partition(" ")
            if name not in ("stdout", "stderr") or how not in ("", "empty", NO_NEWLINE):
                raise PageError(f"line {number}: `{line}` is not a section")
            stream = name
            taken[name] = (how, [])
        elif stream is None:
            raise PageError(f"line {number}: `{line}` stands before a section")
        else:
            taken[stream][1].append(line.removeprefix("\\"))
    for name, (how, lines) in taken.items():
        setattr(results, name, "\n".join(lines) + ("" if how == NO_NEWLINE or not lines else "\n"))
    return results


def parse(text):
    rows = text.removesuffix("\n").split("\n")
    if not rows[0].startswith("# "):
        raise PageError("the first line must be a comment that says what the page shows")
    start = next((i for i, row in enumerate(rows) if row.startswith(("$ ", "% "))), None)
    if start is None:
        raise PageError("there is no `$` line")
    files, path = {}, None
    for row in rows[:start]:
        if header := FILE_HEADER.match(row):
            path = header.group(1)
            files[path] = ""
        elif path is not None:
            files[path] += row + "\n"
        elif not row.startswith("#"):
            raise PageError(f"`{row}` stands before the first file")
    lines, at = [], start
    while at < len(rows):
        number, row = at + 1, rows[at]
        end = next((i for i in range(at + 1, len(rows)) if rows[i].startswith(("$ ", "% "))), len(rows))
        if row.startswith("% ") and end > at + 1:
            raise PageError(f"line {number}: a `%` line has no results")
        lines.append(Line(number, row[2:], None if row.startswith("% ") else read_results(rows[at + 1:end], number)))
        at = end
    return Page(rows[:start], files, lines)
