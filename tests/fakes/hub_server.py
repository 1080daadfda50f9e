#!/usr/bin/env python3
"""A small server that is the Hugging Face hub where files are downloaded, for tests. Python's standard library alone.

It prints `port N` when it listens. That port, on 127.0.0.1, is the hub; HEAD and GET /ORG/NAME/resolve/REVISION/FILE lead on, with
302 and a signed address, to a second one on `localhost`: another host to whoever reads addresses, as the hub's CDN is.

Repositories, at the revisions `main` and `refs/pr/1`:

  org/open       everybody's
  org/gated      401 GatedRepo to whoever gives no token, 403 GatedRepo to who gives the one of --outsider
  org/private    401 RepoNotFound without the token of --token, like a repository that is not there; 404 where a token is given
  org/moved      307 to org/open, on the same host

Files. What they hold stays the same from run to run:

  tiny.gguf, sub/an odd name.gguf     stored large: X-Linked-Etag has the digest
  cut.gguf     likewise; the connection ends in the middle of the first body
  stuck.gguf   likewise; it ends after the first 1000 bytes of every body
  wrong.gguf   likewise; other bytes come than the digest is of
  gone.gguf    likewise; the CDN answers 503
  page.gguf    likewise; it is a web page
  small.gguf   sent by the hub itself, and known by git's id only

The CDN knows ranges, and refuses (400) who sends an Authorization header. Each request is a line of the file of --log. With
--tls the hub speaks https, and with --tls-cdn the CDN.
"""
import argparse
import hashlib
import http.server
import ssl
import sys
import threading
import urllib.parse

COMMIT = "5f1d7f8b0c4e6a29d3b7c1e0f2a4968b7d5c3e1a"
REVISIONS = ("main", "refs/pr/1", COMMIT)
SIGNATURE = "X-Amz-Signature=signed-4711"
SIZE = 200_000


def weights(name):
    """Bytes that only this file has."""
    start = b"GGUF\x03\x00\x00\x00" + name.encode()
    return start + hashlib.shake_128(start).digest(SIZE - len(start))


FILES = {name: weights(name) for name in ("tiny.gguf", "sub/an odd name.gguf", "cut.gguf", "stuck.gguf", "wrong.gguf", "gone.gguf",
                                          "small.gguf")}
FILES["page.gguf"] = b"<html>please log in</html>"


class Log:
    """The requests in the order in which they came. A line is written before its request is answered."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8") if path else None
        self.lock = threading.Lock()

    def add(self, line):
        if self.file:
            with self.lock:
                print(line, file=self.file, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    side = ""

    def do_GET(self):
        self.reply()

    def do_HEAD(self):
        self.reply()

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b"", cut=None):
        """Writes the line of the log, then the answer, of which only the first `cut` bytes come where that is given."""
        wanted = f" {self.headers['Range']}" if "Range" in self.headers else ""
        token = "with Authorization" if "Authorization" in self.headers else "without Authorization"
        self.server.log.add(f"{self.side} {self.command} {self.path.split('?')[0]}{wanted} {token}: {status}")
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


class Hub(Handler):
    side = "hub"

    def reply(self):
        repository, _, rest = self.path.partition("?")[0].removeprefix("/").partition("/resolve/")
        revision, _, name = rest.partition("/")
        revision, name = urllib.parse.unquote(revision), urllib.parse.unquote(name)
        if repository == "org/moved":
            return self.answer(307, [("Location", f"/org/open/resolve/{rest}")])
        refusal = self.refusal(repository, self.headers.get("Authorization", "").removeprefix("Bearer "))
        if refusal:
            return self.refuse(*refusal)
        if revision not in REVISIONS:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if name not in FILES:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        if name == "small.gguf":
            data = FILES[name]
            git_id = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            return self.answer(200, [("X-Repo-Commit", COMMIT), ("ETag", f'"{git_id}"')], data)
        return self.lead_on(name)

    def refusal(self, repository, token):
        """Nothing, or a status, a code and words."""
        if token not in ("", self.server.options.token, self.server.options.outsider):
            return 401, "", "Invalid credentials in Authorization header"
        if repository == "org/open" or repository in ("org/gated", "org/private") and token == self.server.options.token:
            return None
        if repository == "org/gated":
            return 403 if token else 401, "GatedRepo", "Access to model org/gated is restricted."
        return 404 if token else 401, "RepoNotFound", "Repository not found"

    def refuse(self, status, code, words):
        headers = [("X-Error-Code", code)] if code else []
        self.answer(status, headers + [("X-Error-Message", words)], words.encode())

    def lead_on(self, name):
        digest = hashlib.sha256(FILES[name]).hexdigest()
        scheme = "https" if self.server.options.tls_cdn else "http"
        where = f"{scheme}://localhost:{self.server.cdn_port}/blobs/{urllib.parse.quote(name)}?{SIGNATURE}"
        self.answer(302, [("Location", where), ("X-Repo-Commit", COMMIT), ("X-Linked-Etag", f'"{digest}"'),
                          ("X-Linked-Size", str(len(FILES[name])))], b"Found. Redirecting")


class Cdn(Handler):
    side = "cdn"
    lock = threading.Lock()
    cut = set()

    def reply(self):
        path, _, query = self.path.partition("?")
        name = urllib.parse.unquote(path.removeprefix("/blobs/"))
        if "Authorization" in self.headers:
            return self.answer(400, body=b"Only one auth mechanism allowed")
        if query != SIGNATURE:
            return self.answer(403, body=b"the signature is missing")
        if name == "gone.gguf":
            return self.answer(503)
        body, status, headers = FILES[name], 200, [("Accept-Ranges", "bytes")]
        if name == "wrong.gguf":
            body = weights("another file")
        if "Range" in self.headers:
            start, whole = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")), len(body)
            if start >= whole:
                return self.answer(416, [("Content-Range", f"bytes */{whole}")])
            headers.append(("Content-Range", f"bytes {start}-{whole - 1}/{whole}"))
            body, status = body[start:], 206
        self.answer(status, headers, body, self.cut_after(name, body))

    def cut_after(self, name, body):
        if name == "stuck.gguf":
            return 1000
        with self.lock:
            if name != "cut.gguf" or name in self.cut:
                return None
            self.cut.add(name)
            return len(body) // 2


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # Whoever hangs up has seen what the test is about.

    def __init__(self, port, handler, options, log):
        super().__init__(("127.0.0.1", port), handler)
        self.options, self.log = options, log


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--log", default="", help="a file to which a line for each request is added")
    parser.add_argument("--token", default="hf_planted", help="the one that may read org/gated and org/private")
    parser.add_argument("--outsider", default="hf_outsider", help="one that is known, and may read neither")
    parser.add_argument("--tls", default="", help="a PEM file with the hub's key and certificate")
    parser.add_argument("--tls-cdn", default="", help="likewise of the CDN, which is `localhost`")
    options = parser.parse_args()
    log = Log(options.log)
    hub, cdn = Server(options.port, Hub, options, log), Server(0, Cdn, options, log)
    hub.cdn_port = cdn.server_port
    for server, certificate in ((hub, options.tls), (cdn, options.tls_cdn)):
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=cdn.serve_forever, daemon=True).start()
    print("port", hub.server_port, flush=True)
    hub.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
