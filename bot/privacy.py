"""Hides identity and phone numbers in what citizens type, before anything is stored, understood or logged.

The last four digits stay: a citizen proves with them that a dossier is theirs. Codes, dates and amounts stay whole.
"""

from __future__ import annotations

import re
import unicodedata

# What is no person's number is matched first, so that its digits are never taken for one.
_NUMBERS = re.compile(
    r"""
    (?P<kept>
      # Dossier codes, also unfinished or mistyped ones: the dialogue explains what is wrong with them.
      (?<!\w) (?: [hg][\doil]{2} (?:\s*[.,]\s*[\doil]{1,3}){1,3} | \d{3}[.,]\d{2}[.,]\d{2}[.,][a-z][\doil]{2} )
        (?: (?:\s*[–—-]\s*|\s+) [12][\doil]{3,6} (?:\s*[–—-]\s*|\s+) [\doil]{1,6}
          | \s+ [12][\doil]{5}
          | \s*[–—-]\s* [\doil]{1,12} )? (?!\w)
      | (?<![\w.]) (?:\d{1,3}(?:[.,]\d{1,3}){1,3}-)?
        [1-4]\d (?:0[1-9]|1[0-2]) (?:0[1-9]|[12]\d|3[01]) \s?[–—-]\s? \d{3,6} (?!\w)
      # Procedure codes.
      | (?<!\d) [1-6]\.\d{6} (?!\d)
      # Dates, times, years.
      | (?<!\d) (?:0?[1-9]|[12]\d|3[01]) (?P<mark>[./-]) (?:0?[1-9]|1[0-2]) (?P=mark) (?:19|20)\d{2} (?!\d)
      | (?<!\d) (?:19|20)\d{2}-(?:0[1-9]|1[0-2])-\d{2} (?!\d)
      | (?<!\d) (?:[01]?\d|2[0-3])[:h][0-5]\d (?!\d)
      | (?<!\d) (?:19|20)\d{2} (?:(?:\s?[–—-]\s?|\s)(?:19|20)\d{2})+ (?! [.–—-]?\d|\s\d )
      # Money: in groups of three, zeros at the end or its unit behind; "123.456.789" may be an old identity number.
      | (?<![\d.,]) [1-9]\d{0,2} (?:[.,]\d{3})* [.,]000 (?![.,]?\d)
      | (?<![\d.,]) [1-9]\d{0,2} (?:[.,]\d{3})+ (?= \s?(?:đồng|đ|vnđ|vnd)(?!\w) )
      | (?<!\d) [1-9]\d{0,2} (?:\s\d{3})* (?:\s000){2} (?!\s?\d)
      | (?<!\d) (?!84) [1-9]\d{0,4} 00000 (?!\s?\d)
    )
    # Nine digits or more, however they are set apart: identity cards old and new, phones, bank cards and accounts.
    | (?P<hidden> (?<!\d) (?:\+\s?)? \d (?: (?:[.–—-]|\s{1,2}|\s[–—-]\s)? \d ){8,} )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def hide_numbers(text: str) -> str:
    """The text with each identity, phone or bank number replaced by dots and its last four digits."""
    return _NUMBERS.sub(lambda match: _masked(match["hidden"]) if match["hidden"] else match[0], text)


def _masked(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return "•" * (len(digits) - 4) + " " + digits[-4:]


def visible(text: str) -> str:
    """The text composed (NFC), without control and format characters: they turn its direction or split a number."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFC", "".join(kept))
