"""What U01 says: which steps were skipped, before which later step, and on which side of a rejection."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_fixtures import Fixture, inspect_fixture


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["delete Langkah!3"], [("2", "2 sebelum 3", 3, "")]),
        (["delete Langkah!8", "delete Langkah!3"], [("2", "2 sebelum 3", 3, ""), ("8", "8 sebelum 9", 9, "")]),
        (["delete Langkah!7", "delete Langkah!5"], [("5 dan 7", "5 sebelum 8; 7 sebelum 8", 8, "")]),
        (["delete Langkah!17"], [("8", "8 sebelum 9", 9, " sebelum penolakan")]),
        (["delete Langkah!20"], [("8", "8 sebelum 9", 9, " sesudah penolakan")]),
        (["delete Langkah!20", "delete Langkah!17"], [("8", "8 sebelum 9", 9, ""), ("8", "8 sebelum 9", 9, "")]),
    ],
)
def test_each_run_of_skipped_steps_names_the_later_step_that_came_after_it(
    tmp_path: Path, lines: list[str], said: list[tuple[str, str, int, str]]
) -> None:
    findings = inspect_fixture(Fixture("U01", lines), tmp_path).findings

    assert [found.message for found in findings if found.code == "U01"] == [
        f"Langkah {skipped} dilewati ({before}): langkah {later} sudah dimulai, "
        f"sedangkan langkah {skipped} tidak tercatat{when}."
        for skipped, before, later, when in said
    ]
