"""What the fake servers of tests/fakes share: HTTP, counting, and going wrong on request. Python's standard library alone.

A server prints `port N` when it listens. GET /stats tells {"requests", "answers", "most_at_once", "connections",
"authorized", "by_status", "last"}, where `last` is the last request's path, headers and body; POST /reset forgets them.

What goes wrong is chosen by words in the prompt, or for all prompts by `--behave WORD`:

  [429:N]      429 with Retry-After for the first N requests with this prompt, then an answer ([429] always)
  [500:N]      500 likewise; also [408:N], [503:N], [529:N] and so on
  [400] [401] [403] [404]   that status, with an error body
  [cut]        the connection ends in the middle of the body
  [drop]       the connection ends without an answer
  [garbage]    200 and a body that is no JSON
  [shape]      200 and JSON of another shape
  [empty]      200 and no body
  [utf8]       200 and JSON with a byte that is not UTF-8
  [huge]       200 and an answer of --huge-mib MiB
  [slow:MS]    waits so long before it answers
  [refuse]     a refusal in place of an answer
  [short]      the answer is cut off as if by the limit of tokens

and of vectors:

  [fewer]      one vector less than texts
  [shorter]    vectors with one number less than wanted
  [nan]        a number of the first vector is none
  [zeros]      all numbers of the first vector are zero
  [too-long]   a text that is too long for the model: 400

Where tools are offered, the answer calls each one whose name is in the prompt, with what fits its parameters; where log-
probabilities are asked for, every word has one of -0.5.

and, where the answer is streamed:

  [short-stream]   the stream ends in good order, but before the answer does
  [piece]          a piece of the stream is no JSON
  [midway]         an error in the middle of the stream
  [whole]          the answer comes whole all the same
  [endless]        pieces without end
  [pause:MS]       waits so long when half of the pieces are out

A request whose key or model is unknown (`--api-key`, `--models`) is refused as the real server does.
"""
import argparse
import asyncio
import collections
import json
import re
import sys
import time

MAGIC = re.compile(r"\[(\d{3}|cut|drop|garbage|shape|empty|utf8|huge|slow|refuse|short|short-stream|piece|midway|whole|endless|pause"
                   r"|fewer|shorter|nan|zeros)(?::(\d+))?\]")
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
           408: "Request Timeout", 409: "Conflict", 413: "Content Too Large", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 529: "Overloaded"}


