"""Headless Chromium, driven over the DevTools protocol's pipe: JSON messages, each ended by a zero byte. Standard library alone.

    with Chromium() as browser:
        page = browser.open("file:///tmp/out.html")
        page.value("document.title")

A page collects what went wrong (exceptions, the console, broken policies) and what it asked the network for.
"""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 120
# No sandbox: it needs user namespaces, which containers often lack. Nothing but our own files is opened.
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
           "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--force-device-scale-factor=1", "--remote-debugging-pipe")


def find():
    """The path of a Chromium, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class BrowserError(Exception):
    """The browser said no, or nothing at all."""


class Chromium:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="llmops-chromium-")
        to_browser, self.to = os.pipe()
        self.come, from_browser = os.pipe()

        def as_3_and_4():
            # Out of the way first: one of the two may be 3 or 4 itself.
            reads, writes = os.dup2(to_browser, 103), os.dup2(from_browser, 104)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        env = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "XDG_CACHE_HOME": self.folder}
        self.process = subprocess.Popen([find(), *OPTIONS, f"--user-data-dir={self.folder}", "about:blank"], env=env, close_fds=False,
                                        preexec_fn=as_3_and_4, start_new_session=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.pages = b"", 0, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.to)
        os.close(self.come)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, session=None, **params):
        """What the browser answers; events that come before go to their pages."""
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.next_message(time.monotonic() + PATIENCE_S)
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def next_message(self, until):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.come], [], [], max(0, until - time.monotonic()))
            data = os.read(self.come, 1 << 20) if ready else b""
            if not data:
                raise BrowserError("the browser ended" if ready else f"the browser said nothing for {PATIENCE_S} s")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(line)
        page = self.pages.get(message.get("sessionId"))
        if page and "method" in message:
            page.hear(message["method"], message["params"])
        return message

    def open(self, url, **look):
        return Page(self, url, **look)


class Page:
    """A tab with this address, loaded. `width`, `height` in CSS pixels; `scheme` is `light` or `dark`."""

    def __init__(self, browser, url, width=1400, height=900, scheme="light", scripts=True):
        self.browser, self.requests, self.troubles, self.loaded = browser, [], [], False
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target = target
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        self.go(url)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def go(self, url):
        self.loaded = False
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE_S
        while not self.loaded:
            self.browser.next_message(until)

    def hear(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.troubles.append(params["exceptionDetails"].get("exception", {}).get("description") or params["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.troubles.append(f"console.{params['type']}: {[argument.get('value') for argument in params['args']]}")
        elif method == "Log.entryAdded":
            self.troubles.append(f"{params['entry']['source']}: {params['entry']['text']}")
        elif method == "Page.javascriptDialogOpening":
            self.troubles.append(f"a dialogue: {params['message']}")

    def value(self, expression):
        """What JavaScript yields in the page; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise BrowserError(f"{expression}: {done['exceptionDetails'].get('exception', {}).get('description')}")
        return done["result"].get("value")

    def wait(self, expression):
        """Until it is true."""
        until = time.monotonic() + PATIENCE_S
        while not self.value(expression):
            if time.monotonic() > until:
                raise BrowserError(f"never true: {expression}")
            time.sleep(0.02)

    def press(self, key):
        """A key such as `ArrowDown`, `Enter` or `/`, where the focus is."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]
