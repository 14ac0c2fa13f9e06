"""Open the course as a learner does, in a real browser without a window, press "Run All", move every slider, and say how it ended.

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

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent


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
    menu(page, "Edit", "Clear Outputs of All Cells")
    cells = saved(page, notebook, lambda cells: not any(cell["outputs"] for cell in cells), patience)
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
    dead = move_sliders(page)
    return 0 if ran == len(cells) and not errors(cells) and not dead else 1


def move_sliders(page: Page) -> int:
    """Move each slider of the page by keyboard and wait for the picture below it to change; how many change nothing."""
    page.keyboard.press("Escape")
    panels = page.locator(".jp-OutputArea .widget-vbox:has(.widget-slider):has(img)")
    dead = 0
    for panel in (panels.nth(number) for number in range(panels.count())):
        panel.scroll_into_view_if_needed()
        picture = panel.locator("img").first
        for number in range(panel.locator(".noUi-handle").count()):
            before, handle = picture.get_attribute("src"), panel.locator(".noUi-handle").nth(number)
            handle.focus()
            for _ in range(12):
                handle.press("ArrowRight")
            deadline = time.monotonic() + 60
            while picture.get_attribute("src") == before and time.monotonic() < deadline:
                time.sleep(0.5)
            changed = picture.get_attribute("src") != before
            name = panel.locator(".widget-label").nth(number).inner_text()
            print(f"slider {name}: the picture {'changed' if changed else 'stayed as it was'}")
            dead += not changed
    return dead


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