class ApiServer:
    """A subclass says how its API speaks."""

    routes = ()                      # paths of POST
    stream_type = "text/event-stream"

    def __init__(self, options):
        self.options = options
        self.labels = [label for label in options.labels.split(",") if label]
        self.models = [model for model in options.models.split(",") if model]
        self.reset()

    # --- what a subclass defines ---

    def key(self, headers):
        """The key that was sent, or the empty string."""
        raise NotImplementedError

    def prompt(self, path, query):
        """The last text of the prompt. KeyError and the like where there is none."""
        raise NotImplementedError

    def problem(self, path, query, headers):
        """What the real server refuses with 400, or None."""
        return None

    def streams(self, query):
        return query.get("stream", False)

    def body(self, path, query, text, refused, reason):
        """The whole answer. `reason` is `stop` or `length`."""
        raise NotImplementedError

    def pieces(self, path, query, body):
        """The same, streamed: a list of bytes."""
        raise NotImplementedError

    def error(self, status, message, code):
        raise NotImplementedError

    def error_piece(self, path):
        raise NotImplementedError

    def no_model(self, model):
        return self.error(404, f"The model `{model}` does not exist", "model_not_found")

    def wrong_key(self, key):
        return self.error(401, f"Incorrect API key provided: {key}", "invalid_api_key")

    def schema(self, path, query):
        """The JSON Schema that the answer must have, or None."""
        return None

    def tools(self, path, query):
        """The tools that are offered: name and parameters."""
        return [tool["function"] for tool in query.get("tools", [])]

    def limit_headers(self, left, reset_s):
        """What the real server tells of a limit of requests, in bytes of a response's head."""
        return (f"x-ratelimit-limit-requests: {self.options.limit}\r\nx-ratelimit-remaining-requests: {left}\r\n"
                f"x-ratelimit-reset-requests: {round(reset_s * 1000) + 1}ms\r\n")

    # --- what they share ---

    def reset(self):
        self.recent = collections.deque()
        self.told_limit = ""
        self.requests = self.answers = self.at_once = self.most_at_once = self.connections = self.authorized = 0
        self.by_status = collections.Counter()
        self.failures = collections.Counter()
        self.last = {}

    def stats(self):
        return {"requests": self.requests, "answers": self.answers, "most_at_once": self.most_at_once,
                "connections": self.connections, "authorized": self.authorized,
                "by_status": {str(status): count for status, count in sorted(self.by_status.items())}, "last": self.last}

    async def serve_connection(self, reader, writer):
        self.connections += 1
        try:
            while await self.serve_request(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def serve_request(self, reader, writer):
        """One exchange. False where the connection is to end."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = dict((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line))
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = path.split("?")[0]
        if method == "GET" and path == "/stats":
            return self.send(writer, 200, self.stats())
        if method == "POST" and path == "/reset":
            self.reset()
            return self.send(writer, 200, {})
        if method != "POST" or path not in self.routes:
            return self.send(writer, 404, self.error(404, f"no route {method} {path}", "not_found"))
        self.requests += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.complete(writer, path, headers, body)
        finally:
            self.at_once -= 1

    async def complete(self, writer, path, headers, body):
        key = self.key(headers)
        self.authorized += bool(key)
        if self.options.api_key and key != self.options.api_key:
            return self.fail(writer, 401, self.wrong_key(key))
        try:
            query = json.loads(body)
            prompt = self.prompt(path, query)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return self.fail(writer, 400, self.error(400, f"the request can't be read: {error!r}", "invalid_request_error"))
        self.last = {"path": path, "headers": headers, "body": query}
        if refused := self.too_much():
            status, wait_s = refused
            return self.fail(writer, status, self.error(status, "asked too much", "rate_limit_exceeded" if status == 429 else "overloaded"), wait_s)
        if problem := self.problem(path, query, headers):
            return self.fail(writer, 400, self.error(400, problem, "invalid_request_error"))
        if self.models and query.get("model") not in self.models:
            return self.fail(writer, 404, self.no_model(query.get("model")))
        magic = MAGIC.search(prompt) or MAGIC.search(self.options.behave)
        word, number = (magic.group(1), magic.group(2)) if magic else ("", None)
        latency_ms = int(number or 1000) if word == "slow" else self.options.latency_ms
        if latency_ms:
            await asyncio.sleep(latency_ms / 1000)
        if word.isdigit():
            self.failures[prompt] += 1
            if number is None or self.failures[prompt] <= int(number):
                return self.fail(writer, int(word), self.error(int(word), f"told to answer {word}", ""))
        if word == "drop":
            return False
        if word == "garbage":
            return self.send_bytes(writer, 200, b"<html>not what you want</html>")
        if word == "shape":
            return self.send(writer, 200, {"object": "list", "data": []})
        if word == "empty":
            return self.send_bytes(writer, 200, b"")
        return await self.answer(writer, path, query, prompt, word, number)

    def too_much(self):
        """429 beyond --limit requests in --limit-s seconds, 503 beyond --overload-above at once, each with the seconds of its
        Retry-After or None; None where it is not too much."""
        if self.options.overload_above and self.at_once > self.options.overload_above:
            return 503, None
        if not self.options.limit:
            return None
        now = time.monotonic()
        while self.recent and self.recent[0] + self.options.limit_s <= now:
            self.recent.popleft()
        refused = len(self.recent) >= self.options.limit
        if not refused:
            self.recent.append(now)
        wait_s = self.recent[0] + self.options.limit_s - now
        self.told_limit = self.limit_headers(self.options.limit - len(self.recent), wait_s)
        return (429, wait_s) if refused else None

    async def answer(self, writer, path, query, prompt, word, number):
        text = "x" * (self.options.huge_mib << 20) if word == "huge" else self.text(path, query, prompt)
        self.calls = [{"name": tool["name"], "arguments": self.fits(tool["parameters"], prompt)}
                      for tool in self.tools(path, query) if tool["name"] in prompt]
        body = self.body(path, query, text, word == "refuse", "length" if word == "short" else "stop")
        self.answers += 1
        if self.streams(query) and word != "whole":
            return await self.stream(writer, path, self.pieces(path, query, body), word, number)
        data = json.dumps(body).encode()
        if word == "utf8":
            data = data.replace(json.dumps(text).encode(), b'"\xff"')
        if word == "cut":
            self.send_bytes(writer, 200, data, cut=len(data) // 2)
            return False
        return self.send_bytes(writer, 200, data)

    async def stream(self, writer, path, pieces, word, number):
        self.by_status[200] += 1
        writer.write((f"HTTP/1.1 200 OK\r\nContent-Type: {self.stream_type}\r\n"
                      f"Transfer-Encoding: chunked\r\n{self.told_limit}\r\n").encode())
        middle = len(pieces) // 2
        if word in ("cut", "short-stream"):
            pieces = pieces[:middle]
        elif word == "piece":
            pieces.insert(middle, self.frame("{\"half\": "))
        elif word == "utf8":
            pieces.insert(middle, self.frame("{\"a\": \"?\"}").replace(b"?", b"\xff"))
        elif word == "midway":
            pieces = pieces[:middle] + [self.error_piece(path)]
        for index, piece in enumerate(pieces):
            # In two chunks: pieces and chunks need not begin and end together.
            for part in (piece[:len(piece) // 2], piece[len(piece) // 2:]):
                if part:
                    writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await writer.drain()
            if index == middle + 1 and word == "pause":
                await asyncio.sleep(int(number or 100) / 1000)
            while index == middle and word == "endless":
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
                await asyncio.sleep(0)
        if word == "cut":
            return False
        writer.write(b"0\r\n\r\n")
        return True

    def frame(self, data, event=None):
        """One piece with these data."""
        return ((f"event: {event}\n" if event else "") + f"data: {data}\n\n").encode()

    def text(self, path, query, prompt):
        schema = self.schema(path, query)
        if schema is not None:
            return json.dumps(self.fits(schema, prompt))
        if self.labels:
            return next((label for label in self.labels if label.lower() in prompt.lower()), self.labels[0])
        words = prompt.split()
        return words[-1] if words else ""

    def fits(self, schema, prompt):
        """A value of this schema, the same for the same prompt."""
        if "enum" in schema:
            return next((one for one in schema["enum"] if str(one).lower() in prompt.lower()), schema["enum"][0])
        kind = schema.get("type", "object")
        if kind == "object":
            return {key: self.fits(value, prompt) for key, value in schema.get("properties", {}).items()}
        words = prompt.split()
        return {"array": [], "integer": len(words), "number": len(words) / 2, "boolean": True, "null": None}.get(kind, words[-1] if words else "")

    def fail(self, writer, status, body, wait_s=...):
        wait_s = self.options.retry_after if wait_s is ... else wait_s
        headers = f"Retry-After: {wait_s}\r\n" if status in (429, 503, 529) and wait_s is not None else ""
        return self.send_bytes(writer, status, json.dumps(body).encode(), headers)

    def send(self, writer, status, value):
        return self.send_bytes(writer, status, json.dumps(value).encode())

    def send_bytes(self, writer, status, data, headers="", cut=None):
        self.by_status[status] += 1
        head = (f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\n{headers}{self.told_limit}\r\n")
        writer.write(head.encode() + data[:cut])
        return True


def parts(text, most=4):
    """A text in a few pieces, of whole words and what follows them."""
    pieces = re.findall(r"\S+\s*|\s+", text) or [text]
    size = -(-len(pieces) // most)
    return ["".join(pieces[i:i + size]) for i in range(0, len(pieces), size)] if len(pieces) > 1 else [text[:len(text) // 2], text[len(text) // 2:]]


async def listen(server_class, description):
    parser = argparse.ArgumentParser(description=description + "\n" + __doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency-ms", type=float, default=0, help="before each answer")
    parser.add_argument("--labels", default="", help="comma-separated; answers are one of them")
    parser.add_argument("--models", default="", help="comma-separated; any other is not found")
    parser.add_argument("--api-key", default="", help="anything else is answered with 401")
    parser.add_argument("--behave", default="", help="a word such as [500] that counts for prompts without one")
    parser.add_argument("--retry-after", default="0.02", help="what 429, 503 and 529 say, in seconds")
    parser.add_argument("--limit", type=int, default=0, help="requests in --limit-s seconds; more are answered with 429, and all tell what is left")
    parser.add_argument("--limit-s", type=float, default=60, help="seconds that --limit is of")
    parser.add_argument("--overload-above", type=int, default=0, help="more requests at once are answered with 503")
    parser.add_argument("--cached-tokens", type=int, default=0, help="of each prompt, as OpenAI's Chat Completions tell what their cache gave")
    parser.add_argument("--huge-mib", type=int, default=50)
    server = server_class(parser.parse_args())
    listening = await asyncio.start_server(server.serve_connection, "127.0.0.1", server.options.port, limit=1 << 20, backlog=512)
    print("port", listening.sockets[0].getsockname()[1], flush=True)
    async with listening:
        await listening.serve_forever()


def main(server_class, description):
    try:
        asyncio.run(listen(server_class, description))
    except KeyboardInterrupt:
        sys.exit(0)
