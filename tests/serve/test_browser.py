"""``blindsr serve`` as a person uses it: drop, look, choose a strength, save; and as nobody may use it."""

import http.client
import socket
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("starlette", reason="needs the extra 'serve'")
pytest.importorskip("uvicorn", reason="needs the extra 'serve'")

from tests.browser import DESKTOP, LOOKS, PHONE, complaints
from tests.serve.serving import server

pytestmark = pytest.mark.slow

SECONDS = 120_000
"""Milliseconds for a photograph of 0.1 megapixels on a busy machine."""
DROP = """([name, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name));
  const event = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
  document.querySelector("[data-drop]").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def address():
    with server() as found:
        yield found


@pytest.fixture
def window(chromium, address):
    """Opens the window; at the end nothing else was asked and no error was told."""
    faults = []

    @contextmanager
    def opened(size=DESKTOP, dark=False):
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", f"blob:{address}"))
                else faults.append(f"asked: {request.url[:100]}")
            ),
        )
        page.goto(address)
        yield page
        context.close()

    yield opened
    assert faults == []


def png(pixels):
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def drop(page, name, data):
    page.locator("[data-choice='preset']").select_option("instant")
    page.evaluate(DROP, [name, list(data)])


def test_from_drop_to_save(window, photograph, tmp_path):
    with window() as page:
        drop(page, "my cat.png", png(photograph))
        page.wait_for_url("**/page", timeout=SECONDS)
        assert page.locator("h1").inner_text() == "my cat.png"
        assert page.locator("[data-percent]").inner_text() == "100 %"
        page.get_by_role("button", name="Divider").click()
        page.locator(".split").first.focus()
        page.keyboard.press("End")
        saved = {}
        for strength in ("0", "0.5", "1", "1.5"):
            page.locator("[data-slider]").fill(strength)
            with page.expect_download() as download:
                page.get_by_role("link", name="Save").click()
            assert download.value.suggested_filename == "my cat_x2.png"
            path = tmp_path / f"{strength}.png"
            download.value.save_as(path)
            saved[float(strength)] = np.asarray(Image.open(path)).astype(int)
        height, width = photograph.shape[:2]
        assert saved[1].shape == (2 * height, 2 * width, 3)
        assert np.abs(saved[1] - saved[0]).max() > 10
        for strength in (0.5, 1.5):
            mixed = np.rint(saved[0] + strength * (saved[1] - saved[0])).clip(0, 255)
            np.testing.assert_array_equal(saved[strength], mixed)
        page.locator("[data-format]").select_option("jpg")
        with page.expect_download() as download:
            page.get_by_role("link", name="Save").click()
        assert download.value.suggested_filename == "my cat_x2.jpg"
        page.get_by_role("link", name="Another photograph").click()
        page.get_by_role("link", name="Look and save").wait_for()  # it is still there
        page.get_by_role("button", name="Remove").click()
        page.locator(".job").wait_for(state="detached")


def test_faults_are_told_in_a_line_and_the_work_is_cancelled(window, photograph):
    with window(PHONE) as page:
        drop(page, "notes.txt", b"some words")
        page.locator(".job .bad").first.wait_for()
        assert "notes.txt cannot be decoded (not an image)" in page.locator(".job").first.inner_text()
        drop(page, "broken.png", png(photograph)[:5000])
        page.locator(".job", has_text="broken.png").locator(".bad").wait_for(timeout=SECONDS)
        assert page.locator(".job", has_text="broken.png").locator(".bad").inner_text().count("\n") == 0
        drop(page, "long.png", png(np.tile(photograph, (10, 10, 1))))
        job = page.locator(".job", has_text="long.png")
        job.locator("[data-state]", has_text="kernel").or_(job.locator("[data-state]", has_text="image")).or_(
            job.locator("[data-state]", has_text="reading")
        ).first.wait_for(timeout=SECONDS)
        job.get_by_role("button", name="Cancel").click()
        job.wait_for(state="detached")
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_screen_readers_find_nothing_to_complain_of(window, size, dark):
    with window(size, dark) as page:
        drop(page, "notes.txt", b"some words")
        page.locator(".job .bad").first.wait_for()
        assert complaints(page) == []


def test_the_window_is_used_by_keys(window):
    with window() as page:
        names = []
        for _ in range(6):
            page.keyboard.press("Tab")
            names.append(
                page.evaluate("document.activeElement.dataset.choice ?? document.activeElement.type")
            )
        assert names[:5] == ["file", "scale", "preset", "real", "network"]


def test_another_sites_page_reaches_nothing(chromium, address, tmp_path):
    """A page of another origin tries what a browser lets it try."""
    (tmp_path / "evil.html").write_text("<p>evil")
    page = chromium.new_page()
    page.goto((tmp_path / "evil.html").as_uri())
    tried = page.evaluate(
        """async (address) => {
        const ask = (path, options) => fetch(address + path, options).then((r) => r.status, () => "blocked");
        return [
            await ask("", {}),
            await ask("jobs", { method: "POST", body: "x" }),
            await ask("jobs", { method: "POST", body: "x", headers: { "X-Blindsr": "1" } }),
            await ask("jobs", { method: "POST", body: "x", mode: "no-cors" }),
        ];
    }""",
        address,
    )
    assert tried == ["blocked"] * 4
    page.set_content(f"<iframe src='{address}'></iframe>")
    page.wait_for_timeout(500)
    assert "Choose a photograph" not in "".join(frame.content() for frame in page.frames)
    page.close()


def test_another_host_is_refused(address):
    port = urlsplit(address).port
    for host, status in (("evil.example", 421), (f"127.0.0.1:{port}", 200)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/", headers={"Host": host})
        assert connection.getresponse().status == status
        connection.close()


def test_only_this_computer_can_connect(address):
    """By any other address of this machine nobody answers."""
    port = urlsplit(address).port
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)} - {
        "127.0.0.1"
    }
    others.add("127.0.0.2")  # of the loopback device too, but not listened to
    for other in others:
        with pytest.raises(OSError), socket.create_connection((other, port), timeout=2):  # noqa: PT011
            pytest.fail(f"{other} answered")


def test_it_ends_at_a_signal_and_leaves_no_file(photograph, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with server("--keep", tmp_path) as found:
        port = urlsplit(found).port
        (folder,) = tmp_path.glob("blindsr-serve-*")
        assert folder.stat().st_mode & 0o077 == 0  # nobody else may look
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"X-Blindsr": "1", "X-Name": "cat.png"}
        connection.request("POST", "/jobs?preset=instant", body=png(photograph), headers=headers)
        assert connection.getresponse().status == 201
        connection.close()
        assert any(path.is_file() for path in folder.rglob("*"))
    assert list(tmp_path.glob("blindsr-serve-*")) == []


SLOW_END = """
import time
from blindsr.serve.worker import Worker
from blindsr.cli.main import main
Worker.end = lambda self: time.sleep(60)
if __name__ == "__main__":
    main()
