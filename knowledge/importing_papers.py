"""Papers of an official export: cases and their parts told apart, notes taken out of the list, forms put first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Optional

from knowledge.importing_findings import Kind, Report
from knowledge.importing_forms import form_of, is_form_name, without_file_name
from knowledge.importing_shapes import RawGroup, RawPaper
from knowledge.importing_texts import fold, is_said, short_name, split_bullet
from knowledge.procedures import Case, Paper, PaperUse, Text

ORDINARY = Text(vi="Trường hợp thông thường", en="Ordinary case")
BOOK_ABOLISHED = Text(
    vi="Sổ giấy đã bỏ từ 1/1/2023; cán bộ tra nơi cư trú trên cơ sở dữ liệu",
    en="The paper books were abolished on 1 January 2023; the officer looks the residence up",
)
NOTE_LENGTH = 600  # characters of notes that the last paper of a case carries; longer ones become conditions

_GATHERED = r"^\W*(?:[a-z0-9]\W\s*)?(?:các )?(?:loại )?"
_ONLY_A_HEADING = re.compile(
    rf"(?i){_GATHERED}(?:thành phần hồ sơ|hồ sơ|giấy tờ|bao gồm|gồm)(?:[\s,:]*(?:bao gồm|gồm)(?: có)?)?\W*$"
)
_TO_SUBMIT = re.compile(rf"(?i){_GATHERED}(?:thành phần hồ sơ|giấy tờ)(?: cần)? phải nộp\b")
_TO_SHOW = re.compile(rf"(?i){_GATHERED}(?:thành phần hồ sơ|giấy tờ)(?: cần)? phải xuất trình\b")
_SHOWN = re.compile(r"(?i)^xuất trình\s+(?!hoặc)")
_NOTE = re.compile(r"(?i)^\W*(?:một số )?(?:điểm )?lưu ý\b")
_LEAD = re.compile(r"(?i)^[^:]{0,90}phải (?:nộp|xuất trình)[^:]{0,30}(?::\s*|$)")
_COUNT_IN_NAME = re.compile(r"(?i)(?<!\d)0*(\d{1,2})\s*(?:\([^)]*\)\s*)?bản\s+(chính|gốc|sao|chụp)")
_NOT_A_PAPER = re.compile(r"(?i)^(?:trường hợp|đối với|người|nếu|tuỳ|tùy|cơ quan|cá nhân|tổ chức|theo quy định)\b")
_BOOK = re.compile(r"(?i)sổ hộ khẩu(?: gia đình)?(?:(?:,| hoặc| và|/) ?sổ tạm trú)?")
_ONLY_A_BOOK = re.compile(r"(?i)^(?:bản (?:sao|chính|chụp)(?: có chứng thực)? )?sổ hộ khẩu(?!.*(?:;|giấy tờ))")
PLACE_OF_RESIDENCE = "giấy tờ về nơi thường trú"
_BY_DELEGATE = re.compile(r"(?i)(?:ủy|uỷ) quyền")  # never the ordinary case
_RAW_HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
_RAW_COUNT = re.compile(r"(?<!\d)(\d{1,2}) bản (chính|sao)(?:,\s*(\d{1,2}) bản sao)?")


@dataclass
class _Part:
    """What is gathered for one case while its groups are read."""

    name: str
    papers: list[tuple[tuple[object, ...], Paper]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_cases(
    groups: tuple[RawGroup, ...], raw_text: str, report: Report
) -> tuple[tuple[Case, ...], tuple[Text, ...]]:
    """The cases with their papers, and the notes about papers that no paper of a case could carry."""
    groups = groups if any(group.papers for group in groups) else _from_raw_text(raw_text, report)
    items = [paper for group in groups for paper in group.papers]
    # A procedure all of whose items lack counts still has papers: those whose name says how many are believed.
    counts_in_names = bool(items) and not any(paper.originals or paper.copies for paper in items)
    parts: dict[str, _Part] = {}
    for group in groups:
        _read_group(group, counts_in_names, parts, report)
    loose: list[str] = []
    kept = [part for part in parts.values() if part.papers]
    for part in parts.values():
        if not part.papers:
            prefix = f"{part.name}: " if part.name else ""
            loose.extend(f"{prefix}{note}" for note in part.notes)
    kept.sort(key=lambda part: (part.name != "", bool(_BY_DELEGATE.search(part.name))))
    ids: set[str] = set()
    cases = tuple(_case(part, ids, loose, report) for part in kept)
    if not cases:
        report(Kind.NO_PAPERS, raw_text[:80])
        cases = (Case(id="ordinary", name=ORDINARY),)
    return cases, tuple(Text(vi=f"Về hồ sơ: {note}") for note in dict.fromkeys(loose))


def _read_group(group: RawGroup, counts_in_names: bool, parts: dict[str, _Part], report: Report) -> None:
    heading = group.heading
    is_note = bool(_NOTE.match(heading))
    is_part = not heading or is_note or bool(_ONLY_A_HEADING.match(heading))
    use = PaperUse.SHOW if _TO_SHOW.match(heading) else PaperUse.SUBMIT
    is_part = is_part or use is PaperUse.SHOW or bool(_TO_SUBMIT.match(heading))
    name = "" if is_part else split_bullet(heading)[1].strip(" :.;,")
    part = parts.setdefault(fold(name), _Part(name))
    for raw in group.papers:
        _read_item(raw, use, is_note, counts_in_names, part, report)


def _read_item(
    raw: RawPaper, use: PaperUse, is_note: bool, counts_in_names: bool, part: _Part, report: Report
) -> None:
    name = without_file_name(raw.name, raw.file)
    if name != raw.name:
        report(Kind.FILE_NAME_REMOVED, raw.name[len(name) :][:80])
    number, text = split_bullet(name)
    if _TO_SHOW.match(text):
        use = PaperUse.SHOW
    text = _LEAD.sub("", text) if _TO_SHOW.match(text) or _TO_SUBMIT.match(text) else text
    if _SHOWN.match(text):
        use, text = PaperUse.SHOW, _SHOWN.sub("", text)
        text = text[:1].upper() + text[1:]
    originals, copies = raw.originals, raw.copies
    if not originals and not copies and counts_in_names and not _NOT_A_PAPER.match(text):
        originals, copies = _counts_in_name(text)
        if originals or copies:
            report(Kind.COUNT_FROM_NAME, text[:80])
    if is_note or _NOTE.match(text) or not (originals or copies):
        report(Kind.NOTE_NOT_PAPER, text[:80])
        if is_said(text):
            part.notes.append(text.strip(" .;"))
        return
    form, is_repaired = form_of(name, raw.file)
    if is_repaired:
        report(Kind.FILE_IS_NO_FORM, raw.file[:80])
    paper = _paper(text, use, originals, copies, form, report)
    rank = (list(PaperUse).index(paper.use), not is_form_name(paper.name.vi, form), number or 9999, fold(paper.name.vi))
    part.papers.append((rank, paper))


def _counts_in_name(text: str) -> tuple[int, int]:
    found = _COUNT_IN_NAME.findall(text)
    if len(found) != 1:
        return 0, 0
    count, kind = int(found[0][0]), found[0][1].lower()
    return (count, 0) if kind in ("chính", "gốc") else (0, count)


def _paper(text: str, use: PaperUse, originals: int, copies: int, form: Optional[str], report: Report) -> Paper:
    if _ONLY_A_BOOK.match(text):
        report(Kind.HOUSEHOLD_BOOK, f"{text[:120]}: {BOOK_ABOLISHED.vi}")
        return Paper(name=Text(vi=short_name(text)[0]), use=PaperUse.NOT_NEEDED, note=BOOK_ABOLISHED)
    if _BOOK.search(text):
        report(Kind.HOUSEHOLD_BOOK_MENTIONED, text[:160])
        text = _BOOK.sub(PLACE_OF_RESIDENCE, text)
        text = text[:1].upper() + text[1:]
    name, more = short_name(text)
    note = Text(vi=more) if more else None
    return Paper(name=Text(vi=name), use=use, originals=originals, copies=copies, form=form, note=note)


def _case(part: _Part, ids: set[str], loose: list[str], report: Report) -> Case:
    ordered = sorted(part.papers, key=lambda item: item[0])
    if [paper for _, paper in ordered] != [paper for _, paper in part.papers]:
        report(Kind.PAPERS_SORTED, part.name[:80])
    papers = list(dict.fromkeys(paper for _, paper in ordered))
    name, more = short_name(part.name)
    notes = list(dict.fromkeys([*([more] if more else []), *part.notes]))
    carried, length = [], len(papers[-1].note.vi) if papers[-1].note else 0
    for note in notes:
        if length + len(note) <= NOTE_LENGTH:
            carried.append(note)
            length += len(note)
        else:
            loose.append(f"{name}: {note}" if name else note)
    papers[-1] = _with_notes(papers[-1], carried)
    return Case(id=_free_id(name, ids), name=Text(vi=name) if name else ORDINARY, papers=tuple(papers))


def _with_notes(paper: Paper, notes: list[str]) -> Paper:
    if not notes or paper.use is PaperUse.NOT_NEEDED:
        return paper
    said = [paper.note.vi.rstrip(" .")] if paper.note else []
    return Paper(
        name=paper.name,
        use=paper.use,
        originals=paper.originals,
        copies=paper.copies,
        form=paper.form,
        note=Text(vi=". ".join([*said, *notes])),
    )


def _free_id(name: str, ids: set[str]) -> str:
    wanted = fold(name)[:32].strip("_") or "ordinary"
    chosen, number = wanted, 2
    while chosen in ids:
        chosen, number = f"{wanted[:29]}_{number}", number + 1
    ids.add(chosen)
    return chosen


def _from_raw_text(raw_text: str, report: Report) -> tuple[RawGroup, ...]:
    """The page's text of a procedure whose papers nobody parsed: usable where it is still the table of papers."""
    heading, header, table = raw_text.partition(_RAW_HEADER)
    papers, start = [], 0
    for found in _RAW_COUNT.finditer(table if header else ""):
        count, more = int(found[1]), int(found[3] or 0)
        originals, copies = (count, more) if found[2] == "chính" else (0, count)
        name = table[start : found.start()].replace("\n", " ").strip(" -+\t")
        if name:
            papers.append(RawPaper(name, originals, copies, ""))
        start = found.end()
    if not papers:
        return ()
    report(Kind.PAPERS_FROM_RAW_TEXT, f"{len(papers)}")
    return (RawGroup(heading.strip(" -\n"), tuple(papers)),)
