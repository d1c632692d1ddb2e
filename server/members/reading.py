"""A member list is hostile until it has been read: it is read in a process of its own, with little time and memory.

The child gets the file on its standard input and none of this process's secrets, and answers with plain JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from server.members.rules import Options, Prepared, prepare
from server.members.sheet import Limits, read
from server.members.sheet_words import file_too_large
from server.words import Refused, Say, say

LARGEST_FILE = Limits().size
# Of a core; on a busy machine the same work takes longer by the clock.
_SECONDS, _PATIENCE = 40, 120
_MEMORY = 1_500_000_000
# Few at once: a reading takes one core whole, and the rest of the house goes on meanwhile.
_TURNS = asyncio.Semaphore(2)
_ROOT = Path(__file__).resolve().parents[2]


async def read_list(content: bytes, file_name: str, options: Options) -> Prepared:
    """The list in a file, ready to be kept. Raises Refused(file=…), and Refused(create=…) for too many new cells."""
    if len(content) > LARGEST_FILE:
        raise Refused(file=file_too_large(LARGEST_FILE))
    head = json.dumps({"file_name": file_name, **asdict(options), "as_of": options.as_of.isoformat()})
    async with _TURNS:
        answer = await _ask_child(head.encode() + b"\n" + content)
    if answer is None:
        raise Refused(file=_too_heavy())
    if reasons := answer.get("refused"):
        raise Refused(**{name: say(words, **filled) for name, (words, filled) in reasons.items()})
    return Prepared(**answer)


async def _ask_child(sent: bytes) -> dict[str, Any] | None:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, cwd=_ROOT, env={**kept, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_PATIENCE):
            told, _ = await child.communicate(sent)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode != 0:
        return None
    answer: dict[str, Any] = json.loads(told)
    return answer


def _too_heavy() -> Say:
    return say(
        "Tệp này quá nặng, đọc mãi không xong. Đồng chí sao chép riêng bảng danh sách sang tệp mới rồi tải lại."
    )


def answer_parent() -> None:
    """The child's whole life: confine itself, read what it was given, answer."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    head = json.loads(sys.stdin.buffer.readline())
    file_name, as_of = head.pop("file_name"), date.fromisoformat(head.pop("as_of"))
    options = Options(as_of=as_of, known_cells=tuple(head.pop("known_cells")), **head)
    try:
        sheet = read(
            sys.stdin.buffer.read(), filename=file_name, as_of=as_of, known_cells=options.readable_cells,
            only_cell=options.only_cell,
        )  # fmt: skip
        answer = asdict(prepare(sheet, options))
    except Refused as refusal:
        answer = {"refused": {name: _said(words) for name, words in refusal.reasons.items()}}
    sys.stdout.write(json.dumps(answer))


def _said(words: str) -> tuple[str, dict[str, object]]:
    return (words.msgid, words.params) if isinstance(words, Say) else (words, {})


if __name__ == "__main__":
    answer_parent()
