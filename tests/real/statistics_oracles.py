#!/usr/bin/env python3
"""Compares the statistics with scipy, statsmodels and scikit-learn: statistics_oracles.py PROGRAM [--inputs N] [--seed S]

PROGRAM is statistics-lines. The others come from the package index, pinned in statistics_oracles/ by version and digest, into a
virtual environment that is made once below the build cache; where they can't be had, this test fails. What no library has
(CR2 with its degrees of freedom, Hall's transformation) is computed here a second time, from the definition.
"""
import argparse
import math
import os
import sys
import types
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position,import-outside-toplevel
from oracles import Program, enter_environment, report  # noqa: E402

NEAR = 1e-6


def differs(found, wanted):
    """Relative to numbers above 1."""
    return not abs(found - wanted) <= NEAR * max(1.0, abs(wanted))


def compare(program, name, asked, oracle):
    """`oracle` gives what each question's answer must hold."""
    wrong = []
    for question, answer in zip(asked, program.answers([{"ask": name, **question} for question in asked])):
        wanted = oracle(question)
        for key, value in wanted.items():
            pairs = zip(answer[key], value, strict=True) if isinstance(value, list) else [(answer[key], value)]
            if any(differs(math.nan if found is None else found, each) for found, each in pairs):
                wrong.append(f"{question}: {key} is {answer[key]}, expected {value}")
    return report(name, len(asked), wrong)


# --- inputs ---

class Inputs:
    def __init__(self, seed):
        import numpy
        self.random = numpy.random.default_rng(seed)

    def whole(self, least, most):
        return int(self.random.integers(least, most, endpoint=True))

    def values(self, n):
        """Right and wrong, normal, skewed, or grades most of which are equal; never all equal."""
        kind = self.whole(0, 3)
        while True:
            drawn = (self.random.random(n) < self.random.random(), self.random.normal(3, 2, n), self.random.lognormal(0, 1, n),
                     numpy_where(self.random.random(n) < 0.6, 1.0, self.random.random(n)))[kind]
            values = [float(value) for value in drawn]
            if len(set(values)) > 1:
                return values

    def clusters(self, sizes):
        places = [place for place, size in enumerate(sizes) for _ in range(size)]
        self.random.shuffle(places)
        return places

    def confidence(self):
        return float(self.random.choice((0.8, 0.9, 0.95, 0.99)))


def numpy_where(*arguments):
    import numpy
    return numpy.where(*arguments)


# --- second computations ---

def hall(mean, error, skewness, n, t):
    """Hall 1992: the ends of the interval, where they reach further than Student's."""
    a, b = skewness / (3 * math.sqrt(n)), skewness / (6 * math.sqrt(n))

    def untransformed(value):
        if abs(a) < 1e-12:
            return value - b
        return (math.copysign(abs(1 + 3 * a * (value - b)) ** (1 / 3), 1 + 3 * a * (value - b)) - 1) / a
    return min(mean - t * error, mean - untransformed(t) * error), max(mean + t * error, mean - untransformed(-t) * error)


def cr2(values, clusters):
    """Mean, standard error and degrees of freedom by the matrices of Bell & McCaffrey 2002 and Imbens & Kolesár 2016."""
    import numpy
    y, clusters = numpy.asarray(values), numpy.asarray(clusters)
    n, names = len(y), sorted(set(clusters.tolist()))
    ones, identity = numpy.ones((n, 1)), numpy.eye(n)
    residual_maker = identity - ones @ ones.T / n
    sizes = numpy.array([numpy.sum(clusters == name) for name in names], dtype=float)
    means = numpy.array([y[clusters == name].mean() for name in names])
    within = sum(((y[clusters == name] - mean) ** 2).sum() for name, mean in zip(names, means)) / max(1, n - len(names))
    between = (sizes * (means - y.mean()) ** 2).sum() / (len(names) - 1)
    excess = max(0.0, (between - within) / ((n - (sizes ** 2).sum() / n) / (len(names) - 1)))
    omega = numpy.eye(n)
    variance, columns = 0.0, []
    for name in names:
        own = numpy.where(clusters == name)[0]
        block = numpy.ix_(own, own)
        omega[block] += (1 - numpy.eye(len(own))) * (excess / (excess + within) if excess > 0 else 0)
        eigenvalues, vectors = numpy.linalg.eigh(residual_maker[block])
        adjusted = vectors @ numpy.diag(1 / numpy.sqrt(eigenvalues)) @ vectors.T @ ones[own] / n
        variance += float((adjusted.T @ (residual_maker @ y)[own]).item()) ** 2
        columns.append(residual_maker[:, own] @ adjusted)
    spread = numpy.hstack(columns)
    covariance = spread.T @ omega @ spread
    degrees = numpy.trace(covariance) ** 2 / numpy.trace(covariance @ covariance)
    return y.mean(), math.sqrt(variance), min(max(degrees, 1.0), len(names) - 1.0)


