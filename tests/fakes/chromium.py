"""The system's Chromium, started so that it does only what a page needs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)

# Each new window would load two pages of Chromium's own for its address bar: a third of a test's processor time. The
# switch replaces Playwright's, so what Playwright disables for good reasons stands here again. A spare renderer is for
# people who go to another site next; a new frame for each page of the same site costs a fifth of going there.
_DISABLED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "RenderDocument",
    "SpareRendererForSitePerProcess",
    "ThirdPartyStoragePartitioning",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; each page wants a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", f"--disable-features={','.join(_DISABLED)}"]
        )
        yield browser
        browser.close()


_RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
# Only what was found travels back: all that was looked at takes half as long again.
_LOOK = f"part => axe.run(part ?? document, {json.dumps(_RULES)}).then(({{violations}}) => ({{violations}}))"
_FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def check(page: Page, pictures: Path, name: str, part: str | None = None) -> None:
    """No axe violation in the page (or in `part`, where the rest was checked before), nothing wider than the screen.

    Looked at as wide as a desk's screen and as a phone's. A page that fails leaves its picture in the folder `pictures`.
    """
    page.wait_for_load_state()  # a page that is still coming has nothing to look at
    page.evaluate(AXE_SCRIPT)
    for size in (DESK, PHONE):  # the phone's last: people go on there
        page.set_viewport_size(size)
        found, fits = AxeResults(page.evaluate(_LOOK, part)), page.evaluate(_FITS)
        if found.violations_count or not fits:
            page.screenshot(path=pictures / f"{name}-{size['width']}.png", full_page=True)
        assert found.violations_count == 0, found.generate_report()
        assert fits, f"{name} is wider than the screen of {size['width']}"
