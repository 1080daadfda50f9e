#!/usr/bin/env python3
"""Compares the scorers of texts with the published implementations they follow: score_oracles.py PROGRAM [--pairs N] [--seed S]

PROGRAM is score-lines. sacrebleu, rouge-score and NLTK come from the package index, pinned in score_oracles/ by version and
digest, into a virtual environment that is made once below the build cache; where they can't be had, this test fails.
"""
import argparse
import collections
import json
import os
import random
import re
import string
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position
from oracles import Program, enter_environment, report  # noqa: E402

NEAR = 1e-6


# --- what the others say ---

class Oracles:
    def __init__(self):
        # pylint: disable=import-outside-toplevel
        from nltk.stem.porter import PorterStemmer
        from nltk.translate.gleu_score import sentence_gleu
        from nltk.translate.meteor_score import meteor_score
        from rouge_score import rouge_scorer
        from sacrebleu import sentence_bleu, sentence_chrf
        from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
        self._13a = Tokenizer13a()
        self.stem = PorterStemmer().stem
        rouge = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)

        def by_rouge(kind):
            return lambda text, references: rouge.score_multi(references, text)[kind].fmeasure
        self.metrics = {
            "bleu": lambda text, references: sentence_bleu(text, references).score / 100,
            "chrf": lambda text, references: sentence_chrf(text, references).score / 100,
            "gleu": lambda text, references: sentence_gleu([self.tokens(each) for each in references], self.tokens(text)),
            "rouge-1": by_rouge("rouge1"),
            "rouge-2": by_rouge("rouge2"),
            "rouge-l": by_rouge("rougeL"),
            "meteor": lambda text, references: meteor_score([self.tokens(each) for each in references], self.tokens(text),
                                                            wordnet=NoSynonyms()),
            "exact-match": lambda text, references: float(max(squad(text) == squad(each) for each in references)),
            "f1": lambda text, references: max(squad_f1(text, each) for each in references),
        }

    def tokens(self, text):
        return self._13a(text.rstrip()).split()


class NoSynonyms:
    @staticmethod
    def synsets(_word):
        return []


