"""Steps in a row: order, counts, streaming, and that cleaning what is clean changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pydoc_data.topics import topics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cleaning import MESS

from lmcourse import pipeline
from lmcourse.cleaning import (
    c4_fault,
    mask_numbers_naively,
    mask_personal,
    quality_fault,
    score,
    score_step,
    strip_tags_naively,
    tidy,
)
from lmcourse.corpus import Document
from lmcourse.corpus.dirt import dirty
from lmcourse.errors import LmcourseError
from lmcourse.pipeline import Pipeline, Step

# Real text that is on every machine. In seed 5 every kind of dirt has something to score.
CLEAN = [Document(name, tidy(text[:1500].rpartition("\n\n")[0]), {"title": name}) for name, text in topics.items()][:70]
DIRTY = dirty(CLEAN, seed=5)
RESULT = pipeline.standard(words=20).run(DIRTY.pages, trace=True)

UPPER = Step.change("upper", str.upper, "capitals")
SHORT = Step.drop("short", lambda text: "too short" if len(text) < 3 else None)
DOCS = [Document("a", "one"), Document("b", "x"), Document("c", "TWO"), Document("d", "")]


def test_counts_reasons_and_examples():
    """The report is what a lesson and a learner see: each number by hand."""
    result = Pipeline([UPPER, SHORT]).run(DOCS)
    assert [document.text for document in result.documents] == ["ONE", "TWO"]
    upper, short = result.report
    assert (upper.documents_in, upper.documents_out, upper.changed, upper.removed) == (4, 4, 2, 0)
    assert (short.documents_in, short.documents_out, short.changed, short.removed) == (4, 2, 0, 2)
    assert (short.characters_in, short.characters_out) == (7, 6)
    assert upper.changed_examples == [("a", "one", "ONE"), ("b", "x", "X")]
    assert short.removed_examples == [("b", "too short", "X"), ("d", "too short", "")]
    assert str(result.report) == (
        "step   documents in  removed  changed  documents out  characters in  characters out\n"
        "-----  ------------  -------  -------  -------------  -------------  --------------\n"
        "upper             4        0        2              4              7               7\n"
        "short             4        2        0              2              7               6"
    )
    assert "seconds" in result.report.table(seconds=True)
    assert json.loads(result.report.to_json())["steps"][1]["reasons"] == {"too short": 2}
    assert "removed 2: too short" in str(short) and "'one'" in str(upper)
    assert result.report.reasons().split("\n")[-1].split() == ["short", "too", "short", "2"]


def test_documents_pass_one_by_one():
    """A pipeline that reads ahead would hold the corpus in memory: after one document out, one has been read."""
    read = []

    def source() -> Iterator[Document]:
        for document in DOCS:
            read.append(document.id)
            yield document

    stream = Pipeline([UPPER, SHORT]).stream(source())
    assert read == [] and next(stream).id == "a" and read == ["a"]
    assert [document.id for document in stream] == ["c"] and read == ["a", "b", "c", "d"]
    assert stream.report["short"].removed == 2


def test_a_pipeline_can_run_again():
    """Counts of an earlier run, or texts remembered by a search for duplicates, must not leak into the next."""
    pipe = pipeline.standard(words=1)
    first, second = pipe.run(DOCS), pipe.run(DOCS)
    assert first.documents == second.documents and str(first.report) == str(second.report)
    assert pipe.report is second.report


def test_input_stays_as_it_was():
    """Documents are the caller's: their meta must not be written into."""
    document = Document("a", "<html><body><p>text</p></body></html>", {"url": "http://a.example"})
    result = Pipeline([pipeline.html_step()]).run([document])
    assert document.meta == {"url": "http://a.example"} and result.documents[0].meta["format"] == "text"


def test_what_was_html_is_not_read_as_html_again():
    """A page that shows a whole page as its text: the second run must not take the text for a page."""
    page = Document(
        "a", "<html><body><p>&lt;html&gt;&lt;p&gt;is how it begins, and the rest follows below.</p></body></html>"
    )
    for step in (pipeline.html_step(), pipeline.wikitext_step()):
        once = Pipeline([step]).run([page]).documents
        assert once[0].text and Pipeline([step]).run(once).documents == once


