"""Open the course as a learner does, in a real browser without a window, press "Run All", play with every panel, and say how it ended.

Needs a Chromium and `pip install playwright` in any environment; the course itself need not be importable there:

    python tools/browser_check.py [--chromium PATH] [--lesson 1] [--picture FILE] [--lab COMMAND]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TYPED = "When must I pay the fee, and who opens the library?"  # a translator says it otherwise with another beam and with another penalty


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--lesson", default="1")
    parser.add_argument("--picture", type=Path, help="where to put a screenshot of the end")
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for the lesson to end")
    parser.add_argument("--lab", help="what opens the lab, if not make: it is given the lesson and --no-browser")
    options = parser.parse_args()
    words = [options.lesson, "--no-browser"]
    command = [*shlex.split(options.lab), *words] if options.lab else ["make", "lab", f"ARGS={' '.join(words)}"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        address = next(m[0] for line in server.stdout if (m := re.search(r"http://(?:localhost|127)\S+", line)))
        print("served; opening it", flush=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(address, timeout=120_000)
            notebook = ROOT / "workspace" / Path(unquote(address.split("?")[0])).name
            return run_all(page, notebook, options.patience, options.picture)
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # make, the course's server and JupyterLab
        server.wait(60)


def run_all(page: Page, notebook: Path, patience: float, picture: Path | None) -> int:
    """Clear all outputs, run every cell from the menu, and read from the saved working copy how it went."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    print("open:", page.title(), flush=True)
    cells = [{"outputs": True}]
    deadline = time.monotonic() + patience
    while any(cell["outputs"] for cell in cells) and time.monotonic() < deadline:  # on a busy machine the first click may find nothing yet
        menu(page, "Edit", "Clear Outputs of All Cells")
        cells = saved(page, notebook, lambda cells: not any(cell["outputs"] for cell in cells), 20)
    if any(cell["outputs"] for cell in cells):
        print("the outputs were not cleared in time; give more --patience")
        return 1
    menu(page, "Run", "Restart Kernel and Run All Cells…")
    page.click(".jp-Dialog button.jp-mod-accept")
    start = time.monotonic()
    cells = saved(page, notebook, lambda cells: all(cell["execution_count"] for cell in cells) or errors(cells), patience)
    ran = sum(bool(cell["execution_count"]) for cell in cells)
    claims = sum("".join(output.get("text", "")).count("✓ ") for cell in cells for output in cell["outputs"])
    if picture is not None:
        page.screenshot(path=picture)
    print(f"{ran} of {len(cells)} code cells ran, {claims} claims held, in {time.monotonic() - start:.0f} s")
    print("\n".join(errors(cells)) or "no errors")
    dead = play(page)
    return 0 if ran == len(cells) and not errors(cells) and not dead else 1


def play(page: Page) -> int:
    """Move each slider of the page, type into each text box, choose in each list, and wait for what the panel shows to change.

    A setting need not matter (a wider beam may find the same), so a slider is moved to three places before it is called dead.
    Returns how many controls change nothing.
    """
    page.keyboard.press("Escape")
    panels = page.locator(".jp-OutputArea .widget-vbox:has(textarea, select, .noUi-handle)")
    dead = 0
    for panel in (panels.nth(number) for number in range(panels.count())):
        panel.scroll_into_view_if_needed()
        controls = panel.locator(".widget-inline-hbox:has(textarea, select, .noUi-handle)")
        found = [controls.nth(number) for number in range(controls.count())]
        # Text first; then from the end, for what stands last may count only as long as the others are as they were (a penalty, with a beam).
        for control in sorted(reversed(found), key=lambda control: not control.locator("textarea").count()):
            changed = any(changes(panel, move) for move in moves(control))
            print(f"{control.locator('.widget-label').inner_text()}: what is shown {'changed' if changed else 'stayed as it was'}", flush=True)
            dead += not changed
    print(f"{panels.count()} panels")
    return dead


def moves(control: Locator) -> list[Callable[[], object]]:
    """What a learner may do with a control, the gentlest first."""
    if control.locator("textarea").count():
        return [lambda: (control.locator("textarea").fill(TYPED), control.locator("textarea").blur())]
    if control.locator("select").count():
        return [lambda: control.locator("select").select_option(index=1)]
    handle = control.locator(".noUi-handle")
    return [lambda: (handle.focus(), [handle.press("ArrowRight") for _ in range(12)]), lambda: handle.press("End"), lambda: handle.press("Home")]


def changes(panel: Locator, move: Callable[[], object], patience: float = 20) -> bool:
    """Whether a panel's picture or text is another after ``move``."""
    before = shown(panel)
    move()
    deadline = time.monotonic() + patience
    while shown(panel) == before and time.monotonic() < deadline:
        time.sleep(0.5)
    return shown(panel) != before


def shown(panel: Locator) -> str | None:
    """A panel's picture, or its text."""
    picture = panel.locator("img")
    return picture.first.get_attribute("src") if picture.count() else panel.locator("pre").inner_text()


def menu(page: Page, title: str, entry: str) -> None:
    page.click(f".lm-MenuBar-item:has-text('{title}')")
    page.click(f".lm-Menu-item:has-text('{entry}')")


def errors(cells: list[dict]) -> list[str]:
    return [f"{cell['id']}: {output['evalue']}" for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]


def saved(page: Page, notebook: Path, until: Callable[[list[dict]], object], patience: float) -> list[dict]:
    """Save again and again until the code cells on disk are as asked for, or patience ends; the cells."""
    deadline = time.monotonic() + patience
    while True:
        page.keyboard.press("Control+s")
        time.sleep(2)
        try:
            cells = [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        except json.JSONDecodeError:  # it is being written
            continue
        if until(cells) or time.monotonic() > deadline:
            return cells


if __name__ == "__main__":
    sys.exit(main())
