"""`lmcourse.plots`: pictures of a fixed size, without warnings, legible, told in words, and returning nothing."""

from __future__ import annotations

import base64
import io
import itertools
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from PIL import Image

from lmcourse import metrics, plots
from lmcourse.autodiff import Variable
from lmcourse.errors import LmcourseError
from lmcourse.plots import graphs, landscapes, look, overview, pictures


def computed():
    """A small computation, with its slopes: a neuron's squared error."""
    w, x = Variable(0.5), Variable([2.0])
    error = ((w * x + 1).tanh() - 1) ** 2
    loss = error.sum()
    loss.backward()
    return {"w": w, "x": x, "L": loss}


@pytest.fixture
def shown(monkeypatch):
    """Catch the pictures instead of showing them."""
    caught: list[Figure] = []
    for module in (look, pictures, landscapes, graphs, overview):
        monkeypatch.setattr(module, "show", caught.append)
    return caught


BINS = metrics.reliability([0.95] * 10 + [0.5] * 4, [True] * 9 + [False] * 3 + [True] * 2)
DRAWN = {
    "lines": lambda: plots.lines(
        {"train": [3, 2, 1], "valid": np.array([3.0, 2.5, 2.4])},
        title="Loss",
        xlabel="steps",
        ylabel="nats",
        spread={"valid": [0.1, 0.1, 0.1]},
    ),
    "log lines": lambda: plots.lines({"en": ([10, 100], [5, 3]), "zh": ([10, 1000], [9, 4])}, log_x=True, log_y=True),
    "bars": lambda: plots.bars({"clean": 1.5, "dirty": 2.5}, spread={"clean": 0.1}, highlight="clean", xlabel="bits"),
    "grouped": lambda: plots.grouped(
        {"mojibake": {"precision": 0.9, "recall": 0.8}, "menus": {"recall": 1}}, spread={"mojibake": {"recall": 0.1}}
    ),
    "stacked": lambda: plots.stacked({"raw": {"text": 10, "menus": 5}, "clean": {"text": 9}}, title="A page"),
    "histogram": lambda: plots.histogram(
        {"pages": [1, 2, 2, 3, 10], "documents": [5, 6]}, log_x=True, xlabel="characters"
    ),
    "seeds": lambda: plots.seeds(
        {"base": [1.0, 1.1, 1.2], "no clipping": [1.1, 1.3], "one": np.array([2.0])}, base="base", title="Loss", xlabel="nats"
    ),
    "confusion": lambda: plots.confusion(["boat", "船", "none"], [[5, 1, 0], [0, 4, 2]], title="Intents"),
    "confusion of many": lambda: plots.confusion([f"label {n}" for n in range(40)], np.eye(40, dtype=int)),
    "reliability": lambda: plots.reliability(
        {"before": BINS, "after": BINS[:1]}, title="Calibration"
    ),
    "reliability of one": lambda: plots.reliability(BINS),
    "points": lambda: plots.points(
        {"days": {"monday": (0, 1), "星期二": (0.2, 0.9)}, "food": {"bread": np.array([2.0, 3.0])}}, title="A map", xlabel="x"
    ),
    "pipeline": lambda: plots.pipeline(["data", "tokens"]),
    "course": lambda: plots.course({"corpus": ["1.1 MB", "10,000 pairs"], "training": ["6 minutes"]}, title="What was built"),
    "tokens": lambda: plots.tokens({"characters": list("a $5 猫\n"), "BPE": ["a", " $5", " 猫", "\n"]}, title="Cut"),
    "grid": lambda: plots.grid([[1, 20], [3, 400]], rows=["a", "b"], columns=["t=0", "t=1"], marked=[(0, 1)]),
    "descent_1d": lambda: plots.descent_1d(
        lambda x: x**2, {"slow": [1, 0.9, 0.8], "gone": np.array([1.0, -2, 4])}, title="Two rates"
    ),
    "contours": lambda: plots.contours(
        lambda x, y: x**2 + 9 * y**2, {"plain": [[-4, 1], [-3, 0], [0, 0]], "wild": [[1, 1], [90, 9], [1e9, 1e9]]}
    ),
    "graph": lambda: plots.graph(computed()["L"], computed(), title="One neuron"),
    "heatmap": lambda: plots.heatmap(
        [[0.1, 0.9, 0.0], [0.7, 0.2, 0.1]], rows=["船", "来"], columns=["the", "ferry", "comes"], form="{:.1f}", title="Who looks where"
    ),
}


