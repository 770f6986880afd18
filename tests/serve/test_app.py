"""Uploads, also hostile ones, and what becomes of them, without any work."""

import os
import pickle
import struct
import zlib
from io import BytesIO
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

testclient = pytest.importorskip("starlette.testclient", reason="needs the extra 'serve'")

from blindsr.serve.app import Window, application  # noqa: E402
from blindsr.serve.config import ServeConfig  # noqa: E402
from blindsr.serve.jobs import Jobs  # noqa: E402
from tests.serve.serving import OWN, PORT, FakeWorker, in_loop, until  # noqa: E402

MOST_BYTES, MOST_PIXELS, MOST_WAITING = 200_000, 20_000, 3


@pytest.fixture
def jobs(tmp_path):
    FakeWorker.made.clear()
    (tmp_path / "work").mkdir()
    (tmp_path / "kept").mkdir()
    config = ServeConfig(
        most_bytes=MOST_BYTES,
        most_pixels=MOST_PIXELS,
        most_waiting=MOST_WAITING,
        most_kept=2,
        keep=tmp_path / "kept",
    )
    return Jobs(tmp_path / "work", config, FakeWorker)


@pytest.fixture
def app(jobs):
    window = Window(jobs, jobs.config, "cpu")
    jobs.on_done = window.keep
    return application(window, PORT)


@pytest.fixture
def client(app):
    return testclient.TestClient(app, base_url=f"http://127.0.0.1:{PORT}")


def png(width=40, height=30):
    buffer = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def post(client, data, name="cat.png", query="", **headers):
    return client.post(f"/jobs{query}", content=data, headers={**OWN, "X-Name": quote(name), **headers})


