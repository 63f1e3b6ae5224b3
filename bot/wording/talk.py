"""Words everything that is neither a procedure nor a dossier: greetings, help, asking back, refusing, a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from actions.choices import Payload
from bot.wording.speaker import Speaker


@dataclass(frozen=True)
class Agency:
    """Who answers behind the assistant. ``hours`` are the opening hours in Vietnamese and English."""

    name: Mapping[str, str]
    hotline: str
    hours: Mapping[str, str]
    address: str = ""


def person(say: Speaker, agency: Agency) -> str:
    """Where a person can be had: never guessed, always from the settings."""
    return say.gettext("Ông/bà có thể gọi {hotline} ({name}), giờ làm việc: {hours}.").format(
        hotline=agency.hotline, name=agency.name[say.language], hours=agency.hours[say.language]
    )


def sentences(say: Speaker, agency: Agency, utterance: str, facts: Mapping[str, Any]) -> str:
    """The text of an utterance. Raises KeyError for one that nobody has worded."""
    _ = say.gettext
    person_line = person(say, agency)
    can_do = _(
        "Tôi giúp được: giấy tờ, lệ phí, thời hạn, nơi nộp của thủ tục hành chính; tra cứu hồ sơ theo mã."
    )
    example = _("Ví dụ: «làm khai sinh cần giấy tờ gì», «mất căn cước làm lại ở đâu», «hồ sơ H57.132-260804-0583 tới đâu rồi».")
    texts = {
        "greet": _("Kính chào ông/bà! Tôi là trợ lý ảo của {name}.").format(name=agency.name[say.language]) + f"\n{can_do}\n{example}",
        "goodbye": _("Cảm ơn ông/bà. Cần gì ông/bà cứ nhắn lại cho tôi."),
        "thank": _("Dạ không có gì. Ông/bà cần hỏi thêm gì không?"),
        "who_are_you": _("Tôi là trợ lý ảo (máy trả lời), không phải cán bộ. Tôi chỉ nói điều có trong cơ sở dữ liệu thủ tục và cổng tra cứu, kèm nguồn.")
        + f"\n{person_line}",
        "help": f"{can_do}\n{example}\n" + _("Gõ có dấu hay không dấu đều được. Gõ «thôi» để dừng, «nhắc lại» để nghe lại, «gặp cán bộ» để gặp người thật."),
        "person": _("Dạ, ông/bà cần nói chuyện với cán bộ.") + f"\n{person_line}",
        "office": _("Thông tin nơi tiếp nhận:") + f"\n{person_line}" + (f"\n{agency.address}" if agency.address else "")
        + "\n" + _("Tôi chỉ có thông tin của nơi này. Địa chỉ xã, phường khác xin hỏi số điện thoại trên hoặc xem dichvucong.gov.vn."),
        "subscribe_not_offered": _("Hiện tôi chưa gửi được tin báo tự động. Ông/bà hỏi tôi theo mã hồ sơ bất cứ lúc nào, tôi tra cứu ngay."),
        "ask_dossier_code": _("Xin ông/bà gõ mã hồ sơ ghi trên giấy tiếp nhận và hẹn trả kết quả.")
        + "\n" + _("Ví dụ: 000.00.04.H51-200221-0001 hoặc H57.132-260804-0583."),
        "no_dossier_code_seen": _("Tôi chưa thấy mã hồ sơ trong tin nhắn. Mã có dạng H57.132-260804-0583, ghi trên giấy hẹn. Gõ «thôi» nếu không tra nữa."),
        "ask_feedback": _("Xin ông/bà viết điều muốn góp ý hoặc phản ánh. Đừng ghi số căn cước hay số điện thoại."),
        "feedback_taken": _("Cảm ơn ông/bà. Ý kiến đã được ghi lại với số {number}.").format(number=facts.get("number", "")) + f"\n{person_line}",
        "wrong_answer_reported": _("Cảm ơn ông/bà đã báo. Cán bộ sẽ kiểm tra lại câu trả lời (số {number}). Trong lúc chờ, xin hỏi lại nơi nộp để chắc chắn.").format(number=facts.get("number", ""))
        + f"\n{person_line}",
        "cancelled": _("Dạ, tôi dừng ở đây. Cần gì ông/bà cứ hỏi tiếp."),
        "started_over": _("Dạ, ta bắt đầu lại. Ông/bà muốn hỏi về thủ tục nào?") + f"\n{example}",
        "nothing_earlier": _("Trước đó ta chưa nói đến thủ tục nào khác. Ông/bà muốn hỏi về thủ tục nào?"),
        "nothing_to_repeat": _("Tôi chưa nói gì để nhắc lại. Ông/bà muốn hỏi về thủ tục nào?"),
        "choose_from": _("Ông/bà chọn mục nào?"),
        "what_next": _("Dạ. Ông/bà muốn biết thêm điều gì?"),
        "say_it_differently": _("Dạ, vậy xin ông/bà nói rõ hơn việc cần làm, bằng lời của mình. Ví dụ: «đổi bằng lái xe máy», «nhập khẩu cho con»."),
        "which_procedure_first": _("Ông/bà đang hỏi về thủ tục nào? Ví dụ: khai sinh, tạm trú, căn cước, sổ đỏ."),
        "procedure_code_unknown": _("Tôi không có thủ tục mang mã {code}. Xin xem lại mã, hoặc nói tên việc cần làm.").format(code=facts.get("code", ""))
        + f"\n{person_line}",
        "not_in_catalogue": _("Kho của tôi không có thủ tục đúng như ông/bà hỏi, nên tôi không đoán.")
        + (("\n" + _("Nếu ông/bà muốn hỏi một trong các việc dưới đây, xin bấm chọn.")) if facts.get("choices") else "")
        + "\n" + _("Ông/bà cũng có thể tìm trên dichvucong.gov.vn.") + f" {person_line}",
        "fields": _("Tôi có thủ tục về hộ tịch, cư trú, căn cước, hộ chiếu, giấy phép lái xe, đăng ký xe, chứng thực, đất đai, xây dựng, hộ kinh doanh, thuế, bảo hiểm, con nuôi, nghĩa vụ quân sự. Ông/bà hỏi về việc nào?"),
        "out_of_scope": _("Việc này ngoài phần tôi biết nên tôi không trả lời được, mong ông/bà thông cảm.") + f"\n{can_do}",
        "not_understood": _("Xin lỗi, tôi chưa hiểu ý ông/bà. Ông/bà nói giúp tên việc cần làm, hoặc gõ mã hồ sơ.") + f"\n{example}",
        "not_understood_again": _("Tôi vẫn chưa hiểu. Ông/bà chọn một việc dưới đây, hoặc viết thật ngắn, ví dụ «khai sinh», «tạm trú»."),
        "person_after_misses": _("Xin lỗi, tôi chưa giúp được ông/bà. Xin gặp cán bộ để được hướng dẫn.") + f"\n{person_line}",
        "failed": _("Xin lỗi, tôi đang gặp trục trặc nên chưa trả lời được. Xin ông/bà thử lại sau ít phút.") + f"\n{person_line}",
        "language_changed": _("Dạ, từ giờ tôi trả lời bằng tiếng Việt."),
        "which_language": _("Tôi trả lời được bằng tiếng Việt và tiếng Anh. Ông/bà chọn tiếng nào?"),
        "which_dossier_first": _("Ông/bà đang hỏi hồ sơ nào? Xin gõ mã hồ sơ trước."),
        "ask_last_four": _("Xin gõ 4 số cuối điện thoại hoặc số căn cước đã ghi trong hồ sơ {code}.").format(code=facts.get("code", "")),
        "last_four_wrong": _("Bốn số này không khớp với hồ sơ {code}. Xin xem lại số điện thoại hoặc số căn cước đã ghi khi nộp.").format(code=facts.get("code", "")),
        "guessing_slowed": say.ngettext(
            "Ông/bà đã thử sai nhiều lần. Để bảo vệ người nộp hồ sơ, xin chờ {count} phút rồi thử lại.",
            "Ông/bà đã thử sai nhiều lần. Để bảo vệ người nộp hồ sơ, xin chờ {count} phút rồi thử lại.",
            int(facts.get("minutes", 1)),
        )
        + f"\n{person_line}",
        "dossier_unknown": _("Cổng tra cứu không có hồ sơ mang mã {code}. Xin xem lại từng số trên giấy hẹn.").format(code=facts.get("code", ""))
        + f"\n{person_line}",
        "portal_down": _("Cổng tra cứu đang không trả lời nên tôi chưa xem được hồ sơ {code}. Tôi giữ mã này, ông/bà bấm thử lại sau ít phút.").format(code=facts.get("code", ""))
        + f"\n{person_line}",
    }
    return texts[utterance]


# Questions offered where the citizen does not know what to ask: payloads, drawn by bot.wording.titles.
STARTERS = [
    str(Payload("find_procedure", procedure=code)) for code in ("1.001193", "1.004194", "1.014064")
] + [str(Payload("dossier_status"))]
