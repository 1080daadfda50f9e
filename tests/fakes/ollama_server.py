#!/usr/bin/env python3
"""A small server that speaks Ollama's own API, for tests: POST /api/chat and /api/generate.

With a schema (`format`): what fits it. With `--labels a,b,c`: the label that occurs in the last message. Else the last word of
the last message.
"""
import json

import api_server


class OllamaServer(api_server.ApiServer):
    routes = ("/api/chat", "/api/generate")
    stream_type = "application/x-ndjson"

    def key(self, headers):
        return headers.get("authorization", "").removeprefix("Bearer ")

    def prompt(self, path, query):
        return query["messages"][-1]["content"] if path.endswith("chat") else query["prompt"]

    def streams(self, query):
        return query.get("stream", True)  # as the real one: on unless turned off

    def schema(self, path, query):
        form = query.get("format")
        return {} if form == "json" else form

    def body(self, path, query, text, refused, reason):
        chat = path.endswith("chat")
        said = sum(len(m["content"].split()) for m in query["messages"]) if chat else len(query["prompt"].split())
        holder = {"message": {"role": "assistant", "content": text}} if chat else {"response": text}
        if self.calls and chat:
            holder["message"]["tool_calls"] = [{"function": {"index": i, **call}} for i, call in enumerate(self.calls)]
        if query.get("logprobs"):
            holder["logprobs"] = [{"token": word, "logprob": -0.5, "bytes": []} for word in text.split()]
        return {"model": query["model"], "created_at": "2026-01-02T03:04:05.000000Z", **holder, "done": True, "done_reason": reason,
                "total_duration": 5000000, "load_duration": 1000000, "prompt_eval_count": said, "prompt_eval_duration": 1000000,
                "eval_count": len(text.split()), "eval_duration": 1000000}

    def pieces(self, path, query, body):
        def line(text, **values):
            holder = {"message": {"role": "assistant", "content": text}} if path.endswith("chat") else {"response": text}
            return self.frame(json.dumps({"model": body["model"], "created_at": body["created_at"], **holder, **values}))

        text = body["message"]["content"] if path.endswith("chat") else body["response"]
        out = [line(part, done=False) for part in api_server.parts(text)]
        if calls := body.get("message", {}).get("tool_calls"):
            out.append(self.frame(json.dumps({"model": body["model"], "created_at": body["created_at"], "done": False,
                                              "message": {"role": "assistant", "content": "", "tool_calls": calls}})))
        if body.get("logprobs"):
            out.append(line("", done=False, logprobs=body["logprobs"]))
        rest = {key: value for key, value in body.items() if key not in ("model", "created_at", "message", "response", "logprobs")}
        return out + [line("", **rest)]

    def frame(self, data, event=None):
        return (data + "\n").encode()

    def error(self, status, message, code):
        return {"error": message}

    def no_model(self, model):
        return {"error": f"model '{model}' not found"}

    def wrong_key(self, key):
        return {"error": "unauthorized"}

    def error_piece(self, path):
        return self.frame(json.dumps({"error": "an error was encountered while running the model: server_error"}))


if __name__ == "__main__":
    api_server.main(OllamaServer, __doc__)
