#!/usr/bin/env python3
"""The HTML report in headless Chromium: html_report_test.py LLMOPS

A run whose model answers with everything that breaks pages is opened: nothing may run, be asked for, or be shown as anything
but text. Then somebody searches, filters, sorts, walks and follows links. Ends with 77 where there is no Chromium.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))
import chromium  # noqa: E402

SKIPPED = 77
LONG = 3 * 1024 * 1024
RUN = "<script>window.pwned = 1</script>"
# An answer, and what of it a page shows where that is not the same.
ANSWERS = {
    "script": (RUN, None),
    "end": ("</script></pre></body></html>" + RUN, None),
    "comment": ("<!-- <script>window.pwned = 2//", None),
    "handler": ("<img src=x onerror=\"window.pwned = 3\"><svg onload='window.pwned = 4'>", None),
    "style": ("</style><style>*{display:none}</style><base href=//example.org>", None),
    "frame": ("<iframe srcdoc='<script>parent.pwned = 5</script>'></iframe><meta http-equiv=refresh content='0;url=//example.org'>", None),
    "link": ("javascript:window.pwned=6 <a href='javascript:window.pwned=6'>here</a>", None),
    "json": ("\\u003c/script> ]]> {{7*7}} ${7*7} \"}],\"tables\":[", None),
    "control": ("\x00\x1b[31mred\x07\x7f\x9b", "\\x00\\x1b[31mred\\x07\\x7f\\xc2\\x9b"),
    "lines": ("one\u2028two\u2029three", "one\\u2028two\\u2029three"),
    "turned": ("\u202egnp.exe\u2066\u200f", "\\u202egnp.exe\\u2066\\u200f"),
    "long": ("<b>" + "x" * LONG, None),
}
TOTAL = len(ANSWERS) + 4  # Cases: one for each answer, one without one, and three that are right.
DOCUMENT = "<i>long</i> " * 60
BOT = """
import json, sys
ANSWERS = json.load(open("answers.json"))
for line in sys.stdin:
    query = json.loads(line)
    if "hello" in query:
        continue
    case = query["case"]
    if case["key"] == "broken":
        print(json.dumps({"id": query["id"], "error": {"message": "<script>window.pwned = 9</script>", "retryable": False}}), flush=True)
    else:
        print(json.dumps({"id": query["id"], "output": ANSWERS.get(case["key"], case["key"])}), flush=True)
"""
RECIPE = """llmops: 1
name: hostile
models: {bot: {provider: exec, command: [python3, bot.py], inputs: [bot.py, answers.json]}}
prompts: {plain: plain.j2, shout: shout.j2}
datasets: {cases: {path: cases.jsonl, expected: want}}
steps:
  - id: quality
    eval:
      models: [bot]
      prompts: [plain, shout]
      dataset: cases
      max_errors: 50%
      scorers: [{equals: "${case.want}", metric: accuracy}, {levenshtein: "${case.want}", metric: likeness}]
  - id: decide
    gate: {from: quality, max_errors: 50%, require: [{metric: accuracy, of: bot/plain, at_least: 0.01, point: true}]}
