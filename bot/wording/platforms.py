"""What is said to whatever messaging platforms bring besides words, and about joining two of them."""

from __future__ import annotations

from typing import Mapping

from bot.wording.speaker import marked as _

LINES_ABOUT_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "photo_not_read": (
        _("Tôi chưa đọc được mã hồ sơ trong ảnh."),
        _("Xin ông/bà gõ mã hồ sơ, hoặc chụp gần và rõ ô vuông QR trên giấy hẹn rồi gửi lại."),
    ),
    "file_not_read": (
        _("Tôi chưa đọc được tệp này. Tôi không nhận hồ sơ qua tin nhắn."),
        _("Xin ông/bà viết câu hỏi, hoặc gõ mã hồ sơ."),
    ),
    "voice_not_heard": (_("Tôi chưa nghe được tin thoại và video. Xin ông/bà gõ câu hỏi, ngắn thôi cũng được."),),
    "location_not_used": (
        _("Tôi không tìm nơi nộp theo vị trí được, và không lưu vị trí của ông/bà."),
        _("Xin ông/bà gõ việc cần làm và tên xã, phường."),
        _("Nơi nhận hồ sơ của chúng tôi: {agency}, {hotline}."),
        "{address}",
    ),
    "sticker_seen": (_("Dạ, tôi nghe đây. Ông/bà cần hỏi gì ạ?"),),
    "contact_not_needed": (_("Tôi không cần danh thiếp hay số điện thoại. Xin ông/bà gõ câu hỏi, hoặc gõ mã hồ sơ."),),
    "link_not_opened": (_("Tôi không mở đường dẫn. Xin ông/bà viết câu hỏi vào đây, hoặc gõ mã hồ sơ."),),
    "ask_privately": (
        _("Ở đây nhiều người cùng đọc nên tôi không nói về hồ sơ hay việc riêng của từng người."),
        _("Xin nhắn riêng cho tôi."),
    ),
    "details_received": (_("Cảm ơn ông/bà. Tôi chỉ là máy trả lời, không lưu tên và số điện thoại của ông/bà."),),
    "link_code": (
        _("Mã nối: {code}"),
        _("Xin gõ mã này cho tôi ở kênh kia (Zalo, Telegram hoặc trang web) trong vòng {wait}."),
        _("Nối xong, tôi coi hai bên là một người. Xin đừng đưa mã cho ai khác."),
    ),
    "link_done": (
        _("Dạ, đã nối xong. Từ giờ tôi biết hai bên là cùng một người."),
        _("Hồ sơ đang theo dõi dùng chung, có tin báo thì tôi nhắn một lần, ở kênh ông/bà dùng sau cùng."),
    ),
    "link_notice": (
        _("Một kênh khác vừa được nối với ông/bà bằng mã nối. Tin báo về hồ sơ sẽ đến kênh dùng sau cùng."),
        _("Nếu không phải ông/bà nối, xin gọi ngay {hotline}."),
    ),
    "link_code_wrong": (
        _("Mã nối này không đúng, đã dùng hoặc đã hết hạn."),
        _("Xin ông/bà xem lại, hoặc gõ “nối kênh” ở kênh kia để lấy mã mới."),
    ),
    "link_code_own": (_("Mã này lấy ở chính cuộc trò chuyện này. Xin ông/bà gõ nó cho tôi ở kênh kia."),),
    "link_too_many": (_("Ông/bà đã gõ sai mã nối nhiều lần. Xin thử lại sau một giờ."),),
    "link_privately": (
        _("Đây không phải cuộc trò chuyện riêng của một người nên không nối được."),
        _("Xin nhắn riêng cho tôi rồi gõ “nối kênh”."),
    ),
    "watch_none": (_("Tôi không theo dõi hồ sơ như vậy và không tự gửi tin nào cho ông/bà, nên không có gì để dừng."),),
    "watch_not_reachable": (
        _("Tôi chỉ tự nhắn tin báo được qua cuộc trò chuyện riêng trên Zalo hoặc Telegram, ở đây thì không."),
        _("Ông/bà có thể nối kênh này với Zalo hoặc Telegram. Hoặc gõ mã hồ sơ bất cứ lúc nào, tôi xem giúp ngay."),
    ),
    "watch_not_offered": (
        _("Ở đây tôi chưa tự nhắn tin báo được. Xin ông/bà gõ mã hồ sơ bất cứ lúc nào, tôi xem giúp ngay."),
    ),
    "watch_limit": (
        _("Ông/bà đang theo dõi số hồ sơ nhiều nhất được phép, nên tôi chưa thêm được hồ sơ {code}."),
        _("Xin thôi theo dõi bớt hồ sơ cũ, ví dụ gõ “thôi theo dõi” kèm mã."),
    ),
    "watch_lost": (
        _("Cổng tra cứu nhiều lần trả lời là không có hồ sơ {code}, nên tôi thôi theo dõi."),
        _("Xin ông/bà hỏi nơi nộp hồ sơ."),
    ),
}
