"""The sentences that messaging channels draw themselves, in Vietnamese; ``gettext`` gives them in another language."""

from __future__ import annotations

from typing import Callable


def channel_texts(gettext: Callable[[str], str]) -> dict[str, str]:
    """Every sentence under the key by which the channels ask for it."""
    return {
        "answer_by_number": gettext("Trả lời bằng số để chọn:"),
        # the menu of commands
        "command_start": gettext("Bắt đầu"),
        "command_thutuc": gettext("Hỏi giấy tờ, lệ phí, nơi nộp của một thủ tục"),
        "command_tracuu": gettext("Tra cứu hồ sơ theo mã"),
        "command_huy": gettext("Hủy việc đang làm"),
        "command_trogiup": gettext("Trợ lý làm được gì"),
        "command_ngonngu": gettext("Đổi ngôn ngữ / Change language"),
        # asking for name and phone
        "request_info_title": gettext("Chia sẻ thông tin liên hệ"),
        "request_info_subtitle": gettext("Để cán bộ gọi lại khi ông/bà yêu cầu. Trợ lý không lưu số điện thoại."),
    }
