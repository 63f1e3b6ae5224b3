"""The shipped catalogue keeps the rules of knowledge/data/procedures/README.md."""

from __future__ import annotations

import re
import unicodedata

import pytest

from knowledge.curated import PROCEDURES_FOLDER, read_curated_procedures, read_procedure_file
from knowledge.procedures import PaperUse, Procedure

CODE = re.compile(r"[1-6]\.\d{6}")
FILES = sorted(PROCEDURES_FOLDER.rglob("*.yml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def procedure(request: pytest.FixtureRequest) -> Procedure:
    return read_procedure_file(request.param)


def test_the_catalogue_holds_at_least_a_hundred_procedures() -> None:
    assert len(read_curated_procedures()) >= 100


def test_file_name_begins_with_the_code() -> None:
    assert [path.name for path in FILES if not path.name.startswith(read_procedure_file(path).code + "-")] == []


def test_code_and_source_are_official(procedure: Procedure) -> None:
    assert CODE.fullmatch(procedure.code)
    assert procedure.source.startswith("https://")


def test_everyday_names_are_what_people_say(procedure: Procedure) -> None:
    names = [name.casefold() for name in procedure.everyday_names.vi]
    assert len(names) >= 3
    assert len(set(names)) == len(names)
    assert procedure.title.vi.casefold() not in names
    assert procedure.everyday_names.en


def test_every_case_has_papers_and_each_paper_a_count(procedure: Procedure) -> None:
    assert procedure.cases
    assert len({case.id for case in procedure.cases}) == len(procedure.cases)
    for case in procedure.cases:
        needed = [paper for paper in case.papers if paper.use is not PaperUse.NOT_NEEDED]
        assert needed, f"case {case.id} asks for nothing"
        assert [paper.name.vi for paper in needed if paper.originals + paper.copies < 1] == []


def test_no_paper_household_book_is_asked_for(procedure: Procedure) -> None:
    for case in procedure.cases:
        for paper in case.papers:
            if paper.use is not PaperUse.NOT_NEEDED:
                assert "sổ hộ khẩu" not in paper.name.vi.casefold()
                assert "sổ tạm trú" not in paper.name.vi.casefold()


def test_can_be_answered(procedure: Procedure) -> None:
    parts = ("channels", "steps", "places", "result", "legal_basis")
    assert [part for part in parts if not getattr(procedure, part)] == []


def test_fees_without_amount_say_who_sets_them_and_dates_are_in_order(procedure: Procedure) -> None:
    for channel in procedure.channels:
        for fee in channel.fees:
            assert fee.text.vi
            if fee.valid_from and fee.valid_to:
                assert fee.valid_from <= fee.valid_to


def test_every_sentence_has_both_languages_and_is_composed_unicode() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text == unicodedata.normalize("NFC", text), path.name
        assert text.count("vi:") == text.count("en:"), path.name


def test_related_codes_are_shipped_too() -> None:
    procedures = read_curated_procedures()
    codes = {procedure.code for procedure in procedures}
    assert {code for procedure in procedures for code in procedure.related} <= codes
