import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Headless Chromium of the machine; without one, tests skip here and fail in CI."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        absent = f"no Chromium on PATH, looked for: {', '.join(CHROMIUM)}"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- slow to import

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()
