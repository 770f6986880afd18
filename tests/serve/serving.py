"""A server in this process, with a worker that a test steers, and one in a process of its own."""

import asyncio
import queue
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ClassVar

PORT = 8377
OWN = {"Host": f"127.0.0.1:{PORT}", "X-Blindsr": "1"}
END_SECONDS = 15
"""Until a server that was told to end must be gone."""


class FakeWorker:
    """Reports what a test puts in; records what it was given."""

    made: ClassVar[list["FakeWorker"]] = []

    def __init__(self):
        self.tasks, self.reports, self.ended = [], queue.Queue(), False
        FakeWorker.made.append(self)

    def start(self, task):
        self.tasks.append(task)

    def receive(self):
        report = self.reports.get(timeout=END_SECONDS)
        if report is None:
            raise EOFError
        return report

    def end(self):
        self.ended = True
        self.reports.put(None)


def in_loop(jobs, app, scenario):
    """Run ``scenario(client)``, a coroutine function, in one loop with the jobs."""
    import httpx

    async def main():
        task = asyncio.create_task(jobs.run())
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as client:
            client.headers.update(OWN)
            try:
                await scenario(client)
            finally:
                jobs.close()
                task.cancel()

    with ThreadPoolExecutor(1) as thread:  # a browser's loop may run in this one
        thread.submit(asyncio.run, main()).result()


async def until(ask, wanted=True):
    """``ask()`` comes to give what is wanted; it may be a coroutine function."""
    for _ in range(500):
        found = ask()
        if asyncio.iscoroutine(found):
            found = await found
        if found == wanted:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it never came to {wanted}: {found}")


@contextmanager
def server(*options, program=("-m", "blindsr")):
    """``blindsr serve`` in a process of its own: its address. It ends at a signal and leaves nothing."""
    command = [sys.executable, *program, "serve", "--port", "0", "--no-open", "--device", "cpu"]
    with subprocess.Popen(
        [*command, "--threads", "1", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            address = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address), process.stderr.read()
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        said = process.stderr.read()
        assert process.returncode == 130
        assert "Traceback" not in said