"""


def test_an_end_that_takes_too_long_leaves_no_file(photograph, tmp_path, monkeypatch):
    """On a busy machine the worker may need longer to end than a signal waits for."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "slow.py").write_text(SLOW_END)
    with server(program=[tmp_path / "slow.py"]) as found:
        (folder,) = tmp_path.glob("blindsr-serve-*")
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(found).port, timeout=10)
        headers = {"X-Blindsr": "1", "X-Name": "cat.png"}
        connection.request("POST", "/jobs?preset=instant", body=png(photograph), headers=headers)
        assert connection.getresponse().status == 201
        connection.close()
        assert any(path.is_file() for path in folder.rglob("*"))
    assert list(tmp_path.glob("blindsr-serve-*")) == []


def test_a_port_in_use_is_told_in_a_line(capsys):
    from blindsr.cli.main import run

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--no-open", "--port", str(port)]) == 1
    assert f"port {port} cannot be had" in capsys.readouterr().err
    assert run(["serve", "--no-open", "--keep", str(Path(__file__))]) == 1
    assert "is no folder" in capsys.readouterr().err


def test_a_missing_extra_is_told_in_a_line(capsys, monkeypatch):
    from blindsr.cli import serve
    from blindsr.cli.main import run

    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "uvicorn" else object())
    assert run(["serve"]) == 1
    assert "pip install 'blindsr[serve]'" in capsys.readouterr().err