def test_the_bar_is_quiet_unless_asked_for(capsys):
    """A progress bar in a notebook's stored output would differ on every run."""
    Pipeline([UPPER]).run(DOCS)
    assert capsys.readouterr() == ("", "")
    Pipeline([UPPER]).run(DOCS, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "cleaning" in err


def test_steps_can_be_taken_out_and_replaced():
    """Ablations are how the lesson shows what a step is good for."""
    pipe = Pipeline([UPPER, SHORT])
    assert [step.name for step in pipe.without("upper").steps] == ["short"]
    lower = Step.change("lower", str.lower)
    assert [d.text for d in pipe.replacing("upper", lower).run(DOCS).documents] == ["one", "two"]
    assert str(pipe).split("\n")[0] == "1. upper  capitals"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: Pipeline([]), "needs steps"),
        (lambda: Pipeline([UPPER, UPPER]), "different names"),
        (lambda: Pipeline([UPPER])["lower"], "no step 'lower'; the steps are upper"),
        (lambda: Pipeline([UPPER]).without("lower"), "no step 'lower'"),
        (lambda: Pipeline([UPPER]).run(DOCS).report["lower"], "no step 'lower'"),
        (lambda: Pipeline([UPPER]).run(["text"]), "not on str"),
        (lambda: score(DIRTY, Pipeline([UPPER]).run(DIRTY.pages)), "trace=True"),
        (lambda: score(DIRTY, Pipeline([UPPER]).run(DOCS, trace=True)), "'a', which is no page"),
        (lambda: score_step(DIRTY, str.upper, "polish"), "no way to score 'polish'"),
    ],
)
def test_mistakes_are_said_in_words(action, message):
    """One sentence that names what is there."""
    with pytest.raises(LmcourseError, match=message):
        action()


# -- the recipes ----------------------------------------------------------------------------------------------------


def test_cleaning_clean_pages_changes_nothing():
    """Run on its own output the recipe must do nothing, on real dirt."""
    again = pipeline.standard(words=20).run(RESULT.documents)
    assert again.documents == RESULT.documents
    assert all(step.changed == step.removed == 0 for step in again.report)


@settings(max_examples=15)
@given(st.lists(st.tuples(MESS, st.sampled_from(["a", "b"]), st.booleans()), max_size=8))
def test_cleaning_is_idempotent_on_anything(pages):
    """The same law for text nobody would write, in HTML or plain, with words so few that little is dropped."""
    made = [
        Document(str(i), f"<html><p>{text}" if html else text, {"url": f"http://{site}.example"})
        for i, (text, site, html) in enumerate(pages)
    ]
    once = pipeline.standard(words=0).run(made).documents
    assert pipeline.standard(words=0).run(once).documents == once
    assert [document.id for document in once] == sorted((document.id for document in once), key=int)


def test_the_recipe_keeps_order_and_ids():
    """What is left stands in the order in which it came."""
    ids = [page.id for page in DIRTY.pages]
    kept = [document.id for document in RESULT.documents]
    assert kept == [id for id in ids if id in set(kept)]


def test_wikitext_recipe():
    """Mark-up goes, a redirect is too short, a copy under another name is a copy."""
    article = "'''Ferries''' are [[ship]]s. " + CLEAN[0].text
    docs = [Document("a", article), Document("b", "#REDIRECT [[a]]"), Document("c", article + "\n[[Category:x]]")]
    result = pipeline.wikitext().run(docs)
    assert [document.id for document in result.documents] == ["a"]
    assert result.documents[0].text.startswith("Ferries are ships.")
    assert result.report["length"].removed == 1 and result.report["exact"].removed == 1


def test_another_language():
    """The recipe for Chinese keeps Chinese, which has no English stop words and no blanks, and drops English."""
    text = "清晨的集市还没有开张，卖豆腐的老人已经把摊子摆好了。他说，来得早的人不一定买得最多，但总会多聊上几句。河边那座旧仓库去年改成了图书馆，孩子们放学以后在这里写作业。"
    result = pipeline.standard("zh").run([Document("zh", text), Document("en", CLEAN[0].text)])
    assert [document.id for document in result.documents] == ["zh"]
    assert result.documents[0].text == text


