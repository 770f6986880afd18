"""Who may ask the server, and who may not."""

import pytest

testclient = pytest.importorskip("starlette.testclient", reason="needs the extra 'serve'")

from starlette.applications import Starlette  # noqa: E402
from starlette.responses import PlainTextResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402
from starlette.websockets import WebSocketDisconnect  # noqa: E402

from blindsr.serve.guard import HEADERS, Guard  # noqa: E402
from tests.serve.serving import OWN, PORT  # noqa: E402


@pytest.fixture(scope="module")
def client():
    async def answer(_):
        return PlainTextResponse("in")

    routes = [Route(path, answer, methods=["GET", "POST", "DELETE"]) for path in ("/", "/jobs")]
    return testclient.TestClient(Guard(Starlette(routes=routes), PORT))


def one_line(response):
    assert response.text.endswith("\n")
    assert response.text.count("\n") == 1
    return True


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LOCALHOST:{PORT}"])
def test_its_own_names_are_answered(client, host):
    response = client.get("/", headers={"Host": host})
    assert (response.status_code, response.text) == (200, "in")
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", f"192.168.1.7:{PORT}", ""]
)
def test_other_names_are_refused(client, host):
    """DNS rebinding: the name of another site that points here."""
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 421
    assert one_line(response)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:8377", "http://localhost"]
)
def test_other_origins_are_refused(client, origin):
    for method in ("GET", "POST"):
        response = client.request(method, "/jobs", headers={**OWN, "Origin": origin})
        assert response.status_code == 403
        assert one_line(response)


def test_its_own_origin_may_change_things(client):
    headers = {**OWN, "Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/jobs", headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_makes_a_browser_ask_is_refused(client, site):
    for path in ("/", "/jobs"):
        assert client.get(path, headers={**OWN, "Sec-Fetch-Site": site}).status_code == 403
    opened = {**OWN, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=opened).status_code == 200  # a link to the window
    assert client.get("/jobs", headers=opened).status_code == 403
    assert client.post("/", headers=opened).status_code == 403


def test_a_form_of_another_site_lacks_the_header(client):
    for method in ("POST", "DELETE", "PUT", "OPTIONS"):
        response = client.request(method, "/jobs", headers={"Host": OWN["Host"]})
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers


def test_there_are_no_websockets(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/", headers=OWN):
        pytest.fail("connected")
