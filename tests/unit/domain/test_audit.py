"""The chain of what people did betrays every tampering."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from crossfade.domain.audit import GENESIS, Act, Link, chain_problems, chained, encode, link
from crossfade.domain.names import ServiceKey

KEY = ServiceKey("local", "default", "checkout")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def an_act(n: int) -> Act:
    return Act(
        at=NOON,
        actor="alice",
        action="deploy.requested",
        key=KEY,
        summary=f"deploy {n} of größe",
        rule_id="r1",
        operation_id="o1",
        generation=n,
        reason='because "x"',
        before={"b": 1, "a": 2},
        after=None,
    )


def a_chain(length: int) -> list[Link]:
    links: list[Link] = []
    for n in range(1, length + 1):
        links.append(link(links[-1] if links else None, an_act(n)))
    return links


CHAIN = a_chain(40)


def test_an_untouched_chain_has_no_problems() -> None:
    assert list(chain_problems(CHAIN)) == []
    assert list(chain_problems([])) == []
    assert [entry.n for entry in CHAIN] == list(range(1, 41))


def test_an_entry_keeps_everything_of_the_act_in_the_order_it_was_written() -> None:
    fields = json.loads(encode(an_act(3), 3))
    assert fields == {
        "n": 3,
        "at": "2026-01-02T12:00:00+00:00",
        "actor": "alice",
        "action": "deploy.requested",
        "cluster": "local",
        "namespace": "default",
        "serviceName": "checkout",
        "ruleId": "r1",
        "operationId": "o1",
        "generation": 3,
        "reason": 'because "x"',
        "summary": "deploy 3 of größe",
        "before": {"b": 1, "a": 2},
        "after": None,
    }
    assert list(fields["before"]) == ["b", "a"]


def test_the_first_entry_hangs_on_nothing_and_each_other_on_the_one_before() -> None:
    assert CHAIN[0].hash == chained(GENESIS, CHAIN[0].body)
    assert CHAIN[1].hash == chained(CHAIN[0].hash, CHAIN[1].body)
    assert len(CHAIN[0].hash) == 64


@pytest.mark.parametrize("seed", range(10))
def test_no_tampering_with_bytes_hashes_or_order_goes_unseen(seed: int) -> None:
    random = Random(seed)
    for _ in range(100):
        assert list(chain_problems(tampered(random)))


def tampered(random: Random) -> list[Link]:
    """The chain with one thing changed, as somebody with the rights of the database could."""
    links = list(CHAIN)
    place = random.randrange(len(links) - 1)
    links[place : place + 2] = random.choice(TAMPERINGS)(random, *links[place : place + 2])
    return links


def flip_a_bit(random: Random, entry: Link, following: Link) -> list[Link]:
    body = bytearray(entry.body)
    body[random.randrange(len(body))] ^= 1 << random.randrange(8)
    return [replace(entry, body=bytes(body)), following]


def change_a_hash(random: Random, entry: Link, following: Link) -> list[Link]:
    place = random.randrange(64)
    digit = random.choice([one for one in "0123456789abcdefABCxyz" if one != entry.hash[place]])
    changed = entry.hash[:place] + digit + entry.hash[place + 1 :]
    return [replace(entry, hash=changed), following]


def change_a_number(random: Random, entry: Link, following: Link) -> list[Link]:
    number = random.choice([n for n in range(50) if n != entry.n])
    return [replace(entry, n=number), following]


def drop_an_entry(_: Random, __: Link, following: Link) -> list[Link]:
    return [following]


def swap_entries(_: Random, entry: Link, following: Link) -> list[Link]:
    return [following, entry]


def repeat_an_entry(_: Random, entry: Link, following: Link) -> list[Link]:
    return [entry, entry, following]


def insert_a_forged_entry(_: Random, entry: Link, following: Link) -> list[Link]:
    return [entry, link(entry, replace(an_act(entry.n + 1), actor="mallory")), following]


def forge_an_entry_with_a_hash_that_fits(_: Random, entry: Link, following: Link) -> list[Link]:
    before = CHAIN[entry.n - 2] if entry.n > 1 else None
    return [link(before, replace(an_act(entry.n), actor="mallory")), following]


TAMPERINGS = (
    flip_a_bit,
    change_a_hash,
    change_a_number,
    drop_an_entry,
    swap_entries,
    repeat_an_entry,
    insert_a_forged_entry,
    forge_an_entry_with_a_hash_that_fits,
)


def test_a_hash_that_is_none_is_told_once_and_hides_nothing_behind_it() -> None:
    garbled = [CHAIN[0], replace(CHAIN[1], hash="not a hash"), *CHAIN[2:]]
    [problem] = chain_problems(garbled)
    assert problem.startswith("entry 2 ")


def test_a_tail_that_was_cut_off_shows_only_beside_a_head_kept_elsewhere() -> None:
    shortened = CHAIN[:-1]
    assert list(chain_problems(shortened)) == []
    assert shortened[-1].hash != CHAIN[-1].hash


def test_problems_name_the_entry() -> None:
    missing, *_ = chain_problems([CHAIN[0], CHAIN[2]])
    assert missing == "entry 2 is missing: found 3 in its place"
    broken = [CHAIN[0], replace(CHAIN[1], body=b"{}")]
    assert list(chain_problems(broken)) == [
        "entry 2 does not carry the hash of its bytes and the entry before it"
    ]
