"""FairQueue: the newest of each stream, everybody in turn, bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.scheduler import FairQueue, QueueFullError

CLIENTS = (b"a", b"b", b"c")
actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(CLIENTS), st.integers(0, 4)),
        st.tuples(st.just("take"), st.none(), st.none()),
        st.tuples(st.just("leave"), st.sampled_from(CLIENTS), st.none()),
        st.tuples(st.just("remove"), st.none(), st.integers(0, 4)),
    ),
    max_size=60,
)


def test_an_empty_queue_gives_nothing() -> None:
    assert FairQueue[int](1).take() is None


def test_a_newer_item_takes_the_place_of_the_older_and_returns_it() -> None:
    queue = FairQueue[str](4)
    assert queue.put(b"a", 0, "old") is None
    assert queue.put(b"a", 0, "new") == "old"
    assert queue.take() == "new"
    assert queue.take() is None


def test_a_newer_item_keeps_the_turn_of_the_older() -> None:
    queue = FairQueue[str](4)
    queue.put(b"a", 0, "a0")
    queue.put(b"a", 1, "a1")
    queue.put(b"a", 0, "a0 newer")
    assert [queue.take(), queue.take()] == ["a0 newer", "a1"]


def test_clients_take_turns_however_many_streams_one_has() -> None:
    queue = FairQueue[str](4)
    for stream in range(3):
        queue.put(b"a", stream, f"a{stream}")
    queue.put(b"b", 0, "b0")
    assert [queue.take() for _ in range(4)] == ["a0", "b0", "a1", "a2"]


def test_a_client_whose_items_take_long_waits_until_the_others_had_as_much_time() -> None:
    queue = FairQueue[str](9)
    for number in range(3):
        queue.put(b"slow", number, f"slow {number}")
    for number in range(6):
        queue.put(b"quick", number, f"quick {number}")
    taken = []
    while (item := queue.take()) is not None:
        taken.append(item)
        client = item.split()[0]
        queue.charge(client.encode(), 3.0 if client == "slow" else 1.0)
    assert taken[:8] == ["slow 0", "quick 0", "quick 1", "quick 2", "slow 1", "quick 3", "quick 4", "quick 5"]


def test_nobody_saves_time_up_by_being_away() -> None:
    queue = FairQueue[int](9)
    for number in range(4):
        queue.put(b"busy", number, number)
    for _ in range(3):
        queue.take()
        queue.charge(b"busy", 5.0)
    for number in range(4):
        queue.put(b"late", number, 10 + number)
    taken = []
    while (item := queue.take()) is not None:
        taken.append(item)
        queue.charge(b"late" if item >= 10 else b"busy", 5.0)
    assert taken == [10, 3, 11, 12, 13]


def test_those_that_may_not_are_passed_over_and_keep_their_turn() -> None:
    queue = FairQueue[str](4)
    queue.put(b"a", 0, "a0")
    queue.put(b"b", 0, "b0")
    assert queue.take(lambda client: client != b"a") == "b0"
    assert queue.take(lambda client: client != b"a") is None
    assert queue.take() == "a0"


def test_a_client_beyond_its_limit_is_refused_but_may_replace() -> None:
    queue = FairQueue[int](2)
    queue.put(b"a", 0, 0)
    queue.put(b"a", 1, 1)
    with pytest.raises(QueueFullError):
        queue.put(b"a", 2, 2)
    assert queue.put(b"a", 1, 3) == 1
    assert queue.put(b"b", 2, 4) is None


def test_a_client_that_leaves_takes_its_items_with_it() -> None:
    queue = FairQueue[str](4)
    queue.put(b"a", 0, "a0")
    queue.put(b"b", 0, "b0")
    assert queue.remove_client(b"a") == ["a0"]
    assert queue.remove_client(b"a") == []
    assert [queue.take(), queue.take()] == ["b0", None]


def test_removing_some_items_keeps_the_turns_of_the_others() -> None:
    queue = FairQueue[int](4)
    for stream in range(4):
        queue.put(b"a", stream, stream)
    assert queue.remove_if(lambda item: item % 2 == 0) == [0, 2]
    assert [queue.take(), queue.take(), queue.take()] == [1, 3, None]


@given(actions)
def test_every_item_leaves_exactly_once_and_the_size_is_bounded(steps: list[tuple[str, bytes, int]]) -> None:
    queue = FairQueue[int](3)
    entered: list[int] = []
    left: list[int] = []
    for number, (action, client, key) in enumerate(steps):
        if action == "put":
            try:
                older = queue.put(client, key, number)
            except QueueFullError:
                assert queue.count(client) == 3
            else:
                entered.append(number)
                left += [] if older is None else [older]
        elif action == "take":
            item = queue.take()
            left += [] if item is None else [item]
        elif action == "leave":
            left += queue.remove_client(client)
        else:
            left += queue.remove_if(lambda item, key=key: item % 5 == key)
        assert len(queue) == len(entered) - len(left) <= 3 * len(CLIENTS)
        assert len(queue) == sum(queue.count(client) for client in CLIENTS)
    while (item := queue.take()) is not None:
        left.append(item)
    assert sorted(left) == entered


@given(st.lists(st.tuples(st.sampled_from(CLIENTS), st.integers(0, 3)), max_size=80))
def test_a_waiting_stream_is_served_before_anybody_else_is_served_twice_too_often(
    puts: list[tuple[bytes, int]],
) -> None:
    queue = FairQueue[tuple[bytes, int]](4)
    queue.put(b"me", 0, (b"me", 0))
    served: list[bytes] = []
    for client, key in puts:
        queue.put(client, key, (client, key))
        served.append(queue.take()[0])  # type: ignore[index]
        if served[-1] == b"me":
            break
    assert all(served.count(client) <= 1 for client in CLIENTS)
