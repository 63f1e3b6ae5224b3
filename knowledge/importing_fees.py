"""Fees and time limits of an official export: what the columns say, checked against the words beside them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Optional

from knowledge.importing_findings import Kind, Report
from knowledge.importing_shapes import RawChannel, RawFee
from knowledge.importing_texts import is_said
from knowledge.procedures import Channel, ChannelKind, Fee, Text, TimeLimit, TimeUnit

KINDS = {
    "trực tiếp": ChannelKind.IN_PERSON,
    "trực tuyến": ChannelKind.ONLINE,
    "dịch vụ bưu chính": ChannelKind.POST,
}
UNITS = {
    "giờ": TimeUnit.HOUR,
    "ngày làm việc": TimeUnit.WORKING_DAY,
    "ngày": TimeUnit.DAY,
    "tháng": TimeUnit.MONTH,
}
UNIT_NAMES = {
    TimeUnit.HOUR: "hours",
    TimeUnit.WORKING_DAY: "working days",
    TimeUnit.DAY: "days",
    TimeUnit.MONTH: "months",
}
CIVIL_STATUS = "hộ tịch"
FREE = Text(vi="Miễn phí", en="Free")
AMOUNT_UNREADABLE = Text(
    vi="Có thu phí; nguồn không ghi rõ số tiền", en="A fee is charged; the source does not say how much"
)
SMALLEST_FEE = 1_000  # đồng; what is below is a slip of the portal (thousands left out, dollars taken for đồng)
TIME_WORDS = 400

_NUMBER = re.compile(r"0{0,2}[1-9]\d{0,3}")
_FRACTION = re.compile(r"\d{1,3}[.,]\d{1,2}")
_STATED_DONG = re.compile(r"(?i)^(\d[\d.,]{0,19})\s*(?:việt nam đồng|vnđ|đồng)$")
_STATED_FREE = re.compile(r"(?i)^(?:miễn phí|0\s*(?:đồng|vnđ)?|không\s*(?:đồng|thu)?|o đồng)$")
_STATED_OTHER_MONEY = re.compile(r"(?i)^[\d.,]+\s*usd$")
_AMOUNT = re.compile(
    r"(?i)(?<![\w.,/])(\d{1,3}(?:[.,]\d{3}){1,5}|\d{1,12}(?:,\d{1,2})?)\s*(triệu|nghìn|ngàn)?\s*(?:đồng|vnđ|vnd|đ(?!\w))"
)
_THOUSANDS = {"triệu": 1_000_000, "nghìn": 1_000, "ngàn": 1_000}
_FORMULA = re.compile(r"(?i)%|tối đa|tối thiểu|không quá|không dưới|\+ ?\(|\bx\s*\d|phần trăm|/\s*GT\b")
_COUNCIL = re.compile(r"(?i)hội đồng nhân dân|\bHĐND\b")
_ABOUT_A_FEE = re.compile(r"(?i)phí|thông tư|nghị định|nghị quyết|mức thu|biểu mức|theo quy định|\d usd")
_FREE_SAID = re.compile(r"(?i)^\W*(?:được\s+)?(?:miễn|không thu|không mất|không có phí)")
_FOR_SOME = re.compile(r"(?i)đối với|\bcho\b|trường hợp|nếu\b|kể từ|từ ngày")
_CLAUSES = re.compile(r";\s*|(?:^|\s)[-+*•]\s+|\.\s+(?=[A-ZĐÀ-Ỹ])")
_DAY = r"(\d{1,2})/(\d{1,2})/(\d{4})"
_FROM = re.compile(rf"(?i)\btừ (?:ngày )?{_DAY}")
_TO = re.compile(rf"(?i)\bđến (?:hết )?(?:ngày )?{_DAY}")
_RULE = re.compile(r"(?:Thông tư|Nghị định|Nghị quyết)(?: số)? \d+/\d{4}/[A-ZĐ][\w-]*")
_TIME_SAID = re.compile(r"(?i)thời hạn|\d\)?\s*(?:ngày|giờ|tháng)\b|trong ngày|\bngay (?:khi|sau|trong)|trước khi")
_OPENING_HOURS = re.compile(r"(?i)giờ hành chính|thứ (?:2|hai)|thời gian tiếp nhận")


def read_channels(rows: tuple[RawChannel, ...], field: str, report: Report) -> tuple[Channel, ...]:
    """One channel per way and time limit; rows of the portal that differ only in the fee are joined."""
    fees: dict[tuple[ChannelKind, TimeLimit], list[Fee]] = {}
    for row in rows:
        kind = KINDS.get(row.kind.lower(), ChannelKind.IN_PERSON)
        known = fees.setdefault((kind, read_time_limit(row, field, report)), [])
        for raw in row.fees:
            raw = RawFee(raw.stated, _with_fee_words(raw.note, row.words))
            known.extend(fee for fee in read_fees(raw, row.glued, report) if fee not in known)
    order = list(ChannelKind)
    channels = [Channel(kind=kind, time_limit=limit, fees=tuple(found)) for (kind, limit), found in fees.items()]
    return tuple(sorted(channels, key=lambda channel: order.index(channel.kind)))


def _with_fee_words(note: str, words: str) -> str:
    """The brackets should say all about the fee; some rows go on about it behind them."""
    sentences = re.split(r"(?<=[.;])\s+", words)
    more = [part for part in sentences if _AMOUNT.search(part) and re.search(r"(?i)phí|\bthu\b|đồng ?/", part)]
    if not more:
        return note
    return " ".join(more) if note.startswith("/") or not note else f"{note.rstrip(' .;')}. {' '.join(more)}"


def read_time_limit(row: RawChannel, field: str, report: Report) -> TimeLimit:
    """A number becomes an amount only where its unit is known; otherwise the words are all there is."""
    note = _time_words(row.words)
    words = Text(vi=note) if note else None
    if row.glued:
        report(Kind.TIME_AND_FEE_GLUED, f"{row.time} {row.kind}")
        return TimeLimit(note=words)
    if not row.time:
        return TimeLimit(note=words)
    unit = UNITS.get(row.unit.lower())
    if not _NUMBER.fullmatch(row.time):
        report(Kind.TIME_UNREADABLE, f"{row.time} {row.unit}".strip()[:80])
        if unit and _FRACTION.fullmatch(row.time):
            number = row.time.replace(".", ",")
            words = words or Text(vi=f"{number} {row.unit.lower()}", en=f"{row.time} {UNIT_NAMES[unit]}")
        return TimeLimit(note=words)
    amount = int(row.time)
    if unit is None:
        unit = _unit_in_words(amount, row.words)
        if unit is not None:
            report(Kind.UNIT_FROM_TEXT, f"{amount} = {unit.value}")
        elif field.lower() == CIVIL_STATUS:
            unit = TimeUnit.WORKING_DAY
            report(Kind.UNIT_ASSUMED, str(amount))
    if unit is None:
        report(Kind.UNIT_MISSING, f"{amount} ({row.kind})")
        said = f"{amount} (nguồn không ghi đơn vị thời gian)"
        english = f"{amount} (the source names no unit of time)"
        return TimeLimit(note=Text(vi=f"{said}. {note}") if note else Text(vi=said, en=english))
    return TimeLimit(amount=amount, unit=unit, note=words)


def _unit_in_words(amount: int, words: str) -> Optional[TimeUnit]:
    found = re.findall(rf"(?i)\b0*{amount}\s*(?:\([^)]*\)\s*)?(ngày làm việc|ngày|giờ|tháng)\b", words)
    units = {UNITS[name.lower()] for name in found}
    return units.pop() if len(units) == 1 else None


def _time_words(words: str) -> str:
    kept: list[str] = []
    for sentence in re.split(r"(?<=[.;])\s+", words):
        if _TIME_SAID.search(sentence) and not _OPENING_HOURS.search(sentence):
            kept.append(sentence.strip(" -+*"))
    text = ""
    for sentence in dict.fromkeys(kept):
        if text and len(text) + len(sentence) > TIME_WORDS:
            return f"{text} …"
        text = f"{text} {sentence}".strip()
    return text


def read_fees(raw: RawFee, glued: bool, report: Report) -> tuple[Fee, ...]:
    """The fees of one row. "Miễn phí" is the portal's default, so the words beside it are believed before it."""
    note = _unwrap(raw.note)
    if glued:
        if note:
            report(Kind.FEE_FROM_TEXT, note[:120])
            return _listed(note)
        return (Fee(text=AMOUNT_UNREADABLE),)
    if _STATED_FREE.match(raw.stated):
        return _free(note, report)
    dong = _STATED_DONG.match(raw.stated)
    if dong:
        return _paid(int(re.sub(r"[.,]", "", dong[1])), note, report)
    if not is_said(raw.stated) or raw.stated.lower() == "đồng":
        return _listed(note) if _ABOUT_A_FEE.search(note) or _amounts(note) else ()
    if _STATED_OTHER_MONEY.match(raw.stated):
        return (Fee(text=Text(vi=note if raw.stated.upper() in note.upper() else _beside(raw.stated, note))),)
    return (Fee(text=Text(vi=_beside(raw.stated.removesuffix(" Đồng"), note))),)


