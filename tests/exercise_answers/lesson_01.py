"""Answers to lesson 1's exercises."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations, groupby

import numpy as np


def sizes_measured():
    text = "柳湾 Café Été"
    misread = text.encode("utf-8").decode("latin-1")
    return len(text), len(text.encode("utf-8")), len(misread), len(misread.encode("utf-8"))


def sizes_known():
    return 11, 18, 18, 30


def sizes_listed():
    bytes_of = [3, 3, 1, 1, 1, 1, 2, 1, 2, 1, 2]
    again = [n if n == 1 else 2 * n for n in bytes_of]
    return [len(bytes_of), sum(bytes_of), sum(bytes_of), sum(again)]


def sizes_one_byte_each():
    return 11, 11, 11, 11


def sizes_chinese_two():
    return 11, 16, 16, 26


def sizes_accent_free():
    return 11, 15, 15, 24


def sizes_no_spaces():
    return 9, 16, 16, 28


def sizes_misread_keeps_length():
    return 11, 18, 11, 18


def sizes_again_as_before():
    text = "柳湾 Café Été"
    misread = text.encode("utf-8").decode("latin-1")
    return len(text), len(text.encode("utf-8")), len(misread), len(misread.encode("latin-1"))


def sizes_all_doubled():
    return 11, 18, 18, 36


def sizes_utf16():
    return 11, 22, 22, 44


def sizes_four_byte_chinese():
    return 11, 20, 20, 34


def sizes_mended():
    text = "柳湾 Café Été".encode().decode("latin-1").encode("latin-1").decode()
    return 11, 18, len(text), len(text.encode())


def sizes_texts():
    text = "柳湾 Café Été"
    misread = text.encode("utf-8").decode("latin-1")
    return text, text.encode("utf-8"), misread, misread.encode("utf-8")


def sizes_one_only():
    return len("柳湾 Café Été".encode().decode("latin-1").encode())


def sizes_printed():
    print(11, 18, 18, 30)


def sizes_ignoring():
    text = "柳湾 Café Été"
    misread = text.encode("latin-1").decode("utf-8")
    return len(text), len(text.encode()), len(misread), len(misread.encode())


def score_log2(loss, tokens, text):
    bits_a_token = loss * math.log2(math.e)
    return bits_a_token * tokens / len(text.encode())


def score_numpy(loss, tokens, text):
    return float(np.array(loss) / np.log(2.0) * tokens / len(bytes(text, "utf-8")))


def score_chance(loss, tokens, text):
    bits = -sum(math.log2(math.exp(-loss)) for _ in range(tokens))
    return bits / sum(len(letter.encode()) for letter in text)


def score_nats(loss, tokens, text):
    return loss * tokens / len(text.encode())


def score_characters(loss, tokens, text):
    return loss / math.log(2) * tokens / len(text)


def score_of_token(loss, tokens, text):
    return loss / math.log(2)


def score_forgot_tokens(loss, tokens, text):
    return loss / math.log(2) / len(text.encode())


def score_times_ln2(loss, tokens, text):
    return loss * math.log(2) * tokens / len(text.encode())


def score_upside_down(loss, tokens, text):
    return loss / math.log(2) * len(text.encode()) / tokens


def score_sum(loss, tokens, text):
    return loss / math.log(2) * tokens


def score_perplexity(loss, tokens, text):
    return math.exp(loss) * tokens / len(text.encode())


def score_log_of_loss(loss, tokens, text):
    return math.log2(loss) * tokens / len(text.encode())


def score_whole_tokens(loss, tokens, text):
    return loss / math.log(2) * (tokens // len(text.encode()))


def score_words(loss, tokens, text):
    return loss / math.log(2) * tokens / len(text.split())


def score_per_bit(loss, tokens, text):
    return loss / math.log(2) * tokens / (8 * len(text.encode()))


def score_latin(loss, tokens, text):
    return loss / math.log(2) * tokens / len(text.encode("latin-1"))


def score_rounded(loss, tokens, text):
    return round(loss / math.log(2) * tokens / len(text.encode()), 2)


def score_floored(loss, tokens, text):
    return loss / math.log(2) * tokens // len(text.encode())


def score_floored_bits(loss, tokens, text):
    return loss // math.log(2) * tokens / len(text.encode())


def threshold_sorted(pairs, real):
    scored, right, found = [], 0, 0
    for similarity, group in groupby(sorted(pairs, reverse=True), key=lambda pair: pair[0]):
        for _, ok in group:
            right, found = right + ok, found + 1
        scored.append((2 * right / (found + real), similarity))
    return max(scored)[::-1]


def threshold_numpy(pairs, real):
    similarity, right = np.array([s for s, _ in pairs]), np.array([r for _, r in pairs])
    levels = np.unique(similarity)
    found = similarity >= levels[:, None]
    hits = (found & right).sum(1)
    f1 = 2 * hits / (found.sum(1) + real)
    return float(levels[f1.argmax()]), float(f1.max())


def threshold_key(pairs, real):
    def f1(threshold):
        tp = sum(right and similarity >= threshold for similarity, right in pairs)
        fp = sum(not right and similarity >= threshold for similarity, right in pairs)
        fn = real - tp
        return tp / (tp + (fp + fn) / 2)

    best = max((similarity for similarity, _ in pairs), key=f1)
    return [best, f1(best)]


def _threshold(pairs, real, score, keep=lambda similarity, threshold: similarity >= threshold):
    scored = []
    for threshold, _ in pairs:
        found = [right for similarity, right in pairs if keep(similarity, threshold)]
        if any(found):
            scored.append((score(sum(found) / len(found), sum(found) / real), threshold))
    best, threshold = max(scored)
    return threshold, best


def _f1(precision, recall):
    return 2 * precision * recall / (precision + recall)


def threshold_strict(pairs, real):
    return _threshold(pairs, real, _f1, lambda similarity, threshold: similarity > threshold)


def threshold_mean(pairs, real):
    return _threshold(pairs, real, lambda precision, recall: (precision + recall) / 2)


def threshold_precise(pairs, real):
    return _threshold(pairs, real, lambda precision, recall: precision)


def threshold_recall(pairs, real):
    return _threshold(pairs, real, lambda precision, recall: recall)


def threshold_no_two(pairs, real):
    return _threshold(pairs, real, lambda precision, recall: precision * recall / (precision + recall))


def threshold_product(pairs, real):
    return _threshold(pairs, real, lambda precision, recall: precision * recall)


def threshold_listed(pairs, real):
    return _threshold(pairs, sum(right for _, right in pairs), _f1)


def threshold_below(pairs, real):
    return _threshold(pairs, real, _f1, lambda similarity, threshold: similarity <= threshold)


def threshold_divides_by_zero(pairs, real):
    scored = []
    for threshold, _ in pairs:
        found = [right for similarity, right in pairs if similarity >= threshold]
        scored.append((_f1(sum(found) / len(found), sum(found) / real), threshold))
    return max(scored)[::-1]


def threshold_order(pairs, real):
    return _threshold(pairs, real, _f1)[::-1]


def threshold_alone(pairs, real):
    return _threshold(pairs, real, _f1)[0]


def threshold_share_of_all(pairs, real):
    best = (0, 0)
    for threshold, _ in pairs:
        right = sum(ok for similarity, ok in pairs if similarity >= threshold)
        precision, recall = right / len(pairs), right / real
        if right:
            best = max(best, (_f1(precision, recall), threshold))
    return best[1], best[0]


def threshold_accuracy(pairs, real):
    def accuracy(threshold):
        return sum((similarity >= threshold) == right for similarity, right in pairs) / len(pairs)

    best = max((similarity for similarity, _ in pairs), key=accuracy)
    return best, accuracy(best)


def threshold_sorts(pairs, real):
    pairs.sort()
    return _threshold(pairs, real, _f1)


def threshold_half(pairs, real):
    found = [right for similarity, right in pairs if similarity >= 0.5]
    return 0.5, 2 * sum(found) / (len(found) + real)


def threshold_one_by_one(pairs, real):
    """A sweep from the most similar pair down, which stops between two pairs of one similarity."""
    best, right = (0.0, 0.0), 0
    for found, (similarity, ok) in enumerate(sorted(pairs, reverse=True), 1):
        right += ok
        best = max(best, (2 * right / (found + real), similarity))
    return best[1], best[0]


def threshold_one_by_one_stable(pairs, real):
    scored, right = [], 0
    for found, (similarity, ok) in enumerate(sorted(pairs, key=lambda pair: pair[0], reverse=True), 1):
        right += ok
        scored.append((2 * right / (found + real), similarity))
    return max(scored)[::-1]


def threshold_strict_sweep(pairs, real):
    """Each similarity tried in turn; the best is replaced only if F1 is higher, and begins as nothing."""
    best_f1, best = 0, None
    for similarity, _ in pairs:
        found = [ok for other, ok in pairs if other > similarity]
        f1 = 2 * sum(found) / (len(found) + real)
        if f1 > best_f1:
            best_f1, best = f1, similarity
    return best, best_f1


def pages_walk(count, pairs, test):
    leaked, waiting = set(), list(test)
    while waiting:
        page = waiting.pop()
        if page not in leaked:
            leaked.add(page)
            waiting += [second for first, second in pairs if first == page]
            waiting += [first for first, second in pairs if second == page]
    return [page for page in range(count) if page not in leaked]


def pages_groups(count, pairs, test):
    group = list(range(count))
    for first, second in pairs:
        old, new = group[first], group[second]
        group = [new if one == old else one for one in group]
    bad = {group[page] for page in test}
    return [page for page in range(count) if group[page] not in bad]


def pages_matrix(count, pairs, test):
    near = np.eye(count, dtype=bool)
    for first, second in pairs:
        near[first, second] = near[second, first] = True
    reach = np.linalg.matrix_power(near.astype(float), count) > 0
    return np.flatnonzero(~reach[list(test)].any(0)).tolist()


def pages_only_direction(count, pairs, test):
    leaked, size = set(test), 0
    while len(leaked) != size:
        size = len(leaked)
        for first, second in pairs:
            if first in leaked:
                leaked.add(second)
    return [page for page in range(count) if page not in leaked]


def pages_other_direction(count, pairs, test):
    leaked = set(test)
    for _ in range(count):
        for first, second in pairs:
            if second in leaked:
                leaked.add(first)
    return [page for page in range(count) if page not in leaked]


def pages_one_pass(count, pairs, test):
    leaked = set(test)
    for first, second in pairs:
        if first in leaked:
            leaked.add(second)
        if second in leaked:
            leaked.add(first)
    return [page for page in range(count) if page not in leaked]


def pages_one_step(count, pairs, test):
    copies = {second for first, second in pairs if first in test} | {first for first, second in pairs if second in test}
    return [page for page in range(count) if page not in copies and page not in test]


def pages_two_passes(count, pairs, test):
    leaked = set(test)
    for first, second in pairs * 2:
        if first in leaked or second in leaked:
            leaked |= {first, second}
    return [page for page in range(count) if page not in leaked]


def pages_without_test(count, pairs, test):
    return [page for page in range(count) if page not in test]


def pages_no_copies_at_all(count, pairs, test):
    copied = {page for pair in pairs for page in pair}
    return [page for page in range(count) if page not in copied and page not in test]


def pages_copies_without_test(count, pairs, test):
    leaked = set(range(count)) - set(pages_walk(count, pairs, test))
    return [page for page in range(count) if page not in leaked - set(test)]


def pages_leaked(count, pairs, test):
    return sorted(set(range(count)) - set(pages_walk(count, pairs, test)))


def pages_set(count, pairs, test):
    return set(pages_walk(count, pairs, test))


def pages_from_one(count, pairs, test):
    return [page for page in range(1, count + 1) if page in pages_walk(count + 1, pairs, test)]


def pages_and(count, pairs, test):
    leaked = set(test)
    for _ in range(count):
        for first, second in pairs:
            if first in leaked and second in leaked:
                leaked |= {first, second}
    return [page for page in range(count) if page not in leaked]


def pages_extend_test(count, pairs, test):
    for page in test:
        for first, second in pairs:
            for one, other in ((first, second), (second, first)):
                if one == page and other not in test:
                    test.append(other)
    return [page for page in range(count) if page not in test]


def pages_turned_round(count, pairs, test):
    """The test pages that have no copy in training: the other way to mend a split."""
    copied = {page for pair in pairs for page in pair}
    return [page for page in test if page not in copied]


def pages_forever(count, pairs, test):
    leaked = set(test)
    while True:
        for first, second in pairs:
            if first in leaked or second in leaked:
                leaked |= {first, second}
        if len(leaked) == count:
            break
    return [page for page in range(count) if page not in leaked]


def bands_split(signatures, rows):
    found = set()
    for band in np.split(signatures, signatures.shape[1] // rows, axis=1):
        buckets = {}
        for page, numbers in enumerate(band.tolist()):
            buckets.setdefault(str(numbers), []).append(page)
        for pages in buckets.values():
            found |= {(i, j) for i in pages for j in pages if i < j}
    return sorted(found)


def bands_one_table(signatures, rows):
    buckets = defaultdict(set)
    for page, signature in enumerate(signatures):
        for band, start in enumerate(range(0, len(signature), rows)):
            buckets[band, signature[start : start + rows].tobytes()].add(page)
    return sorted({pair for pages in buckets.values() for pair in combinations(sorted(pages), 2)})


def bands_earlier(signatures, rows):
    pairs, bands = [], signatures.shape[1] // rows
    buckets = [{} for _ in range(bands)]
    for page, signature in enumerate(signatures.reshape(len(signatures), bands, rows).tolist()):
        earlier = set()
        for table, numbers in zip(buckets, signature, strict=True):
            members = table.setdefault(tuple(numbers), [])
            earlier.update(members)
            members.append(page)
        pairs += [(other, page) for other in earlier]
    return sorted(pairs)


def bands_all_pairs(signatures, rows):
    pairs = []
    for i in range(len(signatures)):
        for j in range(i + 1, len(signatures)):
            for start in range(0, signatures.shape[1], rows):
                if signatures[i, start : start + rows].tolist() == signatures[j, start : start + rows].tolist():
                    pairs.append((i, j))
                    break
    return pairs


def _bands(signatures, rows, key=tuple, starts=None, pairs=combinations):
    found = set()
    for start in starts if starts is not None else range(0, signatures.shape[1], rows):
        buckets = defaultdict(list)
        for page, signature in enumerate(signatures.tolist()):
            buckets[key(signature[start : start + rows])].append(page)
        for pages in buckets.values():
            found.update(pairs(pages, 2))
    return sorted(found)


def bands_mixed(signatures, rows):
    buckets = defaultdict(list)
    for start in range(0, signatures.shape[1], rows):
        for page, signature in enumerate(signatures.tolist()):
            buckets[tuple(signature[start : start + rows])].append(page)
    return sorted({pair for pages in buckets.values() for pair in combinations(pages, 2)})


def bands_mixed_mended(signatures, rows):
    return [(i, j) for i, j in bands_mixed(signatures, rows) if i != j]


def bands_sliding(signatures, rows):
    return _bands(signatures, rows, starts=range(signatures.shape[1] - rows + 1))


def bands_single(signatures, rows):
    return _bands(signatures, 1)


def bands_whole(signatures, rows):
    return _bands(signatures, signatures.shape[1])


def bands_as_number(signatures, rows):
    """rows taken for the number of bands."""
    return _bands(signatures, signatures.shape[1] // rows)


def bands_last_missing(signatures, rows):
    return _bands(signatures, rows, starts=range(0, signatures.shape[1] - rows, rows))


def bands_sums(signatures, rows):
    return _bands(signatures, rows, key=sum)


def bands_as_sets(signatures, rows):
    return _bands(signatures, rows, key=frozenset)


def bands_neighbours(signatures, rows):
    return _bands(signatures, rows, pairs=lambda pages, _: zip(pages, pages[1:], strict=False))


def bands_unhashable(signatures, rows):
    buckets = defaultdict(list)
    for start in range(0, signatures.shape[1], rows):
        for page, signature in enumerate(signatures):
            buckets[signature[start : start + rows]].append(page)
    return sorted({pair for pages in buckets.values() for pair in combinations(pages, 2)})


def bands_repeated(signatures, rows):
    pairs = []
    for start in range(0, signatures.shape[1], rows):
        buckets = defaultdict(list)
        for page, signature in enumerate(signatures.tolist()):
            buckets[tuple(signature[start : start + rows])].append(page)
        for pages in buckets.values():
            pairs += combinations(pages, 2)
    return sorted(pairs)


def bands_both_ways(signatures, rows):
    return sorted({pair for i, j in _bands(signatures, rows) for pair in ((i, j), (j, i))})


def bands_as_set(signatures, rows):
    return set(_bands(signatures, rows))


def bands_buckets(signatures, rows):
    found = []
    for start in range(0, signatures.shape[1], rows):
        buckets = defaultdict(list)
        for page, signature in enumerate(signatures.tolist()):
            buckets[tuple(signature[start : start + rows])].append(page)
        found += [pages for pages in buckets.values() if len(pages) > 1]
    return found


def bands_by_similarity(signatures, rows):
    bands = signatures.shape[1] // rows
    return [
        (i, j)
        for i, j in combinations(range(len(signatures)), 2)
        if np.mean(signatures[i] == signatures[j]) >= (1 / bands) ** (1 / rows)
    ]


def bands_in_sets(signatures, rows):
    """A dictionary of sets, without the band in the key."""
    buckets = defaultdict(set)
    for page, signature in enumerate(signatures.tolist()):
        for start in range(0, len(signature), rows):
            buckets[tuple(signature[start : start + rows])].add(page)
    return sorted({pair for pages in buckets.values() for pair in combinations(sorted(pages), 2)})


def bands_in_lists(signatures, rows):
    """A dictionary of lists, without the band in the key, filled page by page."""
    buckets = {}
    for page, signature in enumerate(signatures.tolist()):
        for start in range(0, len(signature), rows):
            buckets.setdefault(tuple(signature[start : start + rows]), []).append(page)
    return sorted({pair for pages in buckets.values() for pair in combinations(pages, 2)})


def bands_in_lists_upwards(signatures, rows):
    buckets, pairs = {}, set()
    for start in range(0, signatures.shape[1], rows):
        for page, signature in enumerate(signatures):
            buckets.setdefault(str(signature[start : start + rows]), []).append(page)
    for pages in buckets.values():
        pairs |= {(i, j) for i in pages for j in pages if i < j}
    return sorted(pairs)


def bands_counted_by_rows(signatures, rows):
    """rows taken for the number of bands, and for their width as well."""
    found = set()
    for band in range(rows):
        buckets = defaultdict(list)
        for page, signature in enumerate(signatures.tolist()):
            buckets[tuple(signature[band * rows : (band + 1) * rows])].append(page)
        for pages in buckets.values():
            found.update(combinations(pages, 2))
    return sorted(found)


def bands_by_number(signatures, rows):
    return _bands(signatures, rows, starts=range(signatures.shape[1] // rows))


def bands_split_in_rows(signatures, rows):
    pairs = set()
    for band in np.split(signatures, rows, axis=1):
        buckets = defaultdict(list)
        for page, numbers in enumerate(band):
            buckets[numbers.tobytes()].append(page)
        for pages in buckets.values():
            pairs.update(combinations(pages, 2))
    return sorted(pairs)


def bands_all_pairs_row_by_row(signatures, rows):
    pairs = []
    for i, j in combinations(range(len(signatures)), 2):
        if (signatures[i] == signatures[j]).reshape(-1, rows).all(1).any():
            pairs.append((i, j))
    return pairs


def dropout_ranks(word, merges, p, seed):
    rng, rank, tokens = np.random.default_rng(seed), {pair: at for at, pair in enumerate(merges)}, list(word)
    while True:
        best = None
        for place in range(len(tokens) - 1):
            at = rank.get((tokens[place], tokens[place + 1]))
            if at is None or rng.random() < p:
                continue
            if best is None or at < best[0]:
                best = at, place
        if best is None:
            return tokens
        place = best[1]
        tokens = tokens[:place] + [tokens[place] + tokens[place + 1]] + tokens[place + 2 :]


def dropout_drawn_together(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), [*word]
    while places := [i for i, pair in enumerate(zip(tokens, tokens[1:], strict=False)) if pair in merges]:
        draws = rng.random(len(places))
        left = [place for place, draw in zip(places, draws, strict=True) if not draw < p]
        if not left:
            break
        place = min(left, key=lambda i: merges.index((tokens[i], tokens[i + 1])))
        tokens[place] += tokens.pop(place + 1)
    return tokens


def dropout_recursive(word, merges, p, seed):
    rng = np.random.default_rng(seed)

    def go_on(tokens):
        fitting = [
            (merges.index(pair), i) for i, pair in enumerate(zip(tokens, tokens[1:], strict=False)) if pair in merges
        ]
        fitting = [one for one in fitting if rng.random() >= p]
        if not fitting:
            return tokens
        i = sorted(fitting)[0][1]
        return go_on((*tokens[:i], tokens[i] + tokens[i + 1], *tokens[i + 2 :]))

    return list(go_on(tuple(word)))


def _drop(word, merges, p, rng, choose=min, once=False):
    tokens = list(word)
    while True:
        fitting = [
            (merges.index(pair), place)
            for place, pair in enumerate(zip(tokens, tokens[1:], strict=False))
            if pair in merges and rng.random() >= p
        ]
        if not fitting:
            return tokens
        _, place = choose(fitting)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
        if once:
            return tokens


def dropout_leftmost(word, merges, p, seed):
    return _drop(word, merges, p, np.random.default_rng(seed), choose=lambda fitting: fitting[0])


def dropout_latest(word, merges, p, seed):
    return _drop(word, merges, p, np.random.default_rng(seed), choose=max)


def dropout_once(word, merges, p, seed):
    return _drop(word, merges, p, np.random.default_rng(seed), once=True)


def dropout_python_random(word, merges, p, seed):
    from random import Random

    return _drop(word, merges, p, Random(seed))


def dropout_turned(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        fitting = []
        for place, pair in enumerate(zip(tokens, tokens[1:], strict=False)):
            if pair in merges and rng.random() < p:
                fitting.append((merges.index(pair), place))
        if not fitting:
            return tokens
        _, place = min(fitting)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]


def dropout_never(word, merges, p, seed):
    return _drop(word, merges, 0.0, np.random.default_rng(seed))


def dropout_draws_everywhere(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        draws = rng.random(len(tokens) - 1)
        fitting = [
            (merges.index(pair), place)
            for place, (pair, draw) in enumerate(zip(zip(tokens, tokens[1:], strict=False), draws, strict=True))
            if pair in merges and draw >= p
        ]
        if not fitting:
            return tokens
        _, place = min(fitting)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]


def dropout_new_generator(word, merges, p, seed):
    tokens = list(word)
    while True:
        rng = np.random.default_rng(seed)
        fitting = [
            (merges.index(pair), place)
            for place, pair in enumerate(zip(tokens, tokens[1:], strict=False))
            if pair in merges and rng.random() >= p
        ]
        if not fitting:
            return tokens
        _, place = min(fitting)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]


def dropout_whole_rounds(word, merges, p, seed):
    """The lesson's loop over the merges, each of which is left out with probability p."""
    rng, tokens = np.random.default_rng(seed), list(word)
    for pair in merges:
        if rng.random() < p:
            continue
        out, i = [], 0
        while i < len(tokens):
            together = tuple(tokens[i : i + 2]) == pair
            out.append("".join(pair) if together else tokens[i])
            i += 2 if together else 1
        tokens = out
    return tokens


