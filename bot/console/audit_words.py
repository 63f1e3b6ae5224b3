"""What the actions of the audit log are called in Vietnamese; an action without a name is shown as it is."""

from __future__ import annotations

from typing import Mapping

from bot.wording.speaker import marked as _

ACTIONS: Mapping[str, str] = {
    "session.open": _("đăng nhập"),
    "session.close": _("đăng xuất"),
    "official.refused": _("đăng nhập không thành"),
    "official.lock": _("tạm khóa sau nhiều lần nhập sai"),
    "official.join": _("chọn mật khẩu và ghép điện thoại"),
    "official.password": _("đổi mật khẩu"),
    "official.address": _("đổi nơi nhận tin gửi thử"),
    "official.language": _("đổi ngôn ngữ của trang"),
    "official.add": _("thêm cán bộ"),
    "official.invite": _("lấy đường dẫn dùng một lần"),
    "official.reset": _("cấp lại mật khẩu và điện thoại"),
    "official.change": _("sửa tên, vai trò của cán bộ"),
    "official.disable": _("khóa tài khoản"),
    "official.enable": _("mở lại tài khoản"),
    "rules.change": _("sửa thiết lập"),
    "assistant.stop": _("dừng trợ lý"),
    "assistant.start": _("cho trợ lý chạy lại"),
    "broadcasts.stop": _("dừng mọi tin gửi đi"),
    "broadcasts.start": _("cho gửi tin lại"),
    "campaign.create": _("tạo tin"),
    "campaign.change": _("sửa tin"),
    "campaign.submit": _("trình duyệt tin"),
    "campaign.give_back": _("trả lại tin"),
    "campaign.approve": _("duyệt tin"),
    "campaign.review": _("xem lại tin đã gửi gấp"),
    "campaign.schedule": _("hẹn giờ gửi tin"),
    "campaign.unschedule": _("bỏ hẹn giờ gửi tin"),
    "campaign.start": _("bắt đầu gửi tin"),
    "campaign.pause": _("tạm dừng tin"),
    "campaign.resume": _("gửi tiếp tin"),
    "campaign.cancel": _("hủy tin"),
    "campaign.finish": _("gửi xong tin"),
    "campaign.decide_unknown": _("quyết định về tin không rõ đã đến hay chưa"),
    "procedures.import": _("gửi lên bản xuất thủ tục"),
    "citizen.read": _("xem một người dân"),
    "file.send_up": _("gửi lên tệp người nhận"),
    "phone.refuse": _("ghi một số điện thoại không nhận tin"),
    "phone.allow": _("bỏ một số điện thoại khỏi danh sách không nhận tin"),
    "file.remove": _("xóa tệp người nhận"),
}
