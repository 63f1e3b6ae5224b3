"""What the pages of campaigns call things."""

from __future__ import annotations

from typing import Any, Mapping

from bot.broadcasts.campaign import CampaignState, DeliveryState, Vehicle
from bot.broadcasts.differences import FIELDS
from bot.broadcasts.reasons import SENTENCES
from bot.wording.speaker import marked as _
from connectors.errors import RefusedReason

STATES: Mapping[CampaignState, str] = {
    CampaignState.DRAFT: _("Bản nháp"),
    CampaignState.SUBMITTED: _("Chờ duyệt"),
    CampaignState.APPROVED: _("Đã duyệt"),
    CampaignState.SCHEDULED: _("Đã hẹn giờ gửi"),
    CampaignState.SENDING: _("Đang gửi"),
    CampaignState.PAUSED: _("Tạm dừng"),
    CampaignState.FINISHED: _("Đã gửi xong"),
    CampaignState.CANCELLED: _("Đã hủy"),
}
DELIVERY_STATES: Mapping[DeliveryState, str] = {
    DeliveryState.WAITING: _("Chờ gửi"),
    DeliveryState.SENDING: _("Đang gửi"),
    DeliveryState.SENT: _("Đã gửi"),
    DeliveryState.DELIVERED: _("Đã đến máy"),
    DeliveryState.SEEN: _("Đã xem"),
    DeliveryState.FAILED: _("Không gửi được"),
    DeliveryState.UNKNOWN: _("Chưa rõ"),
}
CHANNELS: Mapping[str, str] = {
    "zalo": _("Zalo"),
    "telegram": _("Telegram"),
    "phone": _("Số điện thoại (qua Zalo)"),
}
VEHICLES: Mapping[Vehicle, str] = {
    Vehicle.MESSAGE: _("Tin nhắn"),
    Vehicle.TEMPLATE: _("Mẫu tin Zalo"),
    Vehicle.PHONE: _("Mẫu tin Zalo đến số điện thoại"),
    Vehicle.ARTICLE: _("Bài viết cho mọi người quan tâm"),
}
# Why somebody was not told, in words that say what can be done about it.
WHY: Mapping[str, str] = {
    RefusedReason.LEFT.value: _("Đã chặn hoặc thôi quan tâm tài khoản của cơ quan"),
    RefusedReason.WINDOW_CLOSED.value: _("Đã lâu không nhắn cho cơ quan, nên Zalo không nhận tin thường"),
    RefusedReason.QUOTA_USED.value: _("Đã nhận đủ số tin mà nền tảng cho phép trong kỳ này"),
    RefusedReason.QUIET_HOURS.value: _("Nền tảng không nhận tin vào giờ này"),
    RefusedReason.RESTRICTED.value: _("Không muốn nhận tin loại này"),
    RefusedReason.NO_SUCH_PERSON.value: _("Không có tài khoản nào ở địa chỉ hoặc số điện thoại này"),
    RefusedReason.WRONG_MESSAGE.value: _("Nền tảng không nhận nội dung này: cần sửa nội dung"),
    "not_taken": _("Nền tảng không nhận tin và không nói vì sao"),
    "payment_needed": _("Tài khoản Zalo của cơ quan hết tiền hoặc chưa có gói trả phí"),
    "look_at_this": _("Nền tảng báo một lỗi cần người xem: xin báo người quản trị"),
    "token_rejected": _("Quyền vào tài khoản Zalo không còn hiệu lực: xin báo người quản trị"),
    "grant_dead": _("Quyền vào tài khoản Zalo không còn hiệu lực: xin báo người quản trị"),
    "misconfigured": _("Kênh chưa được thiết lập đúng: xin báo người quản trị"),
    "unreachable": _("Không liên lạc được với nền tảng trong thời gian cho phép"),
}
DEEDS: Mapping[str, str] = {
    "create": _("soạn"),
    "change": _("sửa"),
    "submit": _("trình duyệt"),
    "give_back": _("trả lại"),
    "approve": _("duyệt"),
    "review": _("xem lại sau khi gửi gấp"),
    "schedule": _("hẹn giờ gửi"),
    "unschedule": _("bỏ giờ hẹn"),
    "start": _("bắt đầu gửi"),
    "pause": _("tạm dừng"),
    "resume": _("gửi tiếp"),
    "finish": _("gửi xong"),
    "cancel": _("hủy"),
    "decide_unknown": _("quyết định về các tin chưa rõ"),
}
LANGUAGES: Mapping[str, str] = {"vi": _("Tiếng Việt"), "en": _("Tiếng Anh")}

# For the templates.
WORDS: Mapping[str, Any] = {
    "states": STATES,
    "delivery_states": DELIVERY_STATES,
    "channel_words": CHANNELS,
    "vehicle_words": VEHICLES,
    "language_words": LANGUAGES,
    "why_words": WHY,
    "reason_words": SENTENCES,
    "labels": FIELDS,
    "deeds": DEEDS,
}