@pytest.fixture(scope="module")
def drawn():
    """Each picture once, made with warnings as errors: what was returned, the figure, its PNG."""
    caught: list[Figure] = []
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        for module in (look, pictures, landscapes, graphs, overview):
            patch.setattr(module, "show", caught.append)
        returned = {name: draw() for name, draw in DRAWN.items()}
        assert len(caught) == len(DRAWN), "one picture for each call"
        return {name: (returned[name], figure, look.png(figure)) for name, figure in zip(DRAWN, caught, strict=True)}


@pytest.mark.parametrize("name", DRAWN)
def test_every_picture_has_its_size_and_its_words_and_nothing_is_returned(drawn, name):
    """A returned axis would be printed below the picture, with an address; the words are what nbval compares."""
    returned, figure, png = drawn[name]
    picture = Image.open(io.BytesIO(png))
    assert returned is None
    assert picture.size == tuple(round(look.DPI * inches) for inches in figure.get_size_inches())
    assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 10, "something is drawn"
    assert figure.get_size_inches()[0] <= 12, "no wider than a slide"
    text = look.words(figure)
    assert text.startswith("Figure. ") and len(text) > 15 and "<" not in text and "0x" not in text


@pytest.mark.parametrize("name", DRAWN)
def test_type_is_legible_from_the_back_row(drawn, name):
    """No text below 11 points on a picture 8 to 12 inches wide."""
    texts = drawn[name][1].findobj(Text)
    assert min(text.get_fontsize() for text in texts if text.get_text().strip() and text.get_visible()) >= 11


def test_the_words_tell_title_axes_and_names(shown):
    """Each part is needed to follow a picture that cannot be seen."""
    DRAWN["lines"]()
    assert look.words(shown[0]) == "Figure. Loss; across: steps; up: nats; lines: train, valid"
    DRAWN["pipeline"]()
    assert "pipeline: [data] → [tokens] → network" in look.words(shown[1])


def test_the_same_picture_has_the_same_bytes(shown):
    """A picture that differed from run to run would make every re-run a change in the repository."""
    for draw in (DRAWN["lines"], DRAWN["lines"]):
        draw()
    first, second = map(look.png, shown)
    assert first == second and b"Software" not in first


def nearest(colours):
    """The smallest distance of two colours, for full colour vision, red-blind and green-blind eyes."""

    def linear(colour):
        srgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)

    # Dichromats after Viénot, Brettel and Mollon (1999), in linear light.
    protan = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
    deutan = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
    seen = [[np.clip(eye @ linear(c), 0, 1) ** (1 / 2.2) for c in colours] for eye in (np.eye(3), protan, deutan)]
    return min(np.linalg.norm(a - b) for eye in seen for a, b in itertools.combinations(eye, 2))


def test_colours_are_told_apart_with_any_colour_vision():
    """Five lines in one picture stay apart; the measure is one that matplotlib's own first four colours fail."""
    assert nearest(look.COLOURS[:5]) > 0.25 > nearest(["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"])


def test_paths_are_told_in_words(shown):
    """Where each path ends is the point of the picture, so a reader who cannot see it hears it, coarsely rounded."""
    DRAWN["descent_1d"]()
    DRAWN["contours"]()
    assert "a path of 2 steps from 1.0, gone at step 1" in look.words(shown[0])
    assert "plain (ends at 0.0, 0.0), wild (ends at far away, far away)" in look.words(shown[1])


