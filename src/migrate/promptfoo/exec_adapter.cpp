/// \file  The program that asks others as promptfoo does.
#include "migrate/promptfoo/providers.h"

namespace llmops::migrate::promptfoo {

std::string_view exec_adapter() {
  return R"(#!/usr/bin/env python3
"""Asks a program as promptfoo's `exec:` does: adapter.py FOLDER PROGRAM ARGUMENTS…

For each query the program is started in FOLDER with the prompt, the options and the context as its last arguments; what
it writes is the answer. A prompt of several messages is given as JSON.
"""
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

folder, program = sys.argv[1], sys.argv[2:]
lock = Lock()


def answer(query):
    messages = query["messages"]
    prompt = messages[0]["content"] if len(messages) == 1 else json.dumps(messages, ensure_ascii=False)
    context = json.dumps({"vars": query.get("case", {})}, ensure_ascii=False)
    done = subprocess.run([*program, prompt, "{}", context], cwd=folder, capture_output=True, text=True)
    said = {"id": query["id"], "output": done.stdout.strip()}
    if done.returncode != 0:
        said = {"id": query["id"], "error": {"message": done.stderr.strip() or f"status {done.returncode}", "retryable": False}}
    with lock:
        print(json.dumps(said), flush=True)


with ThreadPoolExecutor(8) as pool:
    for line in sys.stdin:
        read = json.loads(line)
        if "hello" not in read:
            pool.submit(answer, read)
)";
}

}  // namespace llmops::migrate::promptfoo