def _free(note: str, report: Report) -> tuple[Fee, ...]:
    if not is_said(note):
        return (Fee(text=FREE, amount=0),)
    if _COUNCIL.search(note):
        report(Kind.FREE_BUT_COUNCIL_DECIDES, note[:160])
        return (Fee(text=Text(vi=note)),)
    if _FREE_SAID.match(note) and not _FOR_SOME.search(note):
        return (Fee(text=Text(vi=note), amount=0),)
    if _amounts(note) or _ABOUT_A_FEE.search(note):
        report(Kind.FREE_BUT_FEE_DESCRIBED, note[:160])
        return _listed(note)
    return (Fee(text=Text(vi=_beside(FREE.vi, note)), amount=0),)


def _paid(amount: int, note: str, report: Report) -> tuple[Fee, ...]:
    named = _amounts(note)
    if _COUNCIL.search(note):
        report(Kind.FEE_AMOUNTS_DIFFER, f"{_dong(amount)}: {note[:160]}")
        return (Fee(text=Text(vi=note)),)
    if amount < SMALLEST_FEE and amount not in named:
        if amount * 1000 in named or re.search(rf"\b0*{amount}\s*USD", note, re.IGNORECASE):
            report(Kind.FEE_FROM_TEXT, f"{amount} đồng: {note[:120]}")
            return _listed(note)
        report(Kind.FEE_IMPLAUSIBLE, f"{amount} đồng {note[:120]}".strip())
        said = f"Nguồn ghi {amount} đồng, có thể thiếu số không"
        if note:
            return (Fee(text=Text(vi=_beside(said, note))),)
        return (Fee(text=Text(vi=said, en=f"The source says {amount} đồng, perhaps with zeros missing")),)
    if amount == 0:
        return _free(note, report)
    if not note:
        return (Fee(text=Text(vi=_dong(amount), en=f"{amount:,} đồng"), amount=amount),)
    if not named:
        return (Fee(text=Text(vi=_beside(_dong(amount), note)), amount=amount, rule=_rule(note)),)
    if amount in named:
        return _listed(note)
    report(Kind.FEE_AMOUNTS_DIFFER, f"{_dong(amount)}: {note[:160]}")
    return (Fee(text=Text(vi=_dong(amount), en=f"{amount:,} đồng"), amount=amount), *_listed(note))


