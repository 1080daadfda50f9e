#!/usr/bin/env python3
"""A program that answers queries, for tests: it says the last word of the last message.

The word `die` ends it with status 7, `junk` makes it print a line that is no answer, `fail` an error, `sleep` nothing at all.
"""
import json
import sys

for line in sys.stdin:
    query = json.loads(line)
    if "hello" in query:
        print(json.dumps({"hello": {"protocol": 1, "name": "echo", "version": "1"}}))
        continue
    word = query["messages"][-1]["content"].split()[-1]
    if word == "die":
        print("I was told to die", file=sys.stderr)
        sys.exit(7)
    if word == "junk":
        print("this is no answer")
    elif word == "fail":
        print(json.dumps({"id": query["id"], "error": {"message": "told to fail", "retryable": False}}))
    elif word != "sleep":
        print(json.dumps({"id": query["id"], "output": word, "usage": {"input_tokens": 1, "output_tokens": 1}}))
