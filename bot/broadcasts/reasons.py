"""Why a notice reaches somebody not at all, and how an official reads it."""

from __future__ import annotations

from enum import Enum
from typing import Mapping

from bot.wording.speaker import marked as _


class Reason(Enum):
    OPTED_OUT = "opted_out"
    NOT_CHOSEN = "not_chosen"
    NOT_FOLLOWING = "not_following"
    LEFT = "left"
    NO_ACCOUNT = "no_account"
    NO_CHANNEL = "no_channel"
    WINDOW_CLOSED = "window_closed"
    PHONE_WITHOUT_TEMPLATE = "phone_without_template"
    MISSING_VALUE = "missing_value"


SENTENCES: Mapping[Reason, str] = {
    Reason.OPTED_OUT: _("Đã từ chối nhận tin"),
    Reason.NOT_CHOSEN: _("Có trong tệp nhưng chưa đăng ký chủ đề hoặc không thuộc phạm vi đã chọn"),
    Reason.NOT_FOLLOWING: _("Không theo dõi tài khoản Zalo của cơ quan"),
    Reason.LEFT: _("Đã chặn hoặc bỏ theo dõi"),
    Reason.NO_ACCOUNT: _("Không tìm thấy tài khoản người nhận"),
    Reason.NO_CHANNEL: _("Không dùng Zalo hay Telegram mà cơ quan đang kết nối"),
    Reason.WINDOW_CLOSED: _("Quá 7 ngày không nhắn tin trên Zalo và chưa có mẫu tin thay thế"),
    Reason.PHONE_WITHOUT_TEMPLATE: _("Chỉ có số điện thoại nhưng chưa chọn mẫu tin Zalo"),
    Reason.MISSING_VALUE: _("Thiếu thông tin để điền vào nội dung"),
}