def test_a_graph_names_values_and_slopes(shown):
    """Names given, operations otherwise; each with its value and slope; arrows only from left to right."""
    named = computed()
    plots.graph(named["L"], named)
    words = look.words(shown[0])
    assert "w (0.5, slope " in words and "L (" in words and "slope 1)" in words and "tanh (" in words
    boxes = [patch.get_path().get_extents() for patch in shown[0].axes[0].patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == len(named["L"].ancestors())


def test_end_labels_never_overlap(shown):
    """Five lines that end at one point: their names are pushed apart, and stay inside the picture."""
    plots.lines({f"line {n}": [1.0, 2.0 + n / 1000] for n in range(5)} | {"low": [1.0, -50.0]})
    names = sorted(text.get_position()[1] for text in shown[0].axes[0].texts)
    assert len(names) == 6 and all(b - a >= 0.0749 for a, b in itertools.pairwise(names))
    assert names[0] >= 0 and names[-1] <= 1.0001


def test_a_character_no_font_has_becomes_a_box(monkeypatch):
    """On a machine without a Chinese font a picture must neither warn nor drop the character in silence."""
    monkeypatch.setattr(look, "_drawable", lambda: frozenset(map(ord, "abc ")))
    assert look.legible("ab猫\nc") == "ab□\nc" and not look.can_draw("猫") and look.can_draw("abc")


def test_without_a_chinese_font_the_pipeline_leaves_the_terms_out(monkeypatch, shown):
    """Boxes in place of every Chinese term would help nobody."""
    monkeypatch.setattr(look, "_fonts", lambda: ("DejaVu Sans",))
    look._drawable.cache_clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plots.pipeline("data")
            plots.bars({"猫": 1})
            for figure in shown:
                look.png(figure)
    finally:
        look._drawable.cache_clear()
    assert not any("□" in text.get_text() for text in shown[0].axes[0].texts)


def test_a_dollar_sign_is_a_dollar_sign(shown):
    """Matplotlib would read the text between two of them as a formula, and refuse most tokens."""
    plots.bars({"$5 and $6_": 1, "a_$^$": 2})
    plots.tokens({"BPE": ["$", "x^", "$", "\\"]})
    for figure in shown:
        look.png(figure)


def test_the_callers_own_settings_stay(shown):
    """Drawing is not allowed to change how the learner's own pictures look."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    for draw in DRAWN.values():
        draw()
    with plots.panels(2) as (left, right):
        plots.lines({"a": [1, 2]}, ax=left)
        plots.bars({"a": 1}, ax=right)
    assert dict(mpl.rcParams) == before
    with mpl.rc_context():
        plots.style()
        assert mpl.rcParams["font.size"] == look.STYLE["font.size"]


def test_panels_share_one_picture(shown):
    """Charts given a panel show nothing themselves; the picture comes once, at the end of the block."""
    with plots.panels(2) as (left, right):
        plots.lines({"a": [1, 2]}, title="one", ax=left)
        plots.histogram({"b": [1, 2]}, title="two", ax=right)
        assert not shown
    assert len(shown) == 1 and look.words(shown[0]) == "Figure. one; lines: a | two; up: how many; histogram: b"


def test_a_line_keeps_its_colour_and_ticks_stand_at_the_points(shown):
    """Would notice a way that is blue in one picture and green in the next, and an axis whose numbers miss the dots."""
    sizes, fixed = [8, 32, 128, 512, 945], {"full": 0, "scratch": 2}
    for names in (("scratch", "full"), ("new", "full", "scratch")):
        plots.lines({name: [1, 2, 3, 4, 5] for name in names}, x=sizes, log_x=True, ticks=sizes, colours=fixed)
    for figure in shown:
        panel = figure.axes[0]
        look.png(figure)
        assert [text.get_text() for text in panel.get_xticklabels()] == ["8", "32", "128", "512", "945"]
        assert not len(panel.get_xticks(minor=True))
        drawn = dict(zip((text.get_text() for text in sorted(panel.texts, key=lambda text: text.get_position()[1])), panel.texts, strict=True))
        assert {name: drawn[name].get_color() for name in fixed} == {name: look.ink(look.COLOURS[place]) for name, place in fixed.items()}
        assert {line.get_color() for line in panel.lines} >= {look.COLOURS[0], look.COLOURS[2]}


def test_bars_say_their_values(shown):
    """The numbers stand at the bars' ends, in the form asked for, and only the highlighted bar is coloured."""
    plots.bars({"a": 0.5, "b": 1234.5}, form="{:,.1f}", highlight=["b"])
    panel = shown[0].axes[0]
    assert [text.get_text() for text in panel.texts] == ["0.5", "1,234.5"]
    assert panel.patches[0].get_facecolor() != panel.patches[1].get_facecolor()


def test_stacked_parts_lie_end_to_end(shown):
    """Each part begins where the one before it ends."""
    plots.stacked({"row": {"a": 2, "b": 3, "c": 5}})
    spans = [(patch.get_x(), patch.get_width()) for patch in shown[0].axes[0].patches[:3]]
    assert spans == [(0, 2), (2, 3), (5, 5)]


def test_a_histogram_counts_every_number(shown):
    """The largest and the smallest number are in the outer bins, on a logarithmic axis too."""
    for log in (False, True):
        plots.histogram({"a": [1.0, 3.0, 3.0, 1000.0], "b": [2.0]}, bins=7, log_x=log)
        steps = [patch for patch in shown[-1].axes[0].patches]
        assert [int(patch.get_data().values.sum()) for patch in steps] == [4, 1]


def test_long_rows_of_tokens_go_on_in_the_next_line():
    """No box may leave the picture, none may cover another, and the order is kept."""
    boxes = pictures._laid_out([f"tok{n}" for n in range(50)] + ["猫" * 5], width=40)
    assert all(left + size <= 40.01 for left, _, size, _ in boxes)
    for before, after in itertools.pairwise(boxes):
        assert (before[1], before[0] + before[2]) <= (after[1], after[0] + 0.001) or after[1] == before[1] + 1
    assert boxes[-1][2] > 10 and [text for *_, text in boxes][:2] == ["tok0", "tok1"]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.lines({}), "nothing to draw"),
        (lambda: plots.bars({}), "nothing to draw"),
        (lambda: plots.confusion(["a"], [[1, 2]]), "one for each column"),
        (lambda: plots.reliability([]), "at least one answer"),
        (lambda: plots.grouped({}), "nothing to draw"),
        (lambda: plots.stacked({}), "nothing to draw"),
        (lambda: plots.histogram({}), "nothing to draw"),
        (lambda: plots.tokens({}), "nothing to draw"),
        (lambda: plots.grid([[1], [1, 2]]), "equal length"),
        (lambda: plots.pipeline("embedding"), "stages are: data"),
        (lambda: plots.course({"limits": ["none"]}), "stages are: corpus"),
        (lambda: plots.course({"corpus": "1.1 MB"}), "a list of at most"),
        (lambda: plots.descent_1d(np.square, {}), "nothing to draw"),
        (lambda: plots.descent_1d(np.square, {"a": [[1, 2]]}), "the shape"),
        (lambda: plots.contours(np.hypot, {"a": [1, 2]}), "steps"),
        (lambda: plots.heatmap([1, 2]), "rows by columns"),
        (lambda: plots.heatmap([[1.0, float("nan")]]), "NaN"),
        (lambda: plots.heatmap([[1, 2]], columns=["a"]), "2 columns and 1 names"),
        (lambda: plots.graph(sum(map(Variable, range(30)), Variable(0.0))), "at most 24"),
        (lambda: plots.lines({"a": [1, 2]}, x=[1]), "1 x values for 2 values"),
        (lambda: plots.lines({"a": []}), "at least one"),
        (lambda: plots.lines({"a": [1, 2]}, spread={"a": [1]}), "1 numbers for 2 points"),
        (lambda: plots.bars({"a": 1}, highlight="b"), "named b; the names are a"),
        (lambda: plots.bars({"a": 1}, spread={"b": 1}), "named b"),
        (lambda: plots.stacked({"a": {"x": -1}}), "0 or more"),
        (lambda: plots.histogram({"a": [0, 1]}, log_x=True), "no place for 0"),
        (lambda: plots.histogram({"a": []}), "at least one number"),
        (lambda: plots.histogram({"a": [float("nan")]}), "NaN"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw, words, shown):
    """A sentence that says what to give, instead of matplotlib's own error, and no half picture."""
    with pytest.raises(LmcourseError, match=words):
        draw()
    assert not shown


