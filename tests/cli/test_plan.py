"""`conformance plan`: what a run would ask for and cost, said without asking anybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.runs import conformance
from tests.cli.targets import counting
from tests.project.checkout import ROOT

if TYPE_CHECKING:
    from tests.cli.runs import Finished

OK, MISUSED = 0, 2
TIERS = ("read", "free", "paid")
STUDIO = Path(__file__).parent / "studio"
OPERATIONS = {"post-loops", "listLoops", "loops-show", "stopLoop", "createSample", "listVoices"}


def planned(folder: Path, *arguments: str) -> Finished:
    return conformance("plan", *arguments, folder=folder)


def rows(run: Finished) -> dict[str, list[str]]:
    """The table by its first column; columns are wide apart."""
    split = [re.split(r"\s{2,}", line.strip()) for line in run.output.splitlines() if line.strip()]
    return {first: rest for first, *rest in split}


def test_it_sums_up_every_tier(tmp_path: Path) -> None:
    run = planned(tmp_path)
    found = rows(run)

    assert run.status == OK
    assert [name for name in found if name in TIERS] == list(TIERS)
    assert found["read"][2:] == ["0", "0", "0"]
    assert found["free"][2:] == ["0", "80 credits (0.08 USD)", "80 credits (0.08 USD)"]
    assert found["paid"][2] == "130 credits (0.13 USD)"


def test_it_says_how_to_judge_everything(tmp_path: Path) -> None:
    run = planned(tmp_path)
    cap = rows(run)["paid"][4].split()[0]

    assert f"conformance run URL --max-credits {cap}\n" in run.output


def test_the_guide_shows_what_it_says(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "certify-a-paid-deployment.md").read_text("utf-8")
    missing = [line for line in planned(tmp_path).output.splitlines() if f"    {line}".rstrip() not in guide]

    assert missing == []


def planned_for_studio(folder: Path, *arguments: str) -> Finished:
    return planned(folder, "--spec", str(STUDIO / "openapi.yaml"), *arguments)


def with_prices(folder: Path) -> str:
    conventions = yaml.safe_load((STUDIO / "conventions.yaml").read_text("utf-8"))
    money = yaml.safe_load((STUDIO / "money.yaml").read_text("utf-8"))
    (folder / "priced.yaml").write_text(yaml.safe_dump({**conventions, "money": money}), "utf-8")
    return "priced.yaml"


def test_of_a_document_it_counts_the_requests_of_every_operation(tmp_path: Path) -> None:
    run = planned_for_studio(tmp_path, "--tier", "paid")
    found = rows(run)

    assert run.status == OK
    assert {name.split()[1] for name in found if name.startswith("valid ")} == OPERATIONS
    assert int(found["in all (what several keep is bought once)"][0]) > len(OPERATIONS)
    assert "smallest cap: 0" not in found


def test_conventions_add_the_scenarios_that_they_describe(tmp_path: Path) -> None:
    run = planned_for_studio(tmp_path, "--conventions", str(STUDIO / "conventions.yaml"), "--tier", "paid")
    generated = ("valid ", "invalid ", "odd ", "keyless ", "in all", "smallest", "scenario")
    named = {name for name in rows(run) if not name.startswith(generated)}

    assert named == {
        "retry post-loops",
        "read post-loops",
        "life post-loops",
        "read loops-show",
        "cancel stopLoop",
        "list listLoops",
    }


def test_without_prices_purchases_are_counted(tmp_path: Path) -> None:
    alone = planned_for_studio(tmp_path)
    unpriced = planned_for_studio(tmp_path, "--conventions", str(STUDIO / "conventions.yaml"))
    found = rows(unpriced)

    for run in (alone, unpriced):
        assert "--max-purchases " in run.output
        assert "--max-credits" not in run.output
    assert found["read"][2:] == ["0", "0", "0"]
    assert found["paid"][3].endswith(" purchases")


def test_what_a_document_costs_follows_from_the_prices_in_the_conventions(tmp_path: Path) -> None:
    run = planned_for_studio(tmp_path, "--conventions", with_prices(tmp_path))
    found = rows(run)

    assert found["read"][2:] == ["0", "0", "0"]
    assert found["free"][2] == "0"
    assert found["paid"][2] == "2.5 credits"
    assert "--conventions priced.yaml --max-credits " in run.output


@pytest.mark.parametrize("tier", TIERS)
def test_of_one_tier_it_shows_every_scenario(tmp_path: Path, tier: str) -> None:
    whole, detail = rows(planned(tmp_path)), rows(planned(tmp_path, "--tier", tier))
    scenarios, requests = int(whole[tier][0]), int(whole[tier][1])
    total = detail.pop("in all (what several keep is bought once)")
    lines = [
        cells for name, cells in detail.items() if name != "scenario" and not name.startswith(("smallest", "Not in"))
    ]

    assert len(lines) == scenarios
    assert sum(int(cells[0]) for cells in lines) == requests == int(total[0])
    assert total[1:] == whole[tier][2:4]


def test_it_names_scenarios_that_a_tier_leaves_out_only_where_they_belong(tmp_path: Path) -> None:
    free, paid = rows(planned(tmp_path, "--tier", "free")), rows(planned(tmp_path, "--tier", "paid"))

    assert "minimax_song" not in free
    assert paid["minimax_song"][1:] == ["50 credits (0.05 USD)", "50 credits (0.05 USD)"]
    assert set(free) - {"scenario"} <= set(paid) | {name for name in free if name.startswith("smallest cap")}


def test_prices_are_those_of_the_account(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('[target]\nsystem = "beatra"\n[prices]\n"suno-5.5" = "1000.0000"\n', "utf-8")
    found = rows(planned(tmp_path, "--target", "target.toml"))

    assert found["paid"][2] == "1050 credits (1.05 USD)"
    assert found["free"][3] == "1000 credits (1.00 USD)"


def test_fewer_drawn_requests_are_fewer_requests(tmp_path: Path) -> None:
    few, many = (rows(planned(tmp_path, "--examples", count)) for count in ("3", "30"))

    assert int(few["paid"][1]) < int(many["paid"][1])
    assert few["paid"][2:] == many["paid"][2:]


def test_nobody_is_asked_anything(tmp_path: Path) -> None:
    with counting() as (url, methods):
        run = planned(tmp_path, url)

    assert run.status == OK
    assert methods == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--tier", "play"), "play"),
        (("--tier", "dear"), "dear"),
        (("--examples", "0"), "--examples"),
        (("--system", "nobody"), "nobody"),
        (("--spec", "missing.yaml"), "missing.yaml can't be read"),
        (("--conventions", "c.yaml"), "--conventions complete a document"),
        (("--spec", "openapi.yaml", "--system", "beatra"), "not both"),
        (("--target", "nowhere.toml"), "nowhere.toml"),
        (("http://user:secret@127.0.0.1/v1",), "key"),
        (("no-url",), "no-url"),
        (("--unheard-of",), "--unheard-of"),
    ],
)
def test_what_can_not_be_carried_out_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    run = planned(tmp_path, *arguments)

    assert run.status == MISUSED
    assert sentence in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize(
    "prices", ['"suno-5.5" = 80.0', '"suno-5.5" = "free"', '"suno-5.5" = "-1"', '"suno-5.5" = "NaN"']
)
def test_a_price_that_is_no_amount_is_refused(tmp_path: Path, prices: str) -> None:
    (tmp_path / "target.toml").write_text(f'[target]\nsystem = "beatra"\n[prices]\n{prices}\n', "utf-8")
    run = planned(tmp_path, "--target", "target.toml")

    assert run.status == MISUSED
    assert "suno-5.5" in run.output
    assert "Traceback" not in run.output


def test_it_shows_what_makes_what(tmp_path: Path) -> None:
    press = ROOT / "tests" / "resources" / "press" / "openapi.yaml"
    run = planned(tmp_path, "--links", "--spec", str(press))
    lines = run.output.splitlines()

    assert run.status == OK
    assert "  read     readOrder (GET /orders/{order_id})  after addOrder" in lines
    assert "  move     cancelOrder (POST /orders/{order_id}/cancel)" in lines
    assert "  states   status: draft, placed, cancelled (draft → placed, placed → cancelled)" in lines
