#!/usr/bin/env python3
"""A small server that speaks OpenAI's API, for tests. Python's standard library alone.

It prints `port N` when it listens, and answers POST /v1/chat/completions and /v1/completions:

* With `response_format` (a schema with an enum), or with `--labels a,b,c`: the label that occurs in the last message, else the
  first one.
* Else the last word of the last message. The word stays the same from run to run, so an answer is known beforehand.

GET /stats tells {"requests", "answers", "most_at_once", "connections", "authorized", "by_status"}; POST /reset forgets them.

What goes wrong is chosen by words in the prompt, or for all prompts by `--behave WORD`:

  [429:N]      429 with Retry-After for the first N requests with this prompt, then an answer ([429] always)
  [500:N]      500 likewise; also [408:N], [503:N] and so on
  [400] [401] [403] [404]   that status, with an error body
  [cut]        the connection ends in the middle of the body
  [drop]       the connection ends without an answer
  [garbage]    200 and a body that is no JSON
  [shape]      200 and JSON of another shape
  [empty]      200 and no body
  [utf8]       200 and JSON with a byte that is not UTF-8
  [huge]       200 and an answer of --huge-mib MiB
  [slow:MS]    waits so long before it answers
  [refuse]     a refusal in place of content
"""
import argparse
import asyncio
import collections
import json
import re
import sys

MAGIC = re.compile(r"\[(\d{3}|cut|drop|garbage|shape|empty|utf8|huge|slow|refuse)(?::(\d+))?\]")
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout",
           409: "Conflict", 413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable"}


class Server:
    def __init__(self, options):
        self.options = options
        self.labels = [label for label in options.labels.split(",") if label]
        self.reset()

    def reset(self):
        self.requests = self.answers = self.at_once = self.most_at_once = self.connections = self.authorized = 0
        self.by_status = collections.Counter()
        self.failures = collections.Counter()

    def stats(self):
        return {"requests": self.requests, "answers": self.answers, "most_at_once": self.most_at_once,
                "connections": self.connections, "authorized": self.authorized,
                "by_status": {str(status): count for status, count in sorted(self.by_status.items())}}

    async def serve_connection(self, reader, writer):
        self.connections += 1
        try:
            while await self.serve_request(reader, writer):
                pass
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
        if method == "GET" and path == "/v1/models":
            return self.send(writer, 200, {"object": "list", "data": [{"id": "fake-1", "object": "model"}]})
        if method != "POST" or path not in ("/v1/chat/completions", "/v1/completions"):
            return self.send(writer, 404, {"error": {"message": f"no route {method} {path}"}})
        self.requests += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.complete(writer, headers, body, chat=path.endswith("chat/completions"))
        finally:
            self.at_once -= 1

    async def complete(self, writer, headers, body, chat):
        key = headers.get("authorization", "")
        self.authorized += bool(key)
        if self.options.api_key and key != "Bearer " + self.options.api_key:
            return self.fail(writer, 401, f"Incorrect API key provided: {key.removeprefix('Bearer ')}", "invalid_api_key")
        try:
            query = json.loads(body)
            prompt = query["messages"][-1]["content"] if chat else query["prompt"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return self.fail(writer, 400, f"the request can't be read: {error!r}", "invalid_request_error")
        latency_ms = self.options.latency_ms
        magic = MAGIC.search(prompt) or MAGIC.search(self.options.behave)
        word, number = (magic.group(1), magic.group(2)) if magic else ("", None)
        if word == "slow":
            latency_ms = int(number or 1000)
        if latency_ms:
            await asyncio.sleep(latency_ms / 1000)
        if word.isdigit():
            self.failures[prompt] += 1
            if number is None or self.failures[prompt] <= int(number):
                return self.fail(writer, int(word), f"told to answer {word}", "")
        if word == "drop":
            return False
        if word == "garbage":
            return self.send_bytes(writer, 200, b"<html>not what you want</html>")
        if word == "shape":
            return self.send(writer, 200, {"object": "list", "data": []})
        if word == "empty":
            return self.send_bytes(writer, 200, b"")
        return self.answer(writer, query, prompt, chat, word)

    def answer(self, writer, query, prompt, chat, word):
        text = self.text(query, prompt)
        if word == "huge":
            text = "x" * (self.options.huge_mib << 20)
        holder = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
        if word == "refuse":
            holder = {"message": {"role": "assistant", "content": None, "refusal": "I can't help with that."}}
        said = sum(len(m["content"].split()) for m in query["messages"]) if chat else len(prompt.split())
        answer = {"id": "cmpl-1", "object": "chat.completion" if chat else "text_completion", "created": 1767323045,
                  "model": query.get("model", "") + "-fake", "system_fingerprint": "fp_fake",
                  "choices": [{"index": 0, "finish_reason": "stop", **holder}],
                  "usage": {"prompt_tokens": said, "completion_tokens": len(text.split()),
                            "total_tokens": said + len(text.split())}}
        self.answers += 1
        data = json.dumps(answer).encode()
        if word == "utf8":
            data = data.replace(b'"content": "', b'"content": "\xff')
        if word == "cut":
            self.send_bytes(writer, 200, data, cut=len(data) // 2)
            return False
        return self.send_bytes(writer, 200, data)

    def text(self, query, prompt):
        labels = self.labels
        schema = query.get("response_format", {}).get("json_schema", {}).get("schema", {})
        enum = schema.get("properties", {}).get("choice", {}).get("enum", [])
        labels = enum or labels
        if not labels:
            words = prompt.split()
            return words[-1] if words else ""
        label = next((label for label in labels if label.lower() in prompt.lower()), labels[0])
        return json.dumps({"choice": label}) if enum else label

    def fail(self, writer, status, message, code):
        headers = f"Retry-After: {self.options.retry_after}\r\n" if status in (429, 503) else ""
        return self.send_bytes(writer, status, json.dumps({"error": {"message": message, "type": code, "code": code}}).encode(), headers)

    def send(self, writer, status, value):
        return self.send_bytes(writer, status, json.dumps(value).encode())

    def send_bytes(self, writer, status, data, headers="", cut=None):
        self.by_status[status] += 1
        head = (f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\n{headers}\r\n")
        writer.write(head.encode() + data[:cut])
        return True


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency-ms", type=float, default=0, help="before each answer")
    parser.add_argument("--labels", default="", help="comma-separated; answers are one of them")
    parser.add_argument("--api-key", default="", help="anything else is answered with 401")
    parser.add_argument("--behave", default="", help="a word such as [500] that counts for prompts without one")
    parser.add_argument("--retry-after", default="0.02", help="what 429 and 503 say, in seconds")
    parser.add_argument("--huge-mib", type=int, default=80)
    options = parser.parse_args()
    server = Server(options)
    listening = await asyncio.start_server(server.serve_connection, "127.0.0.1", options.port, limit=1 << 20, backlog=512)
    print("port", listening.sockets[0].getsockname()[1], flush=True)
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
