"""The sentences of the web chat page, in Vietnamese; ``gettext`` gives them in another language."""

from __future__ import annotations

from typing import Callable


def webchat_texts(gettext: Callable[[str], str]) -> dict[str, str]:
    """Every string of the page and the widget under the key by which the page asks for it."""
    return {
        # the page
        "title": gettext("Trợ lý ảo Một Cửa"),
        "skip": gettext("Đến ô nhập câu hỏi"),
        "language": gettext("Ngôn ngữ"),
        "settings": gettext("Cách hiển thị"),
        "text_size": gettext("Cỡ chữ"),
        "size_normal": gettext("Cỡ chữ vừa"),
        "size_large": gettext("Cỡ chữ lớn"),
        "size_largest": gettext("Cỡ chữ rất lớn"),
        "dark": gettext("Nền tối"),
        "close": gettext("Đóng khung trò chuyện"),
        "notice": gettext("Thông báo"),
        # who speaks
        "bot": gettext("Trợ lý ảo"),
        "person": gettext("Cán bộ"),
        "you": gettext("Ông/bà"),
        "answering": gettext("Đang trả lời"),
        "call": gettext("Gọi cán bộ"),
        # the conversation
        "conversation": gettext("Cuộc trò chuyện"),
        "welcome_title": gettext("Kính chào ông/bà!"),
        "welcome_text": gettext(
            "Tôi là trợ lý ảo của bộ phận Một Cửa. Ông/bà hỏi tôi về giấy tờ, lệ phí, thời hạn, nơi nộp của thủ tục "
            "hành chính, hoặc gửi mã hồ sơ để biết hồ sơ đang ở đâu. Gõ có dấu hay không dấu đều được."
        ),
        "starters": gettext("Câu hỏi thường gặp"),
        "starter_1": gettext("Đăng ký khai sinh cần giấy tờ gì?"),
        "starter_2": gettext("Làm lại căn cước bị mất"),
        "starter_3": gettext("Hồ sơ của tôi đến đâu rồi?"),
        "starter_4": gettext("Tôi muốn gặp cán bộ"),
        "source": gettext("Nguồn"),
        "new_window": gettext("mở trang mới"),
        "choices": gettext("Chọn để hỏi tiếp"),
        "pressed": gettext("đã chọn"),
        "typing": gettext("Trợ lý ảo đang soạn câu trả lời"),
        "new_messages": gettext("Tin mới"),
        "end": gettext("Hết cuộc trò chuyện."),
        # writing
        "write": gettext("Câu hỏi của ông/bà"),
        "example": gettext("Hỏi hoặc gửi mã hồ sơ"),
        "send": gettext("Gửi"),
        "privacy": gettext("Xin đừng gửi số căn cước, mật khẩu hay mã OTP."),
        "sending": gettext("Đang gửi"),
        "waiting": gettext("Chưa gửi được, sẽ tự gửi lại"),
        # the connection
        "offline": gettext("Mất kết nối. Đang nối lại; tin của ông/bà được giữ nguyên."),
        "online": gettext("Đã kết nối lại."),
        "plain": gettext("Dùng trang đơn giản"),
        # what went wrong
        "empty": gettext("Xin ông/bà nhập câu hỏi rồi bấm Gửi."),
        "too_long": gettext("Tin nhắn quá dài. Xin ông/bà viết ngắn lại."),
        "too_fast": gettext("Ông/bà gửi hơi nhanh. Xin chờ một chút, tin sẽ được gửi lại."),
        "too_fast_form": gettext("Ông/bà gửi hơi nhanh. Xin chờ một chút rồi bấm Gửi lần nữa."),
        "too_many_tabs": gettext("Ông/bà đang mở quá nhiều trang trò chuyện. Xin đóng bớt."),
        "unavailable": gettext("Trợ lý ảo đang gặp sự cố. Xin ông/bà thử lại sau ít phút hoặc gọi cán bộ."),
        "form_expired": gettext("Trang đã mở quá lâu hoặc trình duyệt chặn cookie. Xin ông/bà bấm Gửi lần nữa."),
        "wrong_frame": gettext("Trang trò chuyện bị lỗi. Xin ông/bà tải lại trang."),
        # the button on other sites
        "widget_open": gettext("Hỏi trợ lý ảo Một Cửa"),
        "widget_unread": gettext("có tin mới"),
    }