def bomb(width, height):
    """A PNG of a few hundred bytes whose head claims so many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def refused(response, status, *words):
    assert response.status_code == status, response.text
    assert response.text.count("\n") == 1
    assert len(response.text) < 300
    for word in words:
        assert word in response.text
    return True


def left(jobs):
    return [path for path in jobs.folder.rglob("*") if path.is_file()]


def test_a_photograph_is_taken_under_a_name_of_its_own(client, jobs):
    response = post(client, png(), "my caf\u00e9.png", "?scale=3&preset=instant&real=on&network=auto")
    assert response.status_code == 201
    job = jobs.get(response.json()["key"])
    assert (job.name, job.state, job.result_name) == ("my caf\u00e9.png", "waiting", "my caf\u00e9_x3")
    assert job.task.source.read_bytes() == png()
    assert job.task.source.name == "input.png"
    assert job.task.real == "on"
    assert [one.scale for one in job.task.settings.restoration.detail] == [2, 4]
    assert client.get(f"/jobs/{job.key}", headers=OWN).json()["place"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\x.png",
        "/etc/passwd",
        "a/b.png",
        "..",
        ".",
        "",
        "a\x00.png",
        "a\nb.png",
        "x" * 300,
    ],
)
def test_names_that_are_paths_are_refused(client, jobs, name):
    assert refused(post(client, png(), name), 400, "wanted the name of a file")
    assert left(jobs) == []


@pytest.mark.parametrize("ending", [".p/ng", ".png.exe.verylong", ".\u00e9"])
def test_odd_endings_reach_no_file_name(client, jobs, ending):
    response = post(client, png(), f"cat{ending}".replace("/", ""))
    names = {path.name for path in left(jobs)}
    assert names <= {"input", "input.png"}
    assert response.status_code == 201


def test_more_bytes_than_allowed_are_refused_by_their_number_and_by_count(client, jobs):
    large = os.urandom(MOST_BYTES + 1)
    assert refused(post(client, large), 413, "cat.png is too large")
    streamed = post(client, iter([large[:1000], large]))  # no Content-Length
    assert refused(streamed, 413, "cat.png is too large")
    assert left(jobs) == []


def test_a_form_is_refused_whatever_its_size(client, jobs):
    parts = {f"file{n}": (f"../{n}.png", os.urandom(2000), "image/png") for n in range(50)}
    response = client.post("/jobs", files=parts, headers={**OWN, "X-Name": "cat.png"})
    assert refused(response, 415, "multipart/form-data")
    assert left(jobs) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no image at all, but some text", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "not an image"),
        (b"%PDF-1.7 and so on", "PDF, which is not read; wanted PNG or TIFF"),
        (bomb(60_000, 60_000), "60000x60000"),
        (bomb(3000, 3000), "3000x3000"),
        (png(200, 200), "200x200"),
    ],
)
def test_what_is_no_image_or_a_bomb_is_refused_by_its_head(client, jobs, data, words):
    assert refused(post(client, data), 415, "cat.png", words)
    assert str(jobs.folder) not in post(client, data).text  # nor where files lie
    assert left(jobs) == []


def test_nothing_is_refused(client):
    assert refused(post(client, b""), 400, "cat.png is empty")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?scale=9", "scale is '9'"),
        ("?scale=nan", "scale is 'nan'"),
        ("?scale=1", "scale is 1"),
        ("?preset=paper", "preset is 'paper'"),
        ("?real=<script>", "real is"),
        ("?network=usrnet.pth", "network is"),
    ],
)
def test_choices_that_are_none_are_refused(client, query, words):
    assert refused(post(client, png(), query=query), 400, words)


def test_the_queue_is_bounded(client, jobs):
    for _ in range(MOST_WAITING):
        assert post(client, png()).status_code == 201
    assert refused(post(client, png()), 503, "3 photographs wait")
    key = next(iter(jobs._jobs))
    assert client.delete(f"/jobs/{key}", headers=OWN).status_code == 204
    assert post(client, png()).status_code == 201


def test_unknown_and_unfinished_photographs_have_no_result(client):
    assert refused(client.get("/jobs/nothing", headers=OWN), 404)
    key = post(client, png()).json()["key"]
    for what in ("page", "result"):
        assert refused(client.get(f"/jobs/{key}/{what}", headers=OWN), 409, "cat.png is not done")
    assert refused(client.get("/elsewhere", headers=OWN), 404)
    assert refused(client.put("/jobs", headers=OWN), 405)


def fill(task, value=100):
    """The files of a result, as a worker leaves them: bicubic is a ramp, ours twice as steep about 100."""
    from blindsr.io.photo import from_pixels

    ramp = np.tile(np.arange(60, 140, dtype=np.uint8)[None, :, None], (60, 1, 3))
    np.save(task.folder / "bicubic.npy", ramp)
    np.save(task.folder / "ours.npy", (value + 2 * (ramp.astype(int) - value)).clip(0, 255).astype(np.uint8))
    (task.folder / "blend.pickle").write_bytes(pickle.dumps(from_pixels(ramp)))
    (task.folder / "page.html").write_text("<p>done")


async def started(client, count=1):
    """Post photographs; their keys, once the first of them is at work."""
    keys = []
    for _ in range(count):
        response = await client.post("/jobs", content=png(), headers={"X-Name": "cat.png"})
        keys.append(response.json()["key"])
    await until(lambda: bool(FakeWorker.made and FakeWorker.made[0].tasks))
    return keys


def test_work_is_reported_done_shown_saved_and_forgotten(app, jobs, tmp_path):
    async def scenario(client):
        (key,) = await started(client)

        async def told(what="state"):
            return (await client.get(f"/jobs/{key}")).json()[what]

        (worker,) = FakeWorker.made
        worker.reports.put({"stage": "image x2", "step": 2, "total": 5})
        await until(lambda: told("stage"), "making the image")
        assert [await told(what) for what in ("state", "step", "total")] == ["working", 2, 5]
        fill(worker.tasks[0])
        worker.reports.put({"done": True})
        await until(told, "done")
        assert (await client.get(f"/jobs/{key}/page")).text == "<p>done"
        bicubic = np.arange(60, 140)
        ours = 100 + 2 * (bicubic - 100)
        for strength in (0.0, 0.25, 1.0, 1.5):
            response = await client.get(f"/jobs/{key}/result?strength={strength}")
            assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''cat_x2.png"
            saved = np.asarray(Image.open(BytesIO(response.content)))
            wanted = np.rint(bicubic + strength * (ours - bicubic)).clip(0, 255)
            np.testing.assert_array_equal(saved[0, :, 0], wanted)
        for kind, name in (("jpg", "JPEG"), ("tif", "TIFF"), ("webp", "WEBP")):
            response = await client.get(f"/jobs/{key}/result?format={kind}")
            assert Image.open(BytesIO(response.content)).format == name
        for query in ("strength=7", "strength=-1", "strength=nan", "format=exe", "format=../x"):
            assert refused(await client.get(f"/jobs/{key}/result?{query}"), 400)
        assert [path.name for path in (tmp_path / "kept").iterdir()] == ["cat_x2.png"]
        assert not any(path.name.startswith("input") for path in left(jobs))
        assert (await client.delete(f"/jobs/{key}")).status_code == 204
        assert left(jobs) == []

    in_loop(jobs, app, scenario)


def test_cancelling_ends_the_work_and_the_next_one_is_taken(app, jobs):
    async def scenario(client):
        first, second = await started(client, 2)
        assert (await client.delete(f"/jobs/{first}")).status_code == 204
        await until(lambda: len(FakeWorker.made), 2)
        assert FakeWorker.made[0].ended
        await until(lambda: bool(FakeWorker.made[1].tasks))
        assert FakeWorker.made[1].tasks[0].folder.name == second
        assert (await client.get(f"/jobs/{first}")).status_code == 404
        assert [path.name for path in jobs.folder.iterdir()] == [second]

    in_loop(jobs, app, scenario)


def test_a_copy_that_cannot_be_kept_costs_nothing_else(app, jobs, tmp_path):
    (tmp_path / "kept").rmdir()

    async def scenario(client):
        keys = await started(client, 2)
        for number, key in enumerate(keys):
            await until(lambda wanted=number + 1: len(FakeWorker.made[0].tasks) == wanted)
            fill(FakeWorker.made[0].tasks[-1])
            FakeWorker.made[0].reports.put({"done": True})
            await until(lambda: bool(jobs.get(key).error))  # noqa: B023 - asked within the round
            assert "no copy was kept" in jobs.get(key).error
            assert (await client.get(f"/jobs/{key}/result")).status_code == 200

    in_loop(jobs, app, scenario)


def test_a_worker_that_dies_costs_one_photograph(app, jobs):
    async def scenario(client):
        (key,) = await started(client)

        async def told(what="state"):
            return (await client.get(f"/jobs/{key}")).json()[what]

        FakeWorker.made[0].reports.put(None)
        await until(told, "failed")
        assert "too little memory" in await told("error")
        await until(lambda: len(FakeWorker.made), 2)

    in_loop(jobs, app, scenario)


def test_results_beyond_a_number_are_forgotten(app, jobs):
    async def scenario(client):
        keys = await started(client, 3)
        for number, key in enumerate(keys, 1):
            await until(lambda wanted=number: len(FakeWorker.made[0].tasks) == wanted)
            fill(FakeWorker.made[0].tasks[-1])
            FakeWorker.made[0].reports.put({"done": True})
            await until(lambda: jobs.get(key).state == "done")  # noqa: B023 - asked within the round
        await until(lambda: jobs.get(keys[0]) is None)
        assert (await client.get(f"/jobs/{keys[1]}/page")).status_code == 200
        assert len(list(jobs.folder.iterdir())) == 2

    in_loop(jobs, app, scenario)


def test_the_window_asks_for_nothing_elsewhere(client):
    page = client.get("/", headers=OWN).text
    assert "connect-src &#39;self&#39;" in page or "connect-src 'self'" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
