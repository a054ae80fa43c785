"""OpenAI's own package, which the documents call compatible, works against the reference that `serve` offers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import KEY, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import openai
    from openai.types.chat import ChatCompletionMessageParam

ASKED: Final[list[ChatCompletionMessageParam]] = [{"role": "user", "content": "Say hello in five words."}]


@pytest.fixture(scope="module")
def package() -> ModuleType:
    """Imported when it is tried: it takes a second, and each process of the tests collects all of them."""
    return import_module("openai")


@pytest.fixture(scope="module")
def client(package: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    with (
        sandbox(tmp_path_factory.mktemp("sandbox")) as served,
        package.OpenAI(base_url=served.base_url, api_key=served.environment[KEY], max_retries=0) as opened,
    ):
        yield opened


def test_it_lists_models(client: openai.OpenAI) -> None:
    models = list(client.models.list())

    assert {model.object for model in models} == {"model"}
    assert "suno-5.5" in {model.id for model in models}


def test_it_gets_an_answer(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="auto", messages=ASKED, temperature=0)

    (choice,) = completion.choices
    assert choice.message.content
    assert choice.finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_it_gets_the_same_answer_piece_by_piece(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="auto", messages=ASKED).choices[0].message.content
    stream = client.chat.completions.create(
        model="auto", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )

    pieces = list(stream)

    said = [choice.delta.content or "" for piece in pieces for choice in piece.choices]
    assert len(said) > 2
    assert "".join(said) == whole
    assert pieces[-1].usage is not None


def test_it_follows_a_stream_to_its_end(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="auto", messages=ASKED) as stream:
        completion = stream.get_final_completion()

    assert completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop"


def test_it_understands_refusals(package: ModuleType, client: openai.OpenAI) -> None:
    with pytest.raises(package.BadRequestError) as unknown:
        client.chat.completions.create(model="no-such-model-1.0", messages=ASKED, stream=True)
    with pytest.raises(package.AuthenticationError):
        client.with_options(api_key="sk-unknown").models.list()

    assert unknown.value.code == "unsupported_model"
    assert unknown.value.request_id
