"""Takes out of a text what differs from run to run.

$WORK, $TEMP      the page's work folder, the sandbox around it
$RUN-1, …         run ids, numbered as they first occur on the page
$COMMIT-1, …      ids of commits, whole or abbreviated
$SHA256-1, …      64 hexadecimal digits
$DIGEST           the first twelve digits of one, before an ellipsis or of an output
$NOW              a date with a time
$TIME             a duration, as people read it (`85ms`, `8.50 ms`) or as a number of a document (`"duration_s": 0.085`)
$PORT             the port of a server that the page started
"""
import re

RUN = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
BRIEF = re.compile(r"\b[0-9a-f]{10,63}…")
COMMIT = re.compile(r"\b[0-9a-f]{7,40}\b")
NOW = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?")
TIME = re.compile(r"\b(?:\d+ms|\d+\.\ds|\d+m\d\ds|\d+h\d\dm)\b")
MILLISECONDS = re.compile(r"-?\b\d+(?:\.\d+)? ms\b")
STEP_TIME = re.compile(r"^([✓✗?–=] \S+ +\S+ +(?:ran|failed|error|inconclusive|interrupted|cached)) +\$TIME(?:, |$)", re.MULTILINE)
LATENCY = re.compile(r"(latency_ms \S+ )[-.\d]+ \[[^\]]*\]")
MADE = re.compile(r"(output \S+@)[0-9a-f]{12}\b")
TIME_FIELD = re.compile(r'("duration_s": ?)[-+.e\d]+')
PORT = re.compile(r"\b(127\.0\.0\.1|localhost):\d{4,5}\b")


def without_time(match):
    """A step's row without its duration, which is not shown below a millisecond."""
    return match.group().removesuffix("$TIME, ") if match.group().endswith(", ") else match.group(1)


def narrow_tables(text):
    """A table of metrics that has a time in it is as wide as that time was: two blanks between columns are left."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if not re.search(r"^ +latency_ms .*\$TIME", line):
            continue
        for step in (-1, 1):
            at = i
            while 0 <= at < len(lines) and lines[at].startswith("    ") and " " * 2 in lines[at].strip():
                lines[at] = "    " + re.sub(r" {2,}", "  ", lines[at].strip())
                at += step
    return "\n".join(lines)


class Normaliser:
    """One for each page: what is numbered keeps its number."""

    def __init__(self, sandbox):
        self.folders = [(str(sandbox.work), "$WORK"), (str(sandbox.root), "$TEMP")]
        self.numbers = {}
        self.commits = []

    def name(self, kind, value):
        known = self.numbers.setdefault(kind, {})
        return f"${kind}-{known.setdefault(value, len(known) + 1)}"

    def commit(self, match):
        digits = match.group()
        whole = next((commit for commit in self.commits if commit.startswith(digits)), None)
        return self.name("COMMIT", whole) if whole else digits

    def apply(self, text):
        for folder, name in self.folders:
            text = text.replace(folder, name)
        text = RUN.sub(lambda match: self.name("RUN", match.group()), text)
        text = SHA256.sub(lambda match: self.name("SHA256", match.group()), text)
        text = COMMIT.sub(self.commit, text)
        text = MADE.sub(r"\1$DIGEST", text)
        text = BRIEF.sub("$DIGEST…", text)
        text = NOW.sub("$NOW", text)
        text = TIME_FIELD.sub(r"\1$TIME", text)
        text = STEP_TIME.sub(without_time, TIME.sub("$TIME", text))
        text = LATENCY.sub(r"\1$TIME", text)
        text = narrow_tables(MILLISECONDS.sub("$TIME", text))
        return PORT.sub(r"\1:$PORT", text)
