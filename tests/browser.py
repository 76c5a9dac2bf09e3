"""A real Chromium that is told what to press, over its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PRESS = "({}).scrollIntoView({{block: 'center'}}); ({}).getBoundingClientRect().toJSON()"


class Browser:
    """One tab. `seen` holds what the page complained of: refusals of its policy and errors of its script."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._left = b""
        self._number = 0
        self._session = ""
        self.seen: list[str] = []
        self.opened: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log"):
            self.call(f"{room}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """What the browser answers; AssertionError when it refuses."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> Any:
        while b"\0" not in self._left:
            more = os.read(self._reading, 1 << 20)
            assert more, "the browser has ended"
            self._left += more
        line, _, self._left = self._left.partition(b"\0")
        message = json.loads(line)
        if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
            self.seen.append(json.dumps(message["params"]))
        if message.get("method") == "Page.windowOpen":
            self.opened.append(message["params"]["url"])
        return message

    def show(self, page: Path, width: int = 1280, *, dark: bool = False) -> None:
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        for url in ("about:blank", page.as_uri()):  # what stands there already is not taken for the new page
            self.call("Page.navigate", url=url)
            self.until(f"document.readyState == 'complete' && location.href == {url!r}")

    def ask(self, code: str) -> Any:
        """The value of an expression of the page, awaited."""
        asked = {"expression": code, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        result = self.call("Runtime.evaluate", **asked)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, code: str) -> None:
        end = time.monotonic() + 30
        while not self.ask(code):
            assert time.monotonic() < end, code
            time.sleep(0.02)

    def press(self, element: str) -> None:
        """A click of the mouse on the middle of what the expression names."""
        box = self.ask(PRESS.format(element, element))
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    def clipboard(self) -> str:
        return str(self.ask("navigator.clipboard.readText()"))

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextmanager
def browsing(chromium: str, folder: Path) -> Iterator[Browser]:
    """A browser that puts its downloads and its profile into `folder`."""
    import fcntl  # of POSIX alone

    to_read, to_answer = os.pipe()
    to_hear, to_write = os.pipe()
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        f"--user-data-dir={folder / 'profil'}", "about:blank",
    ]  # fmt: skip

    def connect() -> None:
        """It hears on 3 and answers on 4, wherever the pipes have come to lie here."""
        hearing, answering = (fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, to_write))
        os.dup2(hearing, 3)
        os.dup2(answering, 4)

    process = subprocess.Popen(
        command, pass_fds=(3, 4), preexec_fn=connect, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(to_read)
    os.close(to_write)
    try:
        browser = Browser(to_hear, to_answer)
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        yield browser
    finally:
        process.terminate()
        process.wait(timeout=30)
        os.close(to_hear)
        os.close(to_answer)
