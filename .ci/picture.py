"""Draw the first screen of a page: python .ci/picture.py PAGE.html PICTURE.png."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(page: str, picture: str) -> int:
    """Open the page in a headless browser, and write what a first glance shows."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        sys.stderr.write(f"picture: no browser found, one of {BROWSERS} is needed\n")
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=FLAGS)
        tab = browser.new_page(viewport={"width": 1200, "height": 880})
        tab.goto(Path(page).resolve().as_uri())
        tab.screenshot(path=picture)
        browser.close()
    sys.stdout.write(f"{picture}, {Path(picture).stat().st_size // 1000} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
