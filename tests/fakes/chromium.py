"""The system's Chromium, started so that it does only what a page needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = {"phone": (360, 740), "desk": (1280, 800)}

# Each new window would load two pages of Chromium's own for its address bar: a third of a test's processor time. The
# switch replaces Playwright's, so what Playwright disables for good reasons stands here again. A spare renderer is for
# people who go to another site next.
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