def squad(text):
    """The normalisation of SQuAD's evaluation script."""
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(text, reference):
    """The token F1 of SQuAD 2.0's evaluation script."""
    found, wanted = squad(text).split(), squad(reference).split()
    if not found or not wanted:
        return float(found == wanted)
    common = sum((collections.Counter(found) & collections.Counter(wanted)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(found), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


# --- texts ---

ENGLISH = """the a an of to and in that is was for it with as his on be at by had not are but from or have which one you were all her she
there would their we him been has when who will no more if out so up said what its about than into them can only other time new some
could these two may first then do any like my now over such our man me even most made after also did many off before must well back
through years where much your way down should because long each just state people those too mr how little good world make very year
running runs runner happily happiness studies studying studied flies flying denied agreed plastered motoring conflated troubled sized
hopping tanned falling hissing fizzed failing filing relational conditional valency hesitancy digitizer conformably radically
differently vileness analogously vietnamization predication operator feudalism decisiveness hopefulness callousness formality
sensitivity sensibility triplicate formative formalize electricity electrical goodness revival allowance inference airliner gyroscopic
adjustable defensible irritant replacement adjustment dependent adoption communism activate angularity homologous effective bowdlerize
probate cease controlling rolling generalizations oscillators enjoyment archaeology geologically sky skies dying lying news innings
theatre Eiffel Tower Paris billing refund invoice account cancelled charged twice crashes customer's don't can't I'm they've o'clock
state-of-the-art e-mail U.S. Mr. Dr. e.g. i.e. etc.""".split()
FOREIGN = """École café naïve Ärger größe STRASSE straße İstanbul ısı ΟΔΟΣ οδος ΣΟΦΟΣ σοφός Σ ΑΣ. ΑΣ'Β Москва привет ЁЛКА 日本語 東京都 数学
中文 العربية עברית हिन्दी ไทย 한국어 𝒳 𐐀𐐁 ǅ Ⅷ ② ½ x² 5K é e\u0301 e\u0301cole ﬁ ß ÿ ₂ a\u00b7b ª º ⓐ Ⓐ 👍 👩‍💻 — « » “quoted” ‘x’ it’s … ¿qué? théa éa aé
a— —the 東a the東""".split()
NUMBERS = """0 1 3.14 1,234 1,234.50 2026-11-26 10-20 $5 €3 50% -7 +1 .5 5. 1.2.3 12:30 1e9 007 1st 3,000,000 9.-9 9,a a,9""".split()
MARKS = list(".,!?;:-()[]{}'\"/\\|@#$%^&*_+=<>~`") + ["...", "--", "?!", ".,", ",.", "-\n", "<skipped>", "&amp;", "&lt;b&gt;", "&quot;", "&",
                                                 "&amp;lt;", "\0", "''", "``"]
BLANKS = [" "] * 30 + ["  ", "\n", "\t", "\u00a0", "\u3000", "\u2009", "\r\n", "\x1c", "\x85", "\u2028", "\u200b", "\ufeff", ""]
CHOSEN = [
    ("", [""]), ("", ["x"]), ("x", [""]), (" ", [" \n"]), ("x", ["x"]), ("x", ["x", "y", ""]), (".", ["."]), ("the", ["a"]),
    ("the the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]),
    ("the cat sat on the mat", ["the cat sat on the mat"]), ("a b c", ["a b c"]), ("a b c d", ["d c b a"]),
    ("It is a guide to action which ensures that the military always obeys the commands of the party",
     ["It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party"]),
    ("abc-\ndef ghi-\n", ["abcdef ghi", "abc def"]), ("3.14 is 3,14.", ["3.14 is 3.14 ."]), ("word " * 200, ["word " * 150]),
    ("x " * 70 + "y " * 70, ["y x " * 100]), ("ab" * 300, ["ba" * 200]), ("日本語" * 50, ["日本" * 60]), ("&amp;quot;", ["\"", "&quot;"]),
    ("K İ ſ", ["k i s"]), ("1,2,3", ["1 , 2 , 3"]), ("a..b,,c", ["a . . b , , c"]),
]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self):
        pool = self.random.choices((ENGLISH, FOREIGN, NUMBERS, MARKS), (70, 12, 8, 10))[0]
        word = self.random.choice(pool)
        change = self.random.random()
        if change < 0.1:
            word = word.capitalize()
        elif change < 0.15:
            word = word.upper()
        elif change < 0.3:
            word += self.random.choice(".,!?;:'\")%")
        elif change < 0.33:
            word += self.random.choice(("s", "ed", "ing", "ly", "ness", "ies", "'s", "ation", "ful"))
        return word

    def words(self):
        length = self.random.choice((0, 1, 2, 3, 5, 8, 13, 21, 40, 90))
        words = [self.word() for _ in range(length)]
        if words and self.random.random() < 0.2:
            words += self.random.choices(words, k=length)
        return words

    def changed(self, words):
        """Another text that shares much with this one."""
        words = list(words)
        for _ in range(self.random.randrange(1 + len(words) // 2 + 1)):
            at = self.random.randrange(len(words) + 1)
            match self.random.randrange(5):
                case 0:
                    words.insert(at, self.word())
                case 1:
                    del words[at:at + self.random.randrange(1, 4)]
                case 2:
                    words[at:at + 1] = [self.word()]
                case 3:
                    words = words[at:] + words[:at]
                case _:
                    words[at:at + 1] = [word + "s" for word in words[at:at + 1]]
        return words

    def text(self, words):
        return "".join(word + self.random.choice(BLANKS) for word in words)

    def pair(self):
        base = self.words()
        references = [self.text(base if self.random.random() < 0.2 else self.changed(base)) for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        answer = self.words() if self.random.random() < 0.1 else base
        return self.text(answer), references


# --- comparing ---

def compare_metric(program, name, oracle, pairs):
    asked = [{"scorer": name, "output": text, "expected": json.dumps(references)} for text, references in pairs]
    wrong, positive = [], 0
    for (text, references), answer in zip(pairs, program.answers(asked)):
        wanted = float(oracle(text, references))
        positive += 0 < wanted < 1
        if abs(answer.get("value", float("nan")) - min(wanted, 1.0)) <= NEAR:
            continue
        wrong.append(f"{text!r} against {references!r}: {answer}, expected {wanted}")
    if positive < len(pairs) // 4 and name != "exact-match":
        wrong.append(f"only {positive} of {len(pairs)} pairs have something in common: these texts prove too little")
    return report(name, len(pairs), wrong)


def compare_texts(program, key, oracle, texts):
    wrong = [f"{text!r}: {answer}, expected {oracle(text)!r}" for text, answer in zip(texts, program.answers([{key: text} for text in texts]))
             if answer != {"text": oracle(text)}]
    return report(key, len(texts), wrong)


def words_to_stem(writer):
    ends = """s es ies ied ed eed ing at bl iz y ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness
fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion
sion tion ou ism ate iti ous ive ize e ll le""".split()
    for _ in range(5000):
        stem = "".join(writer.random.choices("aeiouybcdlnrstzwx", k=writer.random.randrange(7)))
        if writer.random.random() < 0.1:
            stem += writer.random.choice(("é", "ß", "東", "5", "ll", "ss", "zz", "bb"))
        yield stem + "".join(writer.random.choices(ends, k=writer.random.choice((0, 1, 1, 2))))
    yield from ENGLISH


def letters():
    """Every letter and sign that both sides' Unicode has, alone and where a final sigma looks at it."""
    last = 0x110000 if unicodedata.unidata_version.split(".")[0] in ("14", "15") else 0x530
    points = [chr(code) for code in range(1, last) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    for at in range(0, len(points), 1000):
        some = points[at:at + 1000]
        yield from ("|".join(some), "|".join(f"a{point}Σ" for point in some), "|".join(f"AΣ{point}b" for point in some))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", help="score-lines")
    arguments.add_argument("--pairs", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    options.program = os.path.abspath(options.program)
    enter_environment(HERE / "score_oracles")

    program, oracles, writer = Program(options.program), Oracles(), Writer(options.seed)
    pairs = CHOSEN + [writer.pair() for _ in range(options.pairs)]
    wrong = [compare_metric(program, name, oracle, pairs) for name, oracle in oracles.metrics.items()]
    wrong.append(compare_texts(program, "stem", oracles.stem, sorted({word.lower() for word in words_to_stem(writer)})))
    wrong.append(compare_texts(program, "lower", str.lower, list(letters()) + [text for text, _ in pairs]))
    return 1 if any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
