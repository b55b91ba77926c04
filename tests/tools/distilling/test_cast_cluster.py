"""A cast on a real Ray cluster: two machines, which are processes here, one of which is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster

from tests.tools.distilling.cast_of_blobs import WORKERS, fast_distillation, work, write_cast
from tha4_core.character import load_character
from tha4_core.distill.cast import Member, read_cast
from tha4_core.distill.cast_records import DONE, STOPPED, Record, load_record, record_path
from tha4_core.distill.distributed import alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.run import distill
from tha4_core.distill.run_directory import BODY, FACE
from tha4_core.distill.snapshots import load_snapshot
from tools.distilling.cast_cluster import check_resources, open_cluster, run_cast

MACHINE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80 << 20}
#: A cast of six takes minutes: LONG_TESTS=1.
CHARACTERS = 6 if "LONG_TESTS" in os.environ else 2


class Silent:
    def say(self, text: str) -> None: ...

    def progress(self, progress: Any) -> None: ...

    def asked(self, count: int) -> None: ...

    def evaluated(self, done: int, total: int) -> None: ...


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    cluster = Cluster(initialize_head=True, head_node_args={**MACHINE, "include_dashboard": False})
    try:
        yield cluster
    finally:
        cluster.shutdown()


def record(member: Member) -> Record:
    found = load_record(record_path(member))
    assert found is not None
    return found


def examples(member: Member, network: str = BODY) -> int:
    """In the newest snapshot."""
    folder = member.config.run_directory / network
    snapshot = load_snapshot(folder) if folder.is_dir() else None
    return int(snapshot["training"]["examples"]) if snapshot else 0


@pytest.mark.slow
def test_a_cast_goes_on_after_ctrl_c_and_after_the_loss_of_a_machine_to_the_same_end(
    cluster: Cluster, tmp_path: Path
) -> None:
    lost_machine = cluster.add_node(**MACHINE)
    members = read_cast(write_cast(tmp_path / "cast.yaml", [f"blob {i}" for i in range(CHARACTERS)]), tmp_path / "cast")
    learned: dict[str, int] = {}

    def lose_the_machine() -> None:
        """As soon as a body on it is in the middle: its worker and itself, by SIGKILL."""
        node = lost_machine.node_id[:4]
        while not learned:
            time.sleep(0.05)
            for member in members:
                if record(member).place.endswith(node) and 8 < examples(member) < 40:
                    os.kill(int((tmp_path / "cast" / WORKERS / member.name).read_text()), signal.SIGKILL)
                    cluster.remove_node(lost_machine, allow_graceful=False)
                    learned[member.name] = examples(member)
                    return

    ray = open_cluster(cluster.address)
    run = partial(run_cast, ray, members, yes=False, offline=True, work=work)
    try:
        assert check_resources(ray, [members[0]._replace(gpus=1.0)], local=False) == [
            "blob 0 asks for 1 gpus, and the largest machine has 0; it waits until one with more joins the cluster"
        ]
        with pytest.raises(DistillationError, match="blob 0 asks for 1 gpus, and the largest machine has 0; ask for"):
            check_resources(ray, [members[0]._replace(gpus=1.0)], local=True)

        run("a run", lambda: any(examples(member) for member in members), lambda: None)
        assert all(record(member).state == STOPPED for member in members)
        stopped = {member.name: examples(member, FACE) + examples(member) for member in members}
        assert 8 < max(stopped.values()) < 40

        loser = threading.Thread(target=lose_the_machine, daemon=True)
        loser.start()
        run("another run", lambda: False, lambda: None)
    finally:
        ray.shutdown()

    assert len(learned) == 1
    for member in members:
        assert (record(member).state, record(member).text) == (DONE, "")
        assert record(member).lost == (1 if member.name in learned else 0)
        # What the snapshots held when it was last begun: nothing of it was learned again.
        began = 8 + learned[member.name] if member.name in learned else stopped[member.name]
        assert record(member).resumed == began

    for member in members if "LONG_TESTS" in os.environ else [one for one in members if one.name in learned]:
        single = replace(member.config, output=tmp_path / "single" / f"{member.name}.tha4")
        with fast_distillation():
            distill(single, alone(), lambda: False, Silent())
        assert load_character(single.target).digest == load_character(member.config.target).digest
