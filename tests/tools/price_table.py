#!/usr/bin/env python3
"""Prints src/model/prices.tsv from the price table of LiteLLM: price_table.py DATE >src/model/prices.tsv

The package is fetched with pip, by version and digest. DATE is the day on which it is taken, and stands in the table. For
newer prices, change VERSION and DIGEST; `pip download --no-deps litellm` and sha256sum tell them.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

VERSION = "1.110.2"
DIGEST = "9d94d1c7d524b6fd10c14f9c8c6c4f0ac31705f9964ac59dcfd8337c046d8917"
PLATFORM = "manylinux_2_28_x86_64"
TABLE = "litellm/model_prices_and_context_window_backup.json"
MODES = {"chat", "completion", "responses", "embedding"}

# Whose models: LiteLLM's word for them, and whether their own names may hold a slash.
VENDORS = {"anthropic": ("anthropic", False), "deepseek": ("deepseek", False), "gemini": ("gemini", False), "groq": ("groq", True),
           "mistral": ("mistral", False), "openai": ("openai", False), "together": ("together_ai", True)}


def fetched():
    with tempfile.TemporaryDirectory() as folder:
        requirement = pathlib.Path(folder, "requirements.txt")
        requirement.write_text(f"litellm=={VERSION} --hash=sha256:{DIGEST}\n")
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
                        "--platform", PLATFORM, "--dest", folder, "-r", str(requirement)], check=True, stdout=sys.stderr)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(TABLE)


def name_of(key, vendor):
    """The name that the vendor's own API knows it by; None where it has none, or where tokens alone don't tell the cost."""
    word, may_hold_slash = VENDORS[vendor]
    name = key.removeprefix(word + "/")
    if ("/" in name and not may_hold_slash) or re.match(r"ft:|together-ai-", name) or re.search(r"search|research|tts", name):
        return None
    return name


def million(value):
    """USD per million tokens, as short as it can be written."""
    return "" if value is None else f"{round(value * 1e6, 9):.9f}".rstrip("0").rstrip(".")


def tier(model):
    """Of prompts beyond so many tokens: that number, and the prices of the whole query. None where there is no one such."""
    found = {int(match.group(1)) for key in model if (match := re.fullmatch(r"(?:in|out)put_cost_per_token_above_(\d+)k_tokens", key))}
    if not found:
        return []
    if len(found) > 1:
        return None
    k = found.pop()
    prices = [model.get(f"{kind}_above_{k}k_tokens") for kind in
              ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost")]
    return None if prices[0] is None or prices[1] is None else [str(k * 1000), *map(million, prices)]


def row(model):
    """What stands behind the name, or None where the table does not tell a price."""
    if model.get("mode") not in MODES:
        return None
    given, made = model.get("input_cost_per_token"), model.get("output_cost_per_token")
    if model["mode"] == "embedding":
        made = 0
    if not given or made is None or (made == 0 and model["mode"] != "embedding"):
        return None  # a price of zero is one that nobody has looked up
    beyond = tier(model)
    if beyond is None:
        return None
    read = model.get("cache_read_input_token_cost") or model.get("input_cost_per_token_cache_hit")
    return [million(given), million(made), million(read or None), million(model.get("cache_creation_input_token_cost") or None), *beyond]


def main():
    source = fetched()
    rows = {}
    for key, model in json.loads(source).items():
        for vendor, (word, _) in VENDORS.items():
            name = name_of(key, vendor) if model.get("litellm_provider") == word else None
            found = row(model) if name else None
            if found is None:
                continue
            # Where a name stands twice, the one that says whose it is wins.
            if (vendor, name) not in rows or key.startswith(word + "/"):
                rows[vendor, name] = found
    print(f"# litellm {VERSION} (MIT, Copyright 2023 Berri AI), {TABLE.split('/')[1]}, sha256 {hashlib.sha256(source).hexdigest()}")
    print("# printed by tests/tools/price_table.py")
    print(f"# date {sys.argv[1]}")
    print("# vendor, model, USD per million tokens: input, output, cache read, cache write; of prompts beyond so many tokens: the same")
    for (vendor, name), cells in sorted(rows.items()):
        print("\t".join([vendor, name, *cells]).rstrip("\t"))


if len(sys.argv) != 2 or not re.fullmatch(r"\d{4}-\d\d-\d\d", sys.argv[1]):
    sys.exit(__doc__)
main()
