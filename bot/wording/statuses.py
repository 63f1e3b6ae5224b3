"""Words the ten national statuses of a dossier: the official name, what it means in plain words, what to do next."""

from __future__ import annotations

from typing import Mapping, NamedTuple

from bot.wording.speaker import marked as _
from knowledge.dossiers import DossierStatus


class StatusWords(NamedTuple):
    """Source sentences, said by ``Speaker.gettext``. ``name`` is the official one; the rest is ours."""

    name: str
    meaning: str
    next_step: str


_WAIT = _("Ông/bà chờ đến ngày hẹn trả, chưa phải làm gì.")

STATUSES: Mapping[DossierStatus, StatusWords] = {
    DossierStatus.REGISTERED: StatusWords(
        _("Mới đăng ký"),
        _("Hồ sơ đã gửi tới nhưng cán bộ chưa nhận, nên chưa tính ngày."),
        _("Ông/bà chờ cơ quan kiểm tra. Lâu chưa thấy nhận thì xin gọi nơi nộp."),
    ),
    DossierStatus.RECEIVED: StatusWords(
        _("Được tiếp nhận"),
        _("Cơ quan đã nhận hồ sơ và bắt đầu tính ngày."),
        _WAIT,
    ),
    DossierStatus.NOT_ACCEPTED: StatusWords(
        _("Không được tiếp nhận"),
        _("Cơ quan không nhận hồ sơ."),
        _("Ông/bà xem lý do trong phiếu từ chối, sửa rồi nộp lại. Chưa rõ thì xin gọi nơi nộp."),
    ),
    DossierStatus.PROCESSING: StatusWords(
        _("Đang xử lý"),
        _("Cơ quan đang giải quyết hồ sơ."),
        _WAIT,
    ),
    DossierStatus.SUPPLEMENT_REQUIRED: StatusWords(
        _("Yêu cầu bổ sung giấy tờ"),
        _("Hồ sơ còn thiếu giấy tờ. Cơ quan tạm ngừng tính ngày cho đến khi nộp đủ."),
        _("Ông/bà nộp thêm giấy còn thiếu càng sớm càng tốt, tại nơi nộp hoặc trên Cổng Dịch vụ công."),
    ),
    DossierStatus.FEE_DUE: StatusWords(
        _("Yêu cầu thực hiện nghĩa vụ tài chính"),
        _("Cơ quan chờ ông/bà nộp tiền, nộp xong mới làm tiếp."),
        _(
            "Ông/bà nộp tiền tại nơi nhận hồ sơ hoặc trên Cổng Dịch vụ công quốc gia. "
            "Xin đừng chuyển tiền cho riêng người nào."
        ),
    ),
    DossierStatus.WITHDRAWN: StatusWords(
        _("Công dân yêu cầu rút hồ sơ"),
        _("Hồ sơ đã được rút theo yêu cầu của người nộp."),
        _("Nếu ông/bà không yêu cầu rút, xin gọi ngay nơi nộp. Muốn làm lại thì nộp hồ sơ mới."),
    ),
    DossierStatus.STOPPED: StatusWords(
        _("Dừng xử lý"),
        _("Cơ quan đã dừng giải quyết hồ sơ."),
        _("Ông/bà xem lý do trong giấy báo dừng giải quyết, hoặc gọi nơi nộp để biết cách làm tiếp."),
    ),
    DossierStatus.DONE: StatusWords(
        _("Đã xử lý xong"),
        _("Đã có kết quả."),
        _(
            "Ông/bà mang giấy hẹn và giấy tờ tùy thân đến nơi nộp để nhận. "
            "Nếu đã chọn trả tại nhà thì chờ bưu điện mang tới."
        ),
    ),
    DossierStatus.RETURNED: StatusWords(
        _("Đã trả kết quả"),
        _("Kết quả đã được trả, hồ sơ kết thúc."),
        _("Nếu ông/bà chưa nhận được kết quả, xin gọi nơi nộp."),
    ),
}