# -- scores ---------------------------------------------------------------------------------------------------------
SCORES = score(DIRTY, RESULT)


@pytest.mark.parametrize(
    ("step", "precision", "recall"),
    [
        ("repair", 0.9, 0.8),
        ("html", 0.85, 0.95),
        ("normalise", 0.95, 0.9),
        ("personal", 0.9, 0.8),
        ("boilerplate", 0.9, 0.9),
        ("language", 0.9, 0.9),
        ("near", 0.95, 0.7),
    ],
)
def test_the_steps_are_good(step, precision, recall):
    """A step that breaks shows here first, with its examples in the message."""
    row = SCORES[step]
    assert row.todo > 0 and row.precision >= precision and row.recall >= recall, str(row)


def test_scores_print_and_have_the_steps_in_order():
    """A line for each step."""
    assert [row.step for row in SCORES] == [step.name for step in RESULT.report]
    lines = str(SCORES).split("\n")
    assert lines[0].split() == ["step", "unit", "precision", "recall", "F1", "made", "to", "do"] and len(lines) == 12
    assert set(SCORES.to_dict()) == {row.step for row in SCORES}


def test_doing_nothing_and_removing_everything():
    """The two empty strategies: never wrong but useless, and complete but ruinous."""
    nothing = score_step(DIRTY, lambda text: None, "quality")
    assert nothing.precision is None and nothing.recall == 0 and nothing.f1 is None
    everything = score_step(DIRTY, lambda text: "all of it", "quality")
    strangers = sum(t.is_spam or t.is_thin for t in DIRTY.labels.values())
    originals = sum(t.source_id is not None for t in DIRTY.labels.values())
    assert everything.recall == 1 and everything.precision == strangers / (strangers + originals)


def test_a_bad_step_scores_badly():
    """Words that a step makes and that stand nowhere in the clean text are wrong; a page shouted has hardly a right one."""
    shout = score_step(DIRTY, str.upper, "repair")
    assert shout.made > 1000 and shout.precision < 0.1 and shout.wrong


@pytest.mark.parametrize(
    "kind", ["html", "repair", "normalise", "personal", "boilerplate", "exact", "near", "language"]
)
def test_a_perfect_step_scores_one(kind):
    """An oracle that reads the labels must get full marks, or the judge itself is wrong."""
    truths = list(DIRTY.labels.values())

    def work(documents, report):
        known = set()
        for document, truth in zip(documents, truths, strict=True):
            key = (truth.source_id, truth.variant) if kind == "exact" else truth.source_id
            again = truth.source_id is not None and key in known
            known.add(key)
            text = {
                "html": truth.body,
                "repair": truth.strewn,
                "normalise": truth.plain,
                "boilerplate": truth.text or truth.plain,
            }
            if kind == "personal":
                for datum in truth.personal:
                    report.find(document.id, datum.kind, datum.value)
            if (kind in ("exact", "near") and again) or (kind == "language" and truth.language != "en"):
                report.remove(document, kind)
                continue
            after = text.get(kind, document.text)
            report.change(document.id, document.text, after)
            yield Document(document.id, after, document.meta)

    row = score_step(DIRTY, Step(kind, work), kind)
    assert row.todo > 0 and row.recall == 1 and row.precision == 1, str(row)


@pytest.mark.parametrize(
    ("kind", "good", "naive"),
    [
        ("html", None, strip_tags_naively),
        ("personal", mask_personal, mask_numbers_naively),
        ("quality", quality_fault, c4_fault),
    ],
)
def test_naive_cleaning_does_measurable_harm(kind, good, naive):
    """The lesson claims it; the score must show it."""
    ours = SCORES["html"] if good is None else score_step(DIRTY, good, kind)
    assert score_step(DIRTY, naive, kind).precision < ours.precision - 0.1