def dropout_everywhere(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        fitting = [pair for pair in zip(tokens, tokens[1:], strict=False) if pair in merges and rng.random() >= p]
        if not fitting:
            return tokens
        pair = min(fitting, key=merges.index)
        out, i = [], 0
        while i < len(tokens):
            together = tuple(tokens[i : i + 2]) == pair
            out.append("".join(pair) if together else tokens[i])
            i += 2 if together else 1
        tokens = out


def dropout_text(word, merges, p, seed):
    return " ".join(_drop(word, merges, p, np.random.default_rng(seed)))


def dropout_changes_merges(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        fitting = [
            (merges.index(pair), place)
            for place, pair in enumerate(zip(tokens, tokens[1:], strict=False))
            if pair in merges and rng.random() >= p
        ]
        if not fitting:
            return tokens
        rank, place = min(fitting)
        tokens[place : place + 2] = ["".join(merges.pop(rank))]


def dropout_loses_last(word, merges, p, seed):
    return _drop(word[:-1], merges, p, np.random.default_rng(seed))


def dropout_ids(word, merges, p, seed):
    names = [*sorted(set(word)), *map("".join, merges)]
    return [names.index(token) for token in _drop(word, merges, p, np.random.default_rng(seed))]


def dropout_forever(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    while any(pair in merges for pair in zip(tokens, tokens[1:], strict=False)):
        fitting = [
            (merges.index(pair), place)
            for place, pair in enumerate(zip(tokens, tokens[1:], strict=False))
            if pair in merges and rng.random() >= p
        ]
        if fitting:
            _, place = min(fitting)
            tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tokens


def dropout_merge_by_merge(word, merges, p, seed):
    """The lesson's loop over the merges, with a draw for each place."""
    rng, tokens = np.random.default_rng(seed), list(word)
    for pair in merges:
        out, i = [], 0
        while i < len(tokens):
            together = tuple(tokens[i : i + 2]) == pair and rng.random() >= p
            out.append("".join(pair) if together else tokens[i])
            i += 2 if together else 1
        tokens = out
    return tokens


def dropout_merge_until_none(word, merges, p, seed):
    rng, tokens = np.random.default_rng(seed), list(word)
    for first, second in merges:
        while True:
            places = [
                i
                for i in range(len(tokens) - 1)
                if tokens[i] == first and tokens[i + 1] == second and rng.random() >= p
            ]
            if not places:
                break
            tokens[places[0] : places[0] + 2] = [first + second]
    return tokens


def dropout_best_merge_drawn(word, merges, p, seed):
    """The earliest merge first, and then the draws, for its places alone."""
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        pairs = list(zip(tokens, tokens[1:], strict=False))
        known = [merges.index(pair) for pair in pairs if pair in merges]
        if not known:
            return tokens
        left = [i for i, pair in enumerate(pairs) if pair == merges[min(known)] and rng.random() >= p]
        if not left:
            return tokens
        tokens[left[0] : left[0] + 2] = [tokens[left[0]] + tokens[left[0] + 1]]


def dropout_global(word, merges, p, seed):
    return _drop(word, merges, p, np.random.mtrand._rand)


def dropout_unseeded(word, merges, p, seed):
    return _drop(word, merges, p, np.random.default_rng())


_RNG = np.random.default_rng(0)


def dropout_of_the_notebook(word, merges, p, seed):
    """The generator made in another cell."""
    return _drop(word, merges, p, _RNG)


def pages_there_and_back(count, pairs, test):
    leaked = set(test)
    for first, second in pairs + pairs[::-1]:
        if first in leaked or second in leaked:
            leaked |= {first, second}
    return [page for page in range(count) if page not in leaked]


def pages_sorted_first(count, pairs, test):
    leaked = set(test)
    for first, second in sorted(pairs):
        if first in leaked or second in leaked:
            leaked |= {first, second}
    return [page for page in range(count) if page not in leaked]


def pages_growing_list(count, pairs, test):
    """A list that grows while a loop runs over it, with no look at what stands in it already."""
    leaked = list(test)
    for page in leaked:
        leaked += [second for first, second in pairs if first == page]
        leaked += [first for first, second in pairs if second == page]
    return [page for page in range(count) if page not in leaked]


def sizes_read_with_windows():
    text = "柳湾 Café Été"
    misread = text.encode().decode("cp1252", errors="replace")
    return len(text), len(text.encode()), len(misread), len(misread.encode())


def bands_larger_first(signatures, rows):
    """All pairs found rightly, with j < i."""
    return sorted((j, i) for i, j in _bands(signatures, rows))


def dropout_drawn_by_rank(word, merges, p, seed):
    """The draws after sorting: in the order of the merges, not of the places."""
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        places = range(len(tokens) - 1)
        fitting = [(merges.index(tuple(tokens[i : i + 2])), i) for i in places if tuple(tokens[i : i + 2]) in merges]
        fitting = [one for one in sorted(fitting) if rng.random() >= p]
        if not fitting:
            return tokens
        place = fitting[0][1]
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]


def dropout_tries_again(word, merges, p, seed):
    """A round in which all places sit out is followed by another one."""
    rng, tokens = np.random.default_rng(seed), list(word)
    while p < 1 and any(pair in merges for pair in zip(tokens, tokens[1:], strict=False)):
        fitting = [
            (merges.index(pair), i)
            for i, pair in enumerate(zip(tokens, tokens[1:], strict=False))
            if pair in merges and rng.random() >= p
        ]
        if fitting:
            place = min(fitting)[1]
            tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tokens


RIGHT = {
    "decoded_wrongly": [sizes_measured, sizes_known, sizes_listed],
    "bits_per_byte": [score_log2, score_numpy, score_chance],
    "best_threshold": [threshold_sorted, threshold_numpy, threshold_key],
    "training_pages": [pages_walk, pages_groups, pages_matrix],
    "candidate_pairs": [bands_split, bands_one_table, bands_earlier],
    "bpe_dropout": [dropout_ranks, dropout_drawn_together, dropout_recursive],
}
WRONG = {
    "decoded_wrongly": [
        sizes_one_byte_each, sizes_chinese_two, sizes_accent_free, sizes_no_spaces, sizes_misread_keeps_length, sizes_again_as_before,
        sizes_all_doubled, sizes_utf16, sizes_four_byte_chinese, sizes_mended, sizes_texts, sizes_one_only, sizes_printed, sizes_ignoring,
        sizes_read_with_windows,
    ],
    "bits_per_byte": [
        score_nats, score_characters, score_of_token, score_forgot_tokens, score_times_ln2, score_upside_down, score_sum, score_perplexity,
        score_log_of_loss, score_whole_tokens, score_words, score_per_bit, score_latin, score_rounded, score_floored, score_floored_bits,
    ],
    "best_threshold": [
        threshold_strict, threshold_mean, threshold_precise, threshold_recall, threshold_no_two, threshold_product, threshold_listed,
        threshold_below, threshold_divides_by_zero, threshold_order, threshold_alone, threshold_share_of_all, threshold_accuracy,
        threshold_sorts, threshold_half, threshold_one_by_one, threshold_one_by_one_stable, threshold_strict_sweep,
    ],
    "training_pages": [
        pages_only_direction, pages_other_direction, pages_one_pass, pages_one_step, pages_two_passes, pages_without_test,
        pages_no_copies_at_all, pages_copies_without_test, pages_leaked, pages_set, pages_from_one, pages_and, pages_extend_test,
        pages_turned_round, pages_forever,
        pages_there_and_back, pages_sorted_first, pages_growing_list,
    ],
    "candidate_pairs": [
        bands_all_pairs, bands_mixed, bands_mixed_mended, bands_sliding, bands_single, bands_whole, bands_as_number, bands_last_missing,
        bands_sums, bands_as_sets, bands_neighbours, bands_unhashable, bands_repeated, bands_both_ways, bands_as_set, bands_buckets,
        bands_by_similarity, bands_in_sets, bands_in_lists, bands_in_lists_upwards, bands_counted_by_rows, bands_by_number,
        bands_split_in_rows, bands_all_pairs_row_by_row,
        bands_larger_first,
    ],
    "bpe_dropout": [
        dropout_leftmost, dropout_latest, dropout_once, dropout_python_random, dropout_turned, dropout_never, dropout_draws_everywhere,
        dropout_new_generator, dropout_whole_rounds, dropout_everywhere, dropout_text, dropout_changes_merges, dropout_loses_last,
        dropout_ids, dropout_forever, dropout_merge_by_merge, dropout_merge_until_none, dropout_best_merge_drawn, dropout_global,
        dropout_unseeded, dropout_of_the_notebook,
        dropout_drawn_by_rank, dropout_tries_again,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "candidate_pairs": {
        "without .tolist() in: for page, numbers in enumerate(band.tolist()):": "a short array's text is as good a key as a list's",
    },
    "bpe_dropout": {"< becomes <= in: if at is None or rng.random() < p:": "a draw is never exactly p"},
}
