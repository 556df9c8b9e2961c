"""The loop against a service on this machine that answers from a script."""

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai_loop.agent import ask

from orket.cli import main as orket
from orket.core import Runtime

CALLS = [
    ("call_1", "read_file", {"path": "todo.txt"}),
    ("call_2", "write_file", {"path": "done.txt", "content": "plants"}),
]


class Service(HTTPServer):
    """Asks for two tool calls, then answers; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def reply(self) -> dict[str, Any]:
        if len(self.requests) > 1:
            return {"role": "assistant", "content": "Done."}
        calls = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for id_, name, arguments in CALLS
        ]
        return {"role": "assistant", "content": None, "tool_calls": calls}


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        assert self.path == "/v1/chat/completions"
        self.server.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        choice = {"index": 0, "finish_reason": "stop", "message": self.server.reply()}
        completion = {
            "id": "c1",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
        }
        body = json.dumps(completion).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Service() as service:
        thread = Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield service
        service.shutdown()
        thread.join()


def play(service: Service, runtime: Runtime) -> str:
    """What `main` does, with the service of this test."""

    async def play() -> str:
        async with AsyncOpenAI(api_key="none", base_url=service.url) as client, runtime:
            return await ask("What is left to do?", client, runtime)

    return asyncio.run(play())


@pytest.mark.usefixtures("project")
def test_the_variable_alone_decides_what_the_request_offers(service: Service, offered: list[str]) -> None:
    play(service, Runtime.load())

    assert [tool["function"]["name"] for tool in service.requests[0]["tools"]] == offered


@pytest.mark.usefixtures("project")
def test_without_any_tool_the_request_has_no_list_of_tools(service: Service) -> None:
    play(service, Runtime.load(groups=[]))

    assert "tools" not in service.requests[0]


def test_the_answers_to_the_calls_go_back_to_the_model(service: Service, project: Path) -> None:
    answer = play(service, Runtime.load())

    question, reply, first, second = service.requests[1]["messages"]
    assert answer == "Done."
    assert question == {"role": "user", "content": "What is left to do?"}
    assert [call["id"] for call in reply["tool_calls"]] == ["call_1", "call_2"]
    assert [first["tool_call_id"], second["tool_call_id"]] == ["call_1", "call_2"]
    assert json.loads(first["content"]) == {"ok": True, "content": "water the plants\n"}
    assert (project / "done.txt").read_text(encoding="utf-8") == "plants"


def test_a_recorded_session_plays_again_under_another_node(
    service: Service, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play(service, Runtime.load(record=project / "session.jsonl"))
    (project / "done.txt").unlink()
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "read-only")

    assert orket(["demo", "--session", "session.jsonl", "--workspace", "."]) == 0

    shown = capsys.readouterr().out
    assert "refused  write_file path=done.txt content=plants, was ok\n" in shown
    assert shown.endswith(
        "on disk   nothing changed\nrecorded  1 of 2 calls end otherwise than at the time\n"
    )
    assert not (project / "done.txt").exists()
