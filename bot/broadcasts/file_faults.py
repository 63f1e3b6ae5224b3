"""What can be wrong with a file of recipients and with its rows, in the words that the official is told."""

from __future__ import annotations

from enum import Enum
from typing import Mapping

from bot.wording.speaker import marked as _


class FileFault(Enum):
    """Why a whole file is not taken; {detail} as in FileRefused."""

    NOTHING = _("Tệp không có nội dung.")
    TOO_LARGE = _("Tệp lớn quá 100 MB. Xin chia thành nhiều tệp.")
    TOO_MANY_ROWS = _("Tệp có quá 1.000.000 dòng. Xin chia thành nhiều tệp.")
    TOO_MANY_COLUMNS = _("Tệp có quá 30 cột nội dung. Xin bỏ bớt những cột không dùng.")
    OLD_EXCEL = _("Tệp Excel đời cũ (.xls) hoặc có mật khẩu. Xin lưu lại thành .xlsx không có mật khẩu.")
    BROKEN_EXCEL = _("Không đọc được tệp Excel này. Xin mở bằng Excel rồi lưu lại thành .xlsx.")
    NO_RECIPIENT_COLUMN = _(
        "Không tìm thấy dòng tiêu đề có cột người nhận. Trong 10 dòng đầu phải có một dòng tiêu đề với cột "
        "“Số điện thoại”, “Zalo ID” hoặc “Telegram ID”."
    )
    REPEATED_COLUMN = _("Cột “{detail}” có hai lần. Xin đổi tên hoặc bỏ một cột.")
    NO_ROWS = _("Tệp không có dòng nào dưới dòng tiêu đề.")
    STOPPED = _("Tệp chưa được tải lên hết. Xin tải lại.")


class Remark(Enum):
    """What an official should look at although the file was taken."""

    GUESSED_ENCODING = _("Tệp không ở dạng UTF-8, đã đọc theo bảng mã {detail}. Xin xem kỹ các chữ có dấu.")
    FIRST_SHEET_ONLY = _("Chỉ đọc trang tính đầu tiên: “{detail}”.")


class RowFault(Enum):
    """Why a row is not used, as it is kept."""

    EMPTY = "empty"
    BROKEN = "broken"
    TOO_MANY_CELLS = "too_many_cells"
    NO_RECIPIENT = "no_recipient"
    ROUNDED = "rounded"
    WRONG_PHONE = "wrong_phone"
    LANDLINE = "landline"
    WRONG_ID = "wrong_id"
    REPEATED = "repeated"
    MISSING_VALUE = "missing_value"
    TOO_LONG = "too_long"


# {shown}: the wrong value, masked, or the name of the column; {first}: the row in which the address stands already.
ROW_SENTENCES: Mapping[RowFault, str] = {
    RowFault.EMPTY: _("Dòng trống."),
    RowFault.BROKEN: _("Không đọc được dòng này: thiếu dấu ngoặc kép, có ký tự hỏng hoặc dòng quá dài."),
    RowFault.TOO_MANY_CELLS: _("Dòng có nhiều ô hơn dòng tiêu đề."),
    RowFault.NO_RECIPIENT: _("Không có số điện thoại hay địa chỉ người nhận."),
    RowFault.ROUNDED: _("“{shown}”: Excel đã làm tròn số này. Xin định dạng cột là Văn bản (Text) rồi nhập lại."),
    RowFault.WRONG_PHONE: _("“{shown}” không phải số điện thoại di động Việt Nam."),
    RowFault.LANDLINE: _("“{shown}” là số điện thoại cố định, không nhận được tin Zalo."),
    RowFault.WRONG_ID: _("“{shown}” không phải mã người dùng Zalo hoặc Telegram."),
    RowFault.REPEATED: _("Người nhận này đã có ở dòng {first}."),
    RowFault.MISSING_VALUE: _("Cột “{shown}” để trống."),
    RowFault.TOO_LONG: _("Cột “{shown}” dài quá 100 ký tự."),
}


class FileRefused(Exception):
    """Ask the official for another file: ``say(fault.value, detail=detail)``. ``detail`` is no personal data."""

    def __init__(self, fault: FileFault, detail: str = "") -> None:
        super().__init__(fault.name)
        self.fault, self.detail = fault, detail
