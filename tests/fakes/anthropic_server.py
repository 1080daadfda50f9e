#!/usr/bin/env python3
"""A small server that speaks Anthropic's Messages API, for tests: POST /v1/messages.

With a schema (`output_config.format`): what fits it. With `--labels a,b,c`: the label that occurs in the last message. Else
the last word of the last message. It refuses what the real API refuses: no version, no max_tokens, a system message among
the messages, parameters that it does not know.
"""
import datetime
import json

import api_server

KNOWN = {"model", "max_tokens", "messages", "system", "temperature", "top_p", "top_k", "stop_sequences", "stream", "metadata",
         "tools", "tool_choice", "output_config", "thinking", "service_tier"}


class AnthropicServer(api_server.ApiServer):
    routes = ("/v1/messages",)

    def key(self, headers):
        return headers.get("x-api-key", "")

    def prompt(self, path, query):
        return query["messages"][-1]["content"]

    def problem(self, path, query, headers):
        if headers.get("anthropic-version") != "2023-06-01":
            return "anthropic-version: header is required"
        if not isinstance(query.get("max_tokens"), int):
            return "max_tokens: Field required"
        for index, message in enumerate(query["messages"]):
            if message["role"] not in ("user", "assistant"):
                return f"messages.{index}.role: Input should be 'user' or 'assistant'"
        for key in query:
            if key not in KNOWN:
                return f"{key}: Extra inputs are not permitted"
        return None

    def limit_headers(self, left, reset_s):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=reset_s + 0.001)
        return (f"anthropic-ratelimit-requests-limit: {self.options.limit}\r\nanthropic-ratelimit-requests-remaining: {left}\r\n"
                f"anthropic-ratelimit-requests-reset: {until.isoformat().replace('+00:00', 'Z')}\r\n")

    def schema(self, path, query):
        return query.get("output_config", {}).get("format", {}).get("schema")

    def tools(self, path, query):
        return [{"name": tool["name"], "parameters": tool["input_schema"]} for tool in query.get("tools", [])]

    def body(self, path, query, text, refused, reason):
        said = len(query.get("system", "").split()) + sum(len(m["content"].split()) for m in query["messages"])
        stop = "refusal" if refused else "max_tokens" if reason == "length" else "end_turn"
        content = [] if refused else [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": text}]
        content += [{"type": "tool_use", "id": f"toolu_{i}", "name": call["name"], "input": call["arguments"]}
                    for i, call in enumerate(self.calls)]
        if self.calls:
            stop = "tool_use"
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": query["model"] + "-fake", "content": content,
                "stop_reason": stop, "stop_sequence": None,
                "usage": {"input_tokens": said, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 5,
                          "output_tokens": len(text.split())}}

    def pieces(self, path, query, body):
        def event(kind, **values):
            return self.frame(json.dumps({"type": kind, **values}), kind)

        start = {**body, "content": [], "stop_reason": None, "usage": {**body["usage"], "output_tokens": 1}}
        out = [event("message_start", message=start), event("ping")]
        for index, block in enumerate(body["content"]):
            kind = {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking")}.get(block["type"])
            if block["type"] == "tool_use":
                out.append(event("content_block_start", index=index, content_block={**block, "input": {}}))
                out += [event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": part})
                        for part in ["", *api_server.parts(json.dumps(block["input"]))]]
            else:
                out.append(event("content_block_start", index=index, content_block={**block, kind[1]: ""}))
                out += [event("content_block_delta", index=index, delta={"type": kind[0], kind[1]: part})
                        for part in api_server.parts(block[kind[1]])]
            out.append(event("content_block_stop", index=index))
        out.append(event("message_delta", delta={"stop_reason": body["stop_reason"], "stop_sequence": None},
                         usage={"output_tokens": body["usage"]["output_tokens"]}))
        return out + [event("message_stop")]

    def error(self, status, message, code):
        kind = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
                404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}
        return {"type": "error", "error": {"type": kind.get(status, "api_error"), "message": message}, "request_id": "req_1"}

    def no_model(self, model):
        return self.error(404, f"model: {model}", "")

    def wrong_key(self, key):
        return self.error(401, "invalid x-api-key", "")

    def error_piece(self, path):
        return self.frame(json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}), "error")


if __name__ == "__main__":
    api_server.main(AnthropicServer, __doc__)