"""
ENV = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
       "GIT_COMMITTER_EMAIL": "a@b"}


class Repository:
    """A folder with a committed recipe; `llmops` runs in it."""

    def __init__(self, binary, folder, files):
        self.binary, self.folder = binary, folder
        folder.mkdir(parents=True)
        self.env = {**ENV, "XDG_CACHE_HOME": str(folder.parent / "cache")}
        self.write(files)
        self.command("git", "init", "-q", "-b", "main")
        self.commit()

    def write(self, files):
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self):
        self.command("git", "add", "-A")
        self.command("git", "commit", "-qm", "change")

    def command(self, *words, statuses=(0,)):
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode in statuses, f"{words} ended with {done.returncode}: {done.stderr[-2000:]}"

    def report(self, *words):
        """The address of a report that `llmops …` wrote."""
        out = self.folder.parent / f"{words[0]}.html"
        self.command(self.binary, *words, "--report", str(out), statuses=(0, 4, 5))
        return out.as_uri()


def hostile(binary, folder):
    cases = [{"id": key, "key": key, "want": "ok", "text": f"the case {key}"} for key in (*ANSWERS, "broken", "ok")]
    cases.append({"id": "story", "key": "ok", "want": "ok", "text": "the case story", "document": DOCUMENT})
    cases.append({"id": "\"><svg onload=\"window.pwned=7\">", "key": "ok", "want": "ok", "text": "<img src=x onerror='window.pwned=8'>"})
    return Repository(binary, folder, {
        "hostile.yaml": RECIPE, "bot.py": BOT, "plain.j2": "{{ text }}", "shout.j2": "{{ text }}!",
        "cases.jsonl": "\n".join(map(json.dumps, cases)) + "\n",
        "answers.json": json.dumps({key: answer for key, (answer, _) in ANSWERS.items()}),
    })


def check_quiet(page, where):
    """Nothing ran, nothing was refused because it was tried, and nothing but the file was asked for."""
    assert not page.troubles, f"{where}: {page.troubles}"
    assert page.value("window.pwned === undefined"), f"{where}: a script of an answer ran: {page.value('window.pwned')}"
    others = [url for url in page.requests if not url.startswith(("file:", "about:"))]
    assert not others, f"{where}: asked for {others}"
    count = page.value("document.querySelectorAll('script, img, iframe, base, link, object, embed, form').length")
    assert count == 2, f"{where}: {count} elements of kinds that only two scripts should be of"


def status(page):
    return page.value("document.querySelector('[role=status]').textContent")


def rows(page):
    """The ids of the rows in sight, in order."""
    return page.value("[...document.querySelectorAll('.list .space .row')].sort((x, y) => x.offsetTop - y.offsetTop)"
                      ".map((row) => row.querySelector('.id').textContent)")


def choose(page, show):
    page.value(f"document.querySelector('input[value={show}]').click()")


def search(page, words):
    page.value(f"(() => {{ const box = document.getElementById('search'); box.value = {json.dumps(words)};"
               " box.dispatchEvent(new Event('input')); })()")


def test_answers_are_text(page):
    for key, (answer, shown) in ANSWERS.items():
        page.value(f"location.hash = '#case={key}&show=all'")
        page.wait(f"document.querySelector('.detail h3')?.textContent === {json.dumps(key)}")
        text = page.value("document.querySelector('.answers pre').textContent")
        if key == "long":
            assert text == answer[:32 * 1024], "the long answer's start is not what is shown"
            note = page.value("document.querySelector('.answers .cut').textContent")
            assert "the first 32.0 KiB of 3.0 MiB" in note, note
        else:
            assert text == (shown or answer), f"{key}: {text!r}"
        check_quiet(page, key)


def test_odd_ids(page):
    odd = "\"><svg onload=\"window.pwned=7\">"
    page.value(f"location.hash = '#case=' + encodeURIComponent({json.dumps(odd)})")
    page.wait(f"document.querySelector('.detail h3').textContent === {json.dumps(odd)}")
    assert page.value("document.querySelector('.row[aria-selected=true] .case').textContent").startswith("<img src=x")
    check_quiet(page, "odd ids")


def test_long_fields(page):
    page.value("location.hash = '#case=story'")
    page.wait("document.querySelector('.detail h3').textContent === 'story'")
    fields = page.value("Object.fromEntries([...document.querySelectorAll('.detail .facts > div')].map((row) =>"
                        " [row.querySelector('dt').textContent, row.querySelector('dd').textContent]))")
    assert fields["document"] == DOCUMENT, fields


def test_browsing(page):
    page.value("location.hash = '#show=all'")
    page.wait("document.querySelector('.detail').hidden")
    assert status(page) == f"{TOTAL} of {TOTAL} cases", status(page)
    choose(page, "failed")
    assert status(page) == f"{len(ANSWERS)} of {TOTAL} cases", status(page)
    choose(page, "error")
    assert rows(page) == ["broken"], rows(page)
    choose(page, "all")
    search(page, 'PWNED 3"')
    page.wait(f"document.querySelector('[role=status]').textContent === '1 of {TOTAL} cases'")
    assert rows(page) == ["handler"], rows(page)
    search(page, "")
    page.wait(f"document.querySelector('[role=status]').textContent === '{TOTAL} of {TOTAL} cases'")
    page.value("document.querySelector('.head button').click()")  # By the case's text.
    assert rows(page)[0].startswith("\">"), rows(page)
    assert page.value("document.querySelector('[role=columnheader]').getAttribute('aria-sort')") == "ascending"
    page.value("document.querySelector('.head button').click()")
    assert page.value("document.querySelector('[role=columnheader]').getAttribute('aria-sort')") == "descending"
    page.value("(() => { const sort = document.getElementById('sort'); sort.value = '0.=likeness';"
               " sort.dispatchEvent(new Event('change')); })()")
    assert rows(page)[-1] == "broken" or page.value("document.querySelector('.list').scrollHeight > 900"), rows(page)
    page.wait("location.hash.includes('sort=0.%3Dlikeness')")


def test_keyboard(page):
    page.value("location.hash = '#sort=order'")
    page.value("document.querySelector('.list').focus()")
    page.press("ArrowDown")
    page.press("ArrowDown")
    assert page.value("document.querySelector('.row[aria-selected=true] .id').textContent") == "end"
    assert page.value("document.getElementById(document.querySelector('.list').getAttribute('aria-activedescendant')) !== null")
    page.press("Enter")
    assert page.value("document.activeElement.textContent") == "end", "the focus goes to the case"
    page.wait("location.hash.includes('case=end')")
    page.press("Escape")
    assert page.value("document.querySelector('.detail').hidden && document.activeElement.matches('.list')")
    page.press("/")
    assert page.value("document.activeElement.id") == "search"


def test_links(browser, url):
    """An address leads to what was seen there."""
    page = browser.open(url + "#show=failed&q=script&sort=1.%3Dlikeness&desc=1&columns=1&case=end")
    assert page.value("document.querySelector('.detail h3').textContent") == "end"
    assert page.value("document.querySelector('input[value=failed]').checked && document.getElementById('search').value === 'script'")
    assert page.value("document.querySelectorAll('[role=columnheader]').length") == 3, "case, expected and the one column"
    check_quiet(page, "link")
    page.close()
    page = browser.open(url + "#case=unknown&table=unknown&show=unknown&sort=9.result&a=9&columns=x,9&desc=x")
    assert status(page) == f"{TOTAL} of {TOTAL} cases", status(page)
    check_quiet(page, "a link to what is not there")
    page.close()


def test_without_scripts(browser, url):
    page = browser.open(url, scripts=False)
    text = page.value("document.body.innerText")
    for wanted in ("Gates", "accuracy of bot/plain ≥ 0.01", "95 % interval", "release key", "needs JavaScript"):
        assert wanted in text, f"without scripts there is no {wanted!r}"
    page.close()


def test_fits(browser, url):
    """No page is wider than the window, from small phones on."""
    for width in (360, 768, 1920):
        for scheme in ("light", "dark"):
            page = browser.open(url, width=width, scheme=scheme)
            wide = page.value("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} pixels in a window of {width}"
            page.value("document.querySelector('.list .row').click()")
            assert page.value("document.querySelector('.detail').getBoundingClientRect().right") <= width
            check_quiet(page, f"{width} pixels, {scheme}")
            page.close()


def test_comparison(browser, repository):
    repository.write({"bot.py": BOT.replace('case["key"])}', 'case["key"]) + "k" * (case["key"] == "ok")}')})
    repository.commit()
    repository.report("run", "hostile")
    page = browser.open(repository.report("compare", "HEAD~1", "HEAD"))
    check_quiet(page, "comparison")
    assert status(page) == f"3 of {TOTAL} cases", status(page)
    choose(page, "worse")
    assert rows(page)[0] == "ok", rows(page)
    page.value("document.querySelector('.list .row').click()")
    texts = page.value("[...document.querySelectorAll('.answers pre')].map((pre) => pre.textContent)")
    assert texts == ["ok", "okk"], texts
    assert page.value("document.querySelector('.answers ins').textContent") == "okk"
    page.close()


def test_many_cases(browser, binary, folder):
    count = 10_000
    lines = "".join(json.dumps({"id": f"n{i}", "key": "ok" if i % 3 else "no", "want": "ok", "text": f"message {i}"}) + "\n" for i in range(count))
    many = Repository(binary, folder, {"hostile.yaml": RECIPE, "bot.py": BOT, "plain.j2": "{{ text }}", "shout.j2": "{{ text }}!",
                                       "cases.jsonl": lines, "answers.json": "{}"})
    page = browser.open(many.report("run", "hostile"))
    check_quiet(page, "many cases")
    assert status(page) == "10,000 of 10,000 cases", status(page)
    assert page.value("document.querySelectorAll('.list .row').length") < 60, "only what is in sight is in the page"
    page.value("document.querySelector('.list').scrollTop = 1e9")
    page.wait("[...document.querySelectorAll('.list .id')].some((id) => id.textContent === 'n9999')")
    search(page, "message 777")
    page.wait("document.querySelector('[role=status]').textContent.startsWith('19 of')")
    page.value("location.hash = '#case=n5000'")
    page.wait("document.querySelector('.row[aria-selected=true] .id')?.textContent === 'n5000'")
    page.close()


def test_contrast():
    """Text and its grounds, in both schemes: 4.5 to 1, as WCAG 2.2 asks (1.4.3)."""
    style = (ROOT / "src/report/html/page.css").read_text(encoding="utf-8")

    def luminance(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 3, "light, dark and paper"
    for block in blocks:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        pairs = [(text, ground) for text in ("text", "soft", "accent") for ground in ("ground", "raised")]
        pairs += [(name, f"{name}-soft") for name in ("accent", "good", "bad", "open")] + [("text", "accent-soft"), ("soft", "accent-soft")]
        pairs += [(name, ground) for name in ("good", "bad", "open") for ground in ("ground", "raised", "accent-soft")]
        for text, ground in pairs:
            high, low = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            ratio = (high + 0.05) / (low + 0.05)
            assert ratio >= 4.5, f"{text} {colours[text]} on {ground} {colours[ground]}: {ratio:.2f}"


def main():
    binary = str(Path(sys.argv[1]).resolve())
    test_contrast()
    if not chromium.find():
        print("there is no Chromium here")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name, chromium.Chromium() as browser:
        repository = hostile(binary, Path(name) / "hostile/work")
        url = repository.report("run", "hostile")
        page = browser.open(url)
        check_quiet(page, "opening")
        for test in (test_answers_are_text, test_odd_ids, test_long_fields, test_browsing, test_keyboard):
            test(page)
            print(test.__name__)
        page.close()
        test_links(browser, url)
        test_without_scripts(browser, url)
        test_fits(browser, url)
        test_comparison(browser, repository)
        test_many_cases(browser, binary, Path(name) / "many/work")
    print("all passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