def test_a_notebook_gets_a_png_with_its_size_and_its_words(monkeypatch):
    """Published as text and PNG in one message: half the pixels' size, so that it is sharp on a dense screen."""
    import IPython

    sent = []

    class Shell:
        class display_pub:
            publish = staticmethod(lambda data, metadata: sent.append((data, metadata)))

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    plots.bars({"a": 1, "b": 2}, title="Two")
    ((data, metadata),) = sent
    assert data["text/plain"] == "Figure. Two; bars: a, b"
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert metadata["image/png"]["width"] == 768 and picture.size[0] == 1152


def test_outside_a_notebook_the_picture_is_a_file(capsys, tmp_path, monkeypatch):
    """A plain script has no page to show it on; it must not open windows or block."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plots.bars({"a": 1})
    told = capsys.readouterr().out
    (file,) = tmp_path.glob("*.png")
    assert "Figure. bars: a" in told and str(file) in told and file.read_bytes().startswith(b"\x89PNG")


def test_text_has_contrast():
    """Text in a line's colour on white, and numbers inside coloured bars: at least 4.5 to 1 (WCAG 2, level AA)."""
    assert look.luminance("#FFFFFF") == pytest.approx(1) and look.luminance("#000000") == 0
    for colour in look.COLOURS:
        behind, written = look.luminance(colour), {"black": 0.0, "white": 1.0}[look.ink_on(colour)]
        assert (max(behind, written) + 0.05) / (min(behind, written) + 0.05) >= 4.5
        assert 1.05 / (look.luminance(look.ink(colour)) + 0.05) >= 4.5
    assert look.ink("#0072B2") == "#0072B2", "dark enough already, so unchanged"
    assert 1.05 / (look.luminance(look.GREY) + 0.05) >= 4.5


