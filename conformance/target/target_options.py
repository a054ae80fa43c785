"""The table of options, first part: what can be stated about the target, on the command line and in target.toml."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.target import kinds
from conformance.target.kinds import OptionForm, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

Money = Literal["play", "real"]

_PRICE: Final = {
    "type": "string",
    "pattern": r"^[0-9]{1,12}(\.[0-9]{1,8})?$",
    "x-expected": 'an amount in quotes such as "80.0000" (the name of a model with a dot in it needs quotes too)',
}
_PRICES: Final = kinds.table(
    "a table", {"additionalProperties": _PRICE}, lambda _, prices: tuple(map(tuple, prices.items()))
)
_BODY: Final = kinds.table("a table with the members of a request body", {"minProperties": 1}, lambda _, body: body)

TABLES: Final[Mapping[str, str]] = {
    "target": "What is tested.",
    "keys": "Names of the environment variables that hold the keys. A key itself never stands in this file.",
    "control": (
        "The control interface for testing (specs/control/openapi.yaml), where the target offers one: "
        "it lets time pass and tasks fail, so that more can be judged."
    ),
    "limits": (
        "Limits of the traffic: the target may have other users. A limit holds for all processes of a run together."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """What is stated about the target of a run; None, or the default, where nothing is."""

    base_url: str | None = setting(
        kinds.BASE_URL,
        flag="base-url",
        hidden=True,
        member=("target", "base_url"),
        meaning=(
            "The URL to which the paths of the system's document are added, version prefix included. "
            "With --app only its path counts."
        ),
        left_out="the embedded implementation is tested",
        examples=("https://api.example.com/v1", "https://api.example.com/v1"),
    )
    app: str | None = setting(
        kinds.text("MODULE:APP"),
        flag="app",
        help="certify an ASGI application, which is served on loopback, instead of a URL",
        examples=("package.module:app", None),
    )
    factory: bool = setting(
        kinds.FLAG, default=False, flag="factory", help="the --app is a function that makes the application"
    )
    python: str | None = setting(
        kinds.text("PATH"),
        flag="python",
        help="interpreter of the environment in which the --app is installed",
        examples=("/usr/bin/python3", None),
    )
    system: str | None = setting(
        kinds.text("NAME", "the name of a system in quotes", {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
        flag="system",
        help="which system the target implements",
        member=("target", "system"),
        meaning="The system that the target implements, by its name.",
        left_out="the only one that is known; where there are several it must be said",
        examples=("example", "example"),
    )
    spec: str | None = setting(
        kinds.FILE_OR_URL,
        flag="spec",
        help="OpenAPI document that the target implements, instead of a system of the suite's",
        doc=(
            "[OpenAPI document of any API](../how-to/test-any-api.md) (3.0 or 3.1, YAML or JSON, one file) that the "
            "target implements, instead of a system of the suite's; requirements follow from it. From a URL it is "
            "fetched once, without a key, and kept in the folder of the run. A base URL that names only "
            "a host gets the path of the document's first server"
        ),
        examples=("openapi.yaml", None),
        judging=True,
        passing=True,
    )
    conventions: str | None = setting(
        kinds.FILE,
        flag="conventions",
        help="what the document of --spec can't say (conventions.yaml)",
        doc="[what that document can't say](conventions.md): retries, tasks, errors, request ids, money",
        examples=("conventions.yaml", None),
        judging=True,
        passing=True,
    )
    contract_version: str | None = setting(
        kinds.text("VERSION"),
        flag="contract-version",
        help="judge by this version of the contract, or by `next`  [default: the newest that was released]",
        doc=(
            "judge by this [version of the contract](../explanation/verdicts.md#versions-of-a-contract); default: the "
            "newest that was released. With `next` what is to come is observed as well, and fails nothing"
        ),
        examples=("next", None),
        judging=True,
    )
    target_file: str | None = setting(
        kinds.FILE,
        flag="target",
        help="statement of the target (target.toml)",
        doc="[statement of the target](target-toml.md)",
        examples=("target.toml", None),
        passing=True,
    )
    surfaces: tuple[str, ...] = setting(
        kinds.names("LIST", "surface"),
        (),
        flag="surfaces",
        help="judge only these surfaces, such as music,tasks  [default: those that the target offers]",
        doc=(
            "judge only these surfaces, such as `music,tasks`; the others don't apply. "
            "Default: what `target.toml` names, else all"
        ),
        member=("target", "surfaces"),
        meaning=(
            "The surfaces that the target offers, so that what it does not offer is not held against it: "
            "requirements of the others do not apply (--surfaces goes before it)."
        ),
        left_out="all surfaces of the system",
        examples=("music", ["music", "tasks"]),
    )
    stated_money: str | None = setting(
        kinds.one_of("play", "real", form=OptionForm.EACH),
        flag="money",
        help="what the target charges costs nothing (play) or real money (real)",
        doc=(
            "whether what the target charges costs nothing or real money; goes before `money` in `target.toml` and "
            "before what the control interface offers. With play money everything is judged"
        ),
        member=("target", "money"),
        meaning=(
            'Whether what the target charges costs real money: "real" keeps the suite from spending, "play" lets '
            "it judge all that needs money (--play-money and --real-money go before it)."
        ),
        left_out="play when the suite starts the target itself or may set its wallet, real otherwise",
        examples=("play", "real"),
    )
    exclusive_account: bool = setting(
        kinds.FLAG,
        default=False,
        member=("target", "exclusive_account"),
        meaning=(
            "Whether the run alone uses the account of the main key: only then are changes of its balance judged."
        ),
        left_out="false",
        examples=("", True),
    )
    openapi_url: str | None = setting(
        kinds.RESOURCE,
        member=("target", "openapi_url"),
        meaning=(
            "Where the target publishes its own OpenAPI document as YAML, which is then compared with the contract. "
            "The same as JSON is looked for beside it, with the ending .json, and llms.txt at the root of that host."
        ),
        left_out="/openapi.yaml on the target's own host is tried",
        examples=("", "https://api.example.com/openapi.yaml"),
    )
    reference_audio_url: str | None = setting(
        kinds.HTTPS_RESOURCE,
        member=("target", "reference_audio_url"),
        meaning=(
            "An audio file that the target is able to fetch over HTTPS: "
            "without one nothing that begins with a file elsewhere can be judged."
        ),
        left_out="the one that the control interface names, if any",
        examples=("", "https://media.example.com/reference.wav"),
    )
    sensitive_text: str | None = setting(
        kinds.text("TEXT", "a text in quotes"),
        member=("target", "sensitive_text"),
        meaning="A text that the target is known to refuse as sensitive: without one such refusals are not judged.",
        left_out="the one that the control interface names, if any",
        examples=("", "words that the target refuses"),
    )
    main_env: str | None = setting(
        kinds.VARIABLE,
        flag="api-key-env",
        help="environment variable that holds the key  [default: CONFORMANCE_API_KEY]",
        doc="environment variable that holds the key; default `CONFORMANCE_API_KEY`",
        member=("keys", "main_env"),
        meaning="Holds the key that the run works with.",
        left_out="CONFORMANCE_API_KEY",
        examples=("EXAMPLE_API_KEY", "EXAMPLE_API_KEY"),
    )
    second_env: str | None = setting(
        kinds.VARIABLE,
        flag="second-key",
        help="environment variable that holds the key of another account  [default: CONFORMANCE_SECOND_KEY]",
        doc=(
            "environment variable that holds the key of another account, which must not reach what the main one made; "
            "default `CONFORMANCE_SECOND_KEY`"
        ),
        member=("keys", "second_env"),
        meaning="Holds a key of another tenant, to test that tenants are kept apart.",
        left_out="CONFORMANCE_SECOND_KEY",
        examples=("EXAMPLE_SECOND_KEY", "EXAMPLE_SECOND_KEY"),
    )
    forbidden_env: str | None = setting(
        kinds.VARIABLE,
        member=("keys", "forbidden_env"),
        meaning="Holds a valid key that lacks the permission to create anything, to test that it is refused.",
        left_out="CONFORMANCE_FORBIDDEN_KEY",
        examples=("", "EXAMPLE_FORBIDDEN_KEY"),
    )
    scheme_keys: tuple[str, ...] = setting(
        kinds.SCHEME_KEYS,
        (),
        flag="key",
        help="environment variable with the key of a security scheme of the document; once for each such key",
        doc=(
            "environment variable that holds the key of a security scheme of the document, once for each; the main key "
            "serves the scheme that the document as a whole asks for"
        ),
        member=("keys", "schemes"),
        meaning=(
            'Keys of single security schemes of the document, each as "SCHEME=VARIABLE", for operations that ask for '
            "others than the main key."
        ),
        left_out="the main key is presented to all operations",
        examples=("bearerAuth=EXAMPLE_API_KEY", ["bearerAuth=EXAMPLE_API_KEY"]),
    )
    no_auth: bool = setting(
        kinds.FLAG,
        default=False,
        flag="no-auth",
        help="send no key, whatever the document asks for",
        doc=("send no key, whatever the document asks for; that requests without a key are refused is then not judged"),
    )
    headers: tuple[str, ...] = setting(
        kinds.HEADERS,
        (),
        flag="header",
        help="header of every request to the target, such as 'X-Tenant: acme'; a key stands in it as $VARIABLE",
        doc=(
            "header of every request to the target (also `-H`), as often as there are such; keys stand in it as "
            "`$VARIABLE`, in single quotes: the suite reads the environment. One in which the document expects "
            "credentials is sent where a key would be"
        ),
        member=("target", "headers"),
        meaning=(
            "Headers of every request to the target, each as 'Name: value'; a key stands in it as $VARIABLE, the name "
            "of an environment variable."
        ),
        left_out="none",
        examples=("X-Tenant: acme", ["X-Tenant: acme", "X-Gateway-Key: $EXAMPLE_API_KEY"]),
    )
    control_url: str | None = setting(
        kinds.CONTROL_URL,
        flag="control-url",
        help="control interface of the target, where it has one",
        doc="[control interface](../how-to/offer-a-control-interface.md); for `--app` a path on its own host",
        member=("control", "url"),
        meaning="Where it is; a path is taken on the target's own host.",
        left_out="the target has none",
        examples=("https://control.example.com", "/_control"),
    )
    prices: tuple[tuple[str, str], ...] = setting(
        _PRICES,
        (),
        member=("prices",),
        meaning=(
            "Prices per model where they differ from the system's published ones, in its own unit (credits): "
            "charges are judged by them."
        ),
        left_out="the published ones",
        examples=("", {"model-1.5": "80.0000"}),
    )
    ca_file: str | None = setting(
        kinds.FILE,
        flag="ca-file",
        help="certificates of a private CA that signed the target's certificate",
        doc="certificates of a private CA, [beside the usual ones](../how-to/reach-a-target-through-a-proxy.md)",
        examples=("ca.pem", None),
        passing=True,
    )
    proxy: str | None = setting(
        kinds.PROXY,
        flag="proxy",
        help="HTTP proxy for targets that are not on this machine (env: what the environment names)",
        doc=(
            "HTTP proxy for targets that are not on this machine, or with `env` those that the environment names; "
            "[without it none is used](../how-to/reach-a-target-through-a-proxy.md)"
        ),
        examples=("env", None),
        passing=True,
    )
    rate_per_second: float | None = setting(
        kinds.RATE,
        flag="rate",
        help="at most so many requests per second (or N/min), over all processes",
        doc=(
            "at most so many requests per second (`30/min` and a plain number per second are understood too), evenly "
            "spread, over all processes; default: 10 for a target that is not on this machine, else no limit"
        ),
        member=("limits", "rate_per_second"),
        meaning="At most so many requests per second (--rate goes before it).",
        left_out="10 for a target that is not on this machine, else as fast as it answers",
        examples=("30/min", 5),
    )
    concurrency: int | None = setting(
        kinds.AT_ONCE,
        flag="concurrency",
        help="at most so many requests at the same time, over all processes",
        doc=(
            "at most so many requests at the same time, over all processes, 1 to 1000; default: 4 for a target that is "
            "not on this machine, else 32 for each process. Races need two for a process, else their requirements are "
            "inconclusive"
        ),
        member=("limits", "concurrency"),
        meaning="At most so many requests at the same time (--concurrency goes before it); races need two.",
        left_out="4 for a target that is not on this machine, else 32 for each process",
        examples=("3", 2),
    )
    poll_timeout_seconds: float | None = setting(
        kinds.SECONDS,
        member=("limits", "poll_timeout_seconds"),
        meaning="How long a task may take to end, in seconds, before what depends on it is left unjudged.",
        left_out="what the system's conventions say",
        examples=("", 600),
    )
    failing_request: dict[str, Any] | None = setting(  # noqa: RUF009 - makes a field, as all others
        _BODY,
        member=("failing_request",),
        meaning=(
            "The body of a request that the target accepts and whose task is known to fail: "
            "without a control interface nothing else shows how failures are refunded."
        ),
        left_out="not known",
        examples=("", {"model": "model-1.5", "prompt": "a prompt that the provider is known to refuse"}),
    )

    @property
    def price_list(self) -> dict[str, Decimal]:
        """The prices by model."""
        return {model: Decimal(price) for model, price in self.prices}
