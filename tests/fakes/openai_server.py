#!/usr/bin/env python3
"""A small server that speaks OpenAI's API, for tests: POST /v1/chat/completions, /v1/completions, /v1/responses and
/v1/embeddings.

With a schema, or with `--labels a,b,c`: what fits it, or the label that occurs in the last message. Else the last word of
the last message. The word stays the same from run to run, so an answer is known beforehand.

A text's vector is the sum of one for each of its words, drawn from the word's digest: texts that share words are near
each other. The vectors come in the reverse order of the texts, each with its `index`; the API promises no order.
"""
import base64
import hashlib
import json
import math
import re
import struct

import api_server


class OpenAiServer(api_server.ApiServer):
    routes = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings")
    dimensions = 64
    most_texts, most_tokens = 2048, 8192

    def key(self, headers):
        return headers.get("authorization", "").removeprefix("Bearer ")

    def prompt(self, path, query):
        if path.endswith("/responses"):
            given = query["input"]
            return given if isinstance(given, str) else given[-1]["content"]
        if path.endswith("/embeddings"):
            return " ".join(self.inputs(query))
        return query["messages"][-1]["content"] if path.endswith("/chat/completions") else query["prompt"]

    def problem(self, path, query, headers):
        if path.endswith("/responses"):
            for key in ("max_tokens", "messages", "stop", "seed", "response_format"):
                if key in query:
                    return f"Unknown parameter: '{key}'."
        if path.endswith("/embeddings"):
            return self.problem_of_inputs(query)
        return None

    def inputs(self, query):
        given = query["input"]
        return [given] if isinstance(given, str) else given

    def problem_of_inputs(self, query):
        inputs = self.inputs(query)
        if "messages" in query or not inputs or not all(isinstance(text, str) for text in inputs):
            return "Invalid 'input': expected a text or a list of texts."
        if len(inputs) > self.most_texts:
            return f"Invalid 'input': array too long. Expected an array with maximum length {self.most_texts}, but got {len(inputs)}."
        if any(not text for text in inputs):
            return "Invalid 'input': input cannot be an empty string."
        if any(len(text.split()) > self.most_tokens or "[too-long]" in text for text in inputs):
            return f"This model's maximum context length is {self.most_tokens} tokens. Please reduce your prompt."
        if not 1 <= query.get("dimensions", self.dimensions) <= self.dimensions:
            return f"Invalid value for 'dimensions': must be from 1 to {self.dimensions}."
        return None

    def vector(self, text, dimensions):
        sums = [0.0] * self.dimensions
        for word in re.findall(r"\w+|[^\w\s]", text.lower()):
            digest = hashlib.shake_128(word.encode()).digest(2 * self.dimensions)
            for i, number in enumerate(struct.unpack(f"<{self.dimensions}h", digest)):
                sums[i] += number
        kept = sums[:dimensions]
        length = math.sqrt(sum(number * number for number in kept)) or 1.0
        return [number / length for number in kept]

    async def answer(self, writer, path, query, prompt, word, number):
        if not path.endswith("/embeddings"):
            return await super().answer(writer, path, query, prompt, word, number)
        self.answers += 1
        inputs = self.inputs(query)
        vectors = [self.vector(text, query.get("dimensions", self.dimensions)) for text in inputs]
        if word == "fewer":
            vectors.pop()
        elif word == "shorter":
            vectors = [vector[:-1] for vector in vectors]
        elif word == "nan":
            vectors[0][0] = None  # as servers write what JSON has no word for
        elif word == "zeros":
            vectors[0] = [0.0] * len(vectors[0])
        self.texts += len(inputs)
        self.most_in_one = max(self.most_in_one, len(inputs))
        if query.get("encoding_format", "float") == "base64":
            vectors = [base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in vectors]
        said = sum(len(text.split()) for text in inputs)
        data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
        return self.send(writer, 200, {"object": "list", "data": data[::-1], "model": query.get("model", "") + "-fake",
                                       "usage": {"prompt_tokens": said, "total_tokens": said}})

    def reset(self):
        super().reset()
        self.texts = self.most_in_one = 0

    def stats(self):
        return {**super().stats(), "texts": self.texts, "most_in_one": self.most_in_one}

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
