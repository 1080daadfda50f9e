#!/usr/bin/env python3
"""A small server that speaks OpenAI's API, for tests: POST /v1/chat/completions, /v1/completions and /v1/responses.

With a schema, or with `--labels a,b,c`: what fits it, or the label that occurs in the last message. Else the last word of
the last message. The word stays the same from run to run, so an answer is known beforehand.
"""
import json

import api_server


class OpenAiServer(api_server.ApiServer):
    routes = ("/v1/chat/completions", "/v1/completions", "/v1/responses")

    def key(self, headers):
        return headers.get("authorization", "").removeprefix("Bearer ")

    def prompt(self, path, query):
        if path.endswith("/responses"):
            given = query["input"]
            return given if isinstance(given, str) else given[-1]["content"]
        return query["messages"][-1]["content"] if path.endswith("/chat/completions") else query["prompt"]

    def problem(self, path, query, headers):
        if path.endswith("/responses"):
            for key in ("max_tokens", "messages", "stop", "seed", "response_format"):
                if key in query:
                    return f"Unknown parameter: '{key}'."
        return None

    def schema(self, path, query):
        if path.endswith("/responses"):
            return query.get("text", {}).get("format", {}).get("schema")
        return query.get("response_format", {}).get("json_schema", {}).get("schema")

    def tools(self, path, query):
        return query.get("tools", []) if path.endswith("/responses") else super().tools(path, query)

    def said(self, path, query):
        if path.endswith("/responses"):
            return len(query.get("instructions", "").split()) + sum(len(m["content"].split()) for m in query["input"])
        if path.endswith("/chat/completions"):
            return sum(len(m["content"].split()) for m in query["messages"])
        return len(query["prompt"].split())

    def body(self, path, query, text, refused, reason):
        said, told = self.said(path, query), len(text.split())
        model = query.get("model", "") + "-fake"
        if path.endswith("/responses"):
            part = {"type": "refusal", "refusal": "I can't help with that."} if refused else {
                "type": "output_text", "text": text, "annotations": []}
            if "message.output_text.logprobs" in query.get("include", []):
                part["logprobs"] = [{"token": word, "logprob": -0.5, "top_logprobs": []} for word in text.split()]
            calls = [{"id": f"fc_{i}", "type": "function_call", "status": "completed", "call_id": f"call_{i}", "name": call["name"],
                      "arguments": json.dumps(call["arguments"])} for i, call in enumerate(self.calls)]
            return {"id": "resp_1", "object": "response", "created_at": 1767323045, "model": model, "error": None,
                    "status": "completed" if reason == "stop" else "incomplete",
                    "incomplete_details": None if reason == "stop" else {"reason": "max_output_tokens"},
                    "output": [{"id": "rs_1", "type": "reasoning", "summary": []},
                               {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}, *calls],
                    "usage": {"input_tokens": said, "input_tokens_details": {"cached_tokens": 1}, "output_tokens": told,
                              "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": said + told}}
        chat = path.endswith("/chat/completions")
        holder = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
        if refused:
            holder = {"message": {"role": "assistant", "content": None, "refusal": "I can't help with that."}}
        choice = {"index": 0, "finish_reason": reason, **holder}
        if self.calls and chat:
            choice["message"]["tool_calls"] = [
                {"id": f"call_{i}", "type": "function", "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])}}
                for i, call in enumerate(self.calls)]
            choice["message"]["content"] = None
            choice["finish_reason"] = "tool_calls"
        if query.get("logprobs") is not None:
            choice["logprobs"] = {"content": [{"token": word, "logprob": -0.5, "bytes": None, "top_logprobs": []} for word in text.split()]}
            if not chat:
                choice["logprobs"] = {"tokens": text.split(), "token_logprobs": [-0.5 for _ in text.split()]}
        cached = {"prompt_tokens_details": {"cached_tokens": min(said, self.options.cached_tokens)}} if self.options.cached_tokens else {}
        return {"id": "cmpl-1", "object": "chat.completion" if chat else "text_completion", "created": 1767323045,
                "model": model, "system_fingerprint": "fp_fake",
                "choices": [choice],
                "usage": {"prompt_tokens": said, "completion_tokens": told, "total_tokens": said + told, **cached}}

    def pieces(self, path, query, body):
        if path.endswith("/responses"):
            return self.response_pieces(body)
        chat = path.endswith("/chat/completions")
        choice = body["choices"][0]
        head = {key: body[key] for key in ("id", "created", "model", "system_fingerprint")}
        head["object"] = "chat.completion.chunk" if chat else "text_completion"

        def chunk(delta=None, text="", reason=None, **values):
            inside = {"delta": delta or {}} if chat else {"text": text}
            return self.frame(json.dumps({**head, "choices": [{"index": 0, "finish_reason": reason, **inside, **values}]}))

        if not chat:
            out = [chunk(text=part) for part in api_server.parts(choice["text"])]
        else:
            message = choice["message"]
            out = [b": a comment, to keep the connection open\n\n", chunk({"role": "assistant", "content": ""})]
            kind = "refusal" if message.get("refusal") else "content"
            out += [chunk({kind: part}) for part in api_server.parts(message[kind] or "")]
            for i, call in enumerate(message.get("tool_calls", [])):
                out.append(chunk({"tool_calls": [{"index": i, **call, "function": {"name": call["function"]["name"], "arguments": ""}}]}))
                out += [chunk({"tool_calls": [{"index": i, "function": {"arguments": part}}]})
                        for part in api_server.parts(call["function"]["arguments"])]
        if choice.get("logprobs"):
            out.append(chunk(logprobs=choice["logprobs"]))
        out.append(chunk(reason=choice["finish_reason"]))
        if query.get("stream_options", {}).get("include_usage"):
            out.append(self.frame(json.dumps({**head, "choices": [], "usage": body["usage"]})))
        return out + [self.frame("[DONE]")]

    def response_pieces(self, body):
        out, number = [], 0

        def event(kind, **values):
            nonlocal number
            out.append(self.frame(json.dumps({"type": kind, "sequence_number": number, **values}), kind))
            number += 1

        event("response.created", response={**body, "status": "in_progress", "output": [], "usage": None})
        for index, item in enumerate(body["output"]):
            event("response.output_item.added", output_index=index, item={**item, "content": []})
            for part in item.get("content", []):
                kind = "text" if part["type"] == "output_text" else "refusal"
                name = "response.output_text" if kind == "text" else "response.refusal"
                for piece in api_server.parts(part[kind]):
                    event(name + ".delta", item_id=item["id"], output_index=index, content_index=0, delta=piece)
                event(name + ".done", item_id=item["id"], output_index=index, content_index=0, **{kind: part[kind]})
            if item["type"] == "function_call":
                for piece in api_server.parts(item["arguments"]):
                    event("response.function_call_arguments.delta", item_id=item["id"], output_index=index, delta=piece)
            event("response.output_item.done", output_index=index, item=item)
        event("response.completed" if body["status"] == "completed" else "response.incomplete", response=body)
        return out

    def error(self, status, message, code):
        return {"error": {"message": message, "type": code, "param": None, "code": code}}

    def error_piece(self, path):
        if path.endswith("/responses"):
            return self.frame(json.dumps({"type": "error", "code": "server_error", "message": "told to fail midway", "param": None}), "error")
        return self.frame(json.dumps({"error": {"message": "told to fail midway", "type": "server_error", "code": "server_error"}}))


if __name__ == "__main__":
    api_server.main(OpenAiServer, __doc__)
