"""Skip-gram beside gensim's word2vec, on one CPU thread: pairs a second, and the quality of the vectors.

    OMP_NUM_THREADS=1 python bench/embedding.py [--seeds 3]

Same texts, same vocabulary, 100 numbers a word, window 5, 5 negatives, the same subsampling, rate and epochs. Texts: the
English of Willow Bay, measured by groups of its words; and the Wikipedia sample without its mark-up, measured by the rank
correlation with people's ratings (WordSim-353, SimLex-999), on the pairs whose words both know. Time is CPU time of
training alone, after the vocabulary has been counted; both are credited with the same number of pairs, which is counted in
our own run (gensim draws windows and skips frequent words by the same formulas). The order of the two changes every turn.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from gensim.models import Word2Vec

import lmcourse as lm

Scores = dict[str, float]


def willow_bay() -> list[list[str]]:
    texts = [document.text for document in lm.corpus.load("willow_bay")]
    texts += [pair.en for pair in lm.corpus.load("willow_bay/parallel")]
    return [lm.tokenizers.plain_words(text) for text in texts]


def wikipedia() -> list[list[str]]:
    pages = lm.corpus.load("wikipedia-sample")
    texts = [lm.tokenizers.plain_words(lm.cleaning.strip_wikitext(page.text)) for page in pages]
    # gensim cuts what is longer than 10,000 words; cut here, so that both read the same.
    return [text[at : at + 10_000] for text in texts for at in range(0, len(text), 10_000)]


def by_groups(vectors: lm.WordVectors) -> Scores:
    return {"groups": lm.metrics.group_score(vectors, lm.metrics.GROUPS)}


def by_people(vectors: lm.WordVectors) -> Scores:
    return {name: lm.metrics.rating_score(vectors, lm.corpus.load(name))[0] for name in ("wordsim-353", "simlex-999")}


def ours(texts: Sequence[Sequence[str]], epochs: int, rate: float, seed: int) -> tuple[lm.WordVectors, int, float]:
    lm.nn.embedding.numbered(texts, lm.nn.vocabulary(texts))  # warm
    start = time.process_time()
    counted = lm.nn.vocabulary(texts)
    lm.nn.embedding.numbered(texts, counted)
    counting = time.process_time() - start
    start = time.process_time()
    model = lm.SkipGram(epochs=epochs, rate=rate).fit(texts, seed=seed)
    return model.vectors, model.pairs, time.process_time() - start - counting


def theirs(texts: Sequence[Sequence[str]], epochs: int, rate: float, seed: int) -> tuple[lm.WordVectors, float]:
    model = Word2Vec(
        vector_size=100, window=5, min_count=5, sg=1, negative=5, sample=1e-3, alpha=rate, workers=1, seed=seed + 1
    )
    model.build_vocab(texts)
    start = time.process_time()
    model.train(texts, total_examples=len(texts), epochs=epochs)
    seconds = time.process_time() - start
    return lm.WordVectors(model.wv.index_to_key, torch.tensor(model.wv.vectors)), seconds


def compare(name: str, texts: list[list[str]], score: Callable[[lm.WordVectors], Scores], seeds: int) -> None:
    print(f"\n{name}: {sum(map(len, texts)):,} words")
    for epochs, rate in ((5, 0.025), (5, 0.05), (15, 0.025)):
        rows: dict[str, list[tuple[float, Scores]]] = {"lmcourse": [], "gensim": []}
        for seed in range(seeds):
            if seed % 2:
                their_vectors, their_seconds = theirs(texts, epochs, rate, seed)
            our_vectors, pairs, our_seconds = ours(texts, epochs, rate, seed)
            if not seed % 2:
                their_vectors, their_seconds = theirs(texts, epochs, rate, seed)
            rows["lmcourse"].append((pairs / our_seconds, score(our_vectors)))
            rows["gensim"].append((pairs / their_seconds, score(their_vectors)))
        for who, found in rows.items():
            speed = np.array([speed for speed, _ in found])
            told = []
            for measure in found[0][1]:
                values = [scores[measure] for _, scores in found]
                told.append(f"{measure} {np.mean(values):.3f} ± {np.std(values):.3f}")
            print(f"  {epochs:2} epochs, rate {rate:<5}  {who:8}  {speed.mean():>11,.0f} pairs/s  {', '.join(told)}")
        ratio = np.array([mine / other for (mine, _), (other, _) in zip(*rows.values(), strict=True)])
        print(f"  {'':26} lmcourse / gensim, pairs a second: {ratio.mean():.2f} ({ratio.min():.2f}-{ratio.max():.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="turns with different seeds (default: 3)")
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    compare("Willow Bay", willow_bay(), by_groups, seeds)
    compare("Wikipedia", wikipedia(), by_people, seeds)


if __name__ == "__main__":
    main()