def _listed(note: str) -> tuple[Fee, ...]:
    """One fee for each amount the words name; a formula or a comparison stays words without an amount."""
    if len(set(_amounts(note))) < 2:
        return (_fee(note, note),)
    fees: list[tuple[str, str]] = []  # the whole text and the clause that names the amount
    waiting = ""
    for clause in (part.strip(" .-+*•") for part in _CLAUSES.split(note)):
        if not clause:
            continue
        if _amounts(clause):
            fees.append((f"{waiting} {clause}".strip(), clause))
            waiting = ""
        elif clause.endswith(":") or not fees:
            waiting = f"{waiting} {clause}{'' if clause.endswith(':') else '.'}".strip()
        else:
            fees[-1] = (f"{fees[-1][0]}. {clause}", fees[-1][1])
    return tuple(_fee(text, clause) for text, clause in fees)


def _fee(text: str, clause: str) -> Fee:
    amounts = set(_amounts(clause))
    amount = amounts.pop() if len(amounts) == 1 and not _FORMULA.search(clause) else None
    if amount is not None and amount < SMALLEST_FEE:
        amount = None
    start, end = (_FROM.search(clause), _TO.search(clause)) if amount and "miễn" not in clause.lower() else (None, None)
    return Fee(text=Text(vi=text), amount=amount, rule=_rule(text), valid_from=_day(start), valid_to=_day(end))


def _amounts(text: str) -> list[int]:
    found = []
    for number, scale in _AMOUNT.findall(text):
        if scale:
            is_fraction = re.fullmatch(r"\d+,\d{1,2}", number)
            value = float(number.replace(",", ".")) if is_fraction else int(re.sub(r"[.,]", "", number))
            found.append(int(value * _THOUSANDS[scale.lower()]))
        else:
            found.append(int(re.sub(r"[.,]", "", number)))
    return found


def _day(match: Optional[re.Match[str]]) -> Optional[dt.date]:
    if match is None:
        return None
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:  # a day that no calendar has: the words still show it
        return None


def _rule(text: str) -> Optional[str]:
    rules = list(dict.fromkeys(_RULE.findall(text)))
    return rules[0] if len(rules) == 1 else None


def _unwrap(note: str) -> str:
    note = note.strip(" .;")
    if len(note) < 4 and not note.startswith("/"):  # "(i)", "(1)": marks that lost their text
        return ""
    while note.startswith("(") and note.endswith(")") and note.count("(") == note.count(")"):
        note = note[1:-1].strip(" .;")
    return re.sub(r"^[-+*•]\s*", "", note)


def _beside(said: str, note: str) -> str:
    if not note:
        return said
    return f"{said}{note}" if note.startswith("/") else f"{said} ({note})"


def _dong(amount: int) -> str:
    return f"{amount:,} đồng".replace(",", ".")