def test_a_map_covers_no_name_with_another():
    """Would notice a heap of names that nobody can read: of fifty points in one place few are named."""
    with plots.panels(1, width=10.5, height=7.5) as (ax,):
        rng = np.random.default_rng(0)
        heap = {f"word{n}": 0.01 * rng.random(2) for n in range(50)}
        plots.points({"heap": heap, "far": {"alone": (9.0, 9.0)}}, ax=ax)
        written = [text.get_text() for text in ax.texts]
        assert "alone" in written and len(written) < 30
    for wrong in ({}, {"a": {}}, {"a": {"b": (1, 2, 3)}}, {"a": {"b": (np.nan, 0)}}):
        with pytest.raises(LmcourseError, match="at least one|two coordinates"):
            plots.points(wrong)


def test_shades_say_the_sign(shown):
    """Zero is white in a table of both signs; in one of a single sign the darkest is the farthest from zero, or ``top``."""
    for table, top, white, limits in (
        ([[-2, 1, 0]], None, 2, (-2, 2)), ([[0, 0.5]], 1, 0, (0, 1)), ([[-3, 0]], None, 1, (-3, 0)),
    ):  # fmt: skip
        plots.heatmap(table, top=top)
        (image,) = shown[-1].axes[0].images
        assert image.get_clim() == limits
        assert np.allclose(image.to_rgba(image.get_array())[0, white], 1.0, atol=0.01)
    assert look.words(shown[0]) == "Figure. heat map: 1 rows, 3 columns", "the bar beside it has no words of its own"