class Mersenne:
    """std::mt19937_64."""

    def __init__(self, seed):
        self.state, self.at = [seed], 312
        for i in range(1, 312):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ last >> 62) + i) % 2 ** 64)

    def draw(self):
        if self.at == 312:
            state = self.state
            for i in range(312):
                x = state[i] & 0xFFFFFFFF80000000 | state[(i + 1) % 312] & 0x7FFFFFFF
                state[i] = state[(i + 156) % 312] ^ x >> 1 ^ (0xB5026F5AA96619E9 if x & 1 else 0)
            self.at = 0
        x = self.state[self.at]
        self.at += 1
        x ^= x >> 29 & 0x5555555555555555
        x ^= x << 17 & 0x71D67FFFEDA60000
        x ^= x << 37 & 0xFFF7EEE000000000
        return x ^ x >> 43


def resamples(question, groups):
    """The groups of each resample."""
    import numpy
    random = Mersenne(question["seed"])
    size = groups * question["resamples"]
    halves = [half for bits in (random.draw() for _ in range((size + 1) // 2)) for half in (bits >> 32, bits & 0xFFFFFFFF)]
    return numpy.array([half * groups >> 32 for half in halves[:size]]).reshape(question["resamples"], groups)


def scipy_bca(question, units, statistic):
    """scipy's BCa interval over these units (an axis of arrays), on the resamples that the seed gives."""
    import numpy
    from scipy import stats
    drawn = statistic(*(numpy.asarray(unit)[resamples(question, len(units[0]))] for unit in units), axis=-1)
    # The same units in another order add up to another last digit, which scipy would not count as equal.
    estimate = statistic(*units, axis=-1)
    drawn[abs(drawn - estimate) <= 1e-12 * max(1.0, abs(estimate))] = estimate
    given = types.SimpleNamespace(bootstrap_distribution=drawn)
    found = stats.bootstrap(units, statistic, n_resamples=0, bootstrap_result=given, confidence_level=question["confidence"],
                            method="BCa", paired=len(units) > 1, vectorized=True)
    return {"low": float(found.confidence_interval.low), "high": float(found.confidence_interval.high)}


# --- what is compared ---

def compare_distributions(program, inputs, n):
    from scipy import special, stats

    def tail():
        return float(10 ** -inputs.random.uniform(0.01, 12)) if inputs.whole(0, 1) else float(inputs.random.uniform(0.001, 0.999))

    def df():
        return float(round(10 ** inputs.random.uniform(0, 5), inputs.whole(0, 2)))
    return [
        compare(program, "normal-quantile", [{"q": tail()} for _ in range(n)], lambda q: {"value": stats.norm.ppf(q["q"])}),
        compare(program, "t-quantile", [{"q": tail(), "df": df()} for _ in range(n)], lambda q: {"value": stats.t.ppf(q["q"], q["df"])}),
        compare(program, "t-cdf", [{"t": float(inputs.random.normal(0, 4)), "df": df()} for _ in range(n)],
                lambda q: {"value": stats.t.cdf(q["t"], q["df"])}),
        compare(program, "beta", [{"a": df() / 10, "b": df() / 10, "x": float(inputs.random.random())} for _ in range(n)],
                lambda q: {"value": special.betainc(q["a"], q["b"], q["x"])}),
        compare(program, "binomial", [{"n": trials, "k": inputs.whole(0, trials), "p": float(inputs.random.random())}
                                      for trials in (inputs.whole(1, 3000) for _ in range(n))],
                lambda q: {"value": stats.binom.cdf(q["k"], q["n"], q["p"])}),
    ]


def compare_counts(program, inputs, n):
    from scipy import stats
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

    def wilson(q):
        low, high = proportion_confint(q["x"], q["n"], 1 - q["confidence"], method="wilson")
        return {"low": low, "high": high}

    def exact(q):
        flips = q["b"] + q["c"]
        return {"two_sided": mcnemar([[0, q["b"]], [q["c"], 0]], exact=True).pvalue if flips else 1.0,
                "a_better": stats.binom.cdf(q["c"], flips, 0.5), "b_better": stats.binom.cdf(q["b"], flips, 0.5)}

    def compared(q):
        few = q["b"] + q["c"] < 25
        return {"p": mcnemar([[0, q["b"]], [q["c"], 0]], exact=few, correction=False).pvalue}
    flips = [{"b": inputs.whole(0, 40), "c": inputs.whole(0, 40)} for _ in range(n)]
    return [
        compare(program, "wilson", [{"x": inputs.whole(0, trials), "n": trials, "confidence": inputs.confidence()}
                                    for trials in (inputs.whole(1, 2000) for _ in range(n))], wilson),
        compare(program, "mcnemar", flips, exact),
        compare(program, "compared", [{**each, "n": each["b"] + each["c"] + inputs.whole(2, 100)} for each in flips if each["b"] + each["c"]],
                compared),
        compare(program, "holm", [{"p": [float(p) for p in inputs.random.random(inputs.whole(1, 12)) ** 3]} for _ in range(n)],
                lambda q: {"p": [float(p) for p in multipletests(q["p"], method="holm")[1]]}),
    ]


def compare_means(program, inputs, n):
    import numpy
    import statsmodels.api as sm
    from scipy import stats

    def mean(q):
        values = numpy.array(q["values"])
        # A paired t-test is that of the differences against zero.
        other = inputs.random.normal(size=len(values))
        test = stats.ttest_rel(values + other, other)
        interval = stats.ttest_1samp(values, 0).confidence_interval(q["confidence"])
        out = {"mean": values.mean(), "stderr": stats.sem(values), "degrees": float(test.df), "p": test.pvalue, "low": interval.low,
               "high": interval.high}
        if len(values) > 2:
            out["skewness"] = float(stats.skew(values, bias=False))
            t = stats.t.ppf((1 + q["confidence"]) / 2, test.df)
            out["skewed_low"], out["skewed_high"] = hall(out["mean"], out["stderr"], out["skewness"], len(values), t)
        return out

    def clustered(q):
        average, error, degrees = cr2(q["values"], q["clusters"])
        sizes = set(numpy.bincount(q["clusters"]).tolist())
        if len(sizes) == 1:
            fit = sm.OLS(q["values"], numpy.ones(len(q["values"]))).fit(cov_type="cluster", cov_kwds={"groups": q["clusters"]})
            assert not differs(error, float(fit.bse[0])), "CR2 of equal clusters is statsmodels' standard error"
            error, degrees = float(fit.bse[0]), len(set(q["clusters"])) - 1.0
        t = stats.t.ppf((1 + q["confidence"]) / 2, degrees)
        return {"mean": average, "stderr": error, "degrees": degrees, "low": average - t * error, "high": average + t * error}

    def in_clusters():
        groups = inputs.whole(2, 15)
        equal = inputs.whole(0, 1)
        sizes = [inputs.whole(1, 6)] * groups if equal else [inputs.whole(1, 12) for _ in range(groups)]
        return {"values": inputs.values(sum(sizes)), "clusters": inputs.clusters(sizes), "confidence": inputs.confidence()}
    return [
        compare(program, "mean", [{"values": inputs.values(inputs.whole(2, 80)), "confidence": inputs.confidence()} for _ in range(n)], mean),
        compare(program, "clustered", [in_clusters() for _ in range(2 * n)], clustered),
    ]


def compare_bootstraps(program, inputs, n):
    import numpy

    def ratio(sums, counts, axis):
        return sums.sum(axis=axis) / counts.sum(axis=axis)

    def bca(q):
        clusters = q.get("clusters") or list(range(len(q["values"])))
        order = list(dict.fromkeys(clusters))
        units = [numpy.array([sum(v for v, c in zip(q["values"], clusters) if c == name) for name in order]),
                 numpy.array([float(clusters.count(name)) for name in order])]
        return scipy_bca(q, units, ratio)

    def asked(clustered):
        out = {"confidence": inputs.confidence(), "resamples": 400, "seed": inputs.whole(1, 2 ** 31)}
        sizes = [inputs.whole(1, 5) for _ in range(inputs.whole(4, 12))] if clustered else [1] * inputs.whole(4, 30)
        out["values"] = inputs.values(sum(sizes))
        return {**out, "clusters": inputs.clusters(sizes)} if clustered else out
    return [compare(program, "bca", [asked(clustered=False) for _ in range(n)] + [asked(clustered=True) for _ in range(n)], bca)]


def compare_agreement(program, inputs, n):
    import numpy
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import cohens_kappa

    def kappa(q):
        table = numpy.array(q["table"])
        weights = None if q["weights"] == "none" else q["weights"]
        found = cohens_kappa(table, wt=weights, return_results=True)
        out = {"value": float(found.kappa), "stderr": float(found.std_kappa)}
        rows, columns = (numpy.repeat(numpy.indices(table.shape)[axis], table.ravel()) for axis in (0, 1))
        labels = list(range(len(table)))
        assert not differs(out["value"], cohen_kappa_score(rows, columns, labels=labels, weights=weights)), "statsmodels and scikit-learn"
        if q["confidence"] == 0.95:
            out["low"], out["high"] = max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))
        return out

    def threshold(q):
        scores, right = numpy.array(q["scores"]), numpy.array(q["right"]) > 0
        each = sorted(set(q["scores"]))
        kappas = [cohen_kappa_score(scores >= score, right) for score in each]
        kappas = [0.0 if math.isnan(value) else value for value in kappas]
        best = next(i for i, value in enumerate(kappas) if value >= max(kappas) - 1e-12)
        return {"kappa": max(kappas), "value": each[best] if best == 0 else (each[best - 1] + each[best]) / 2}

    def table():
        labels = inputs.whole(2, 5)
        drawn = inputs.random.integers(0, 9, (labels, labels)) + numpy.diag(inputs.random.integers(1, 20, labels))
        return drawn.tolist()

    def graded():
        size = inputs.whole(6, 60)
        scores = inputs.random.integers(0, 20, size) / 20
        right = scores + inputs.random.normal(0, 0.4, size) > 0.5
        right[0], right[1], scores[0] = True, False, scores[1] + 1
        return {"scores": scores.tolist(), "right": right.astype(int).tolist()}
    return [
        compare(program, "kappa", [{"table": table(), "weights": ("none", "linear", "quadratic")[i % 3], "confidence": 0.95}
                                   for i in range(3 * n)], kappa),
        compare(program, "threshold", [graded() for _ in range(n)], threshold),
    ]


def compare_classification(program, inputs, n):
    import numpy
    from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

    def labels_of(table):
        table = numpy.array(table)
        return (numpy.repeat(numpy.indices(table.shape)[axis], table.ravel()) for axis in (0, 1))

    def slopes(expected, answered):
        """How macro F1 changes with each case's weight, by differences: the infinitesimal jackknife. Equal cases are alike."""
        n, known = len(expected), {}

        def weighted(case, by):
            weights = numpy.ones(n)
            weights[case] += by
            return f1_score(expected, answered, average="macro", zero_division=0, sample_weight=weights)
        for case, kind in enumerate(zip(expected, answered)):
            if kind not in known:
                known[kind] = n * (weighted(case, 1e-4) - weighted(case, -1e-4)) / 2e-4
        return [known[kind] for kind in zip(expected, answered)]

    def whole(q):
        expected, answered = labels_of(q["table"])
        precision, recall, f1, _ = precision_recall_fscore_support(expected, answered, zero_division=0)
        out = {}
        if q["stderr"]:
            out["macro_stderr"] = float(numpy.std(slopes(expected, answered), ddof=1) / math.sqrt(len(expected)))
        return {"accuracy": accuracy_score(expected, answered), "macro_f1": f1_score(expected, answered, average="macro", zero_division=0),
                "micro_f1": f1_score(expected, answered, average="micro", zero_division=0), "precision": precision.tolist(),
                "recall": recall.tolist(), "f1": f1.tolist(), **out}

    tables = [{"table": (inputs.random.integers(0, 6, (size, size)) * (inputs.random.random((size, size)) < 0.6)).tolist()}
              for size in (inputs.whole(2, 7) for _ in range(n))]
    for i, each in enumerate(tables):
        each["table"][0][0] += 2
        each["stderr"] = i % 5 == 0
    return [
        compare(program, "classification", tables, whole),
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", help="statistics-lines")
    arguments.add_argument("--inputs", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    options.program = os.path.abspath(options.program)
    enter_environment(HERE / "statistics_oracles")

    warnings.simplefilter("ignore")
    program, inputs = Program(options.program), Inputs(options.seed)
    wrong = []
    for part in (compare_distributions, compare_counts, compare_means, compare_bootstraps, compare_agreement, compare_classification):
        wrong += part(program, inputs, options.inputs)
    return 1 if any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
