"""Words everything that is neither a procedure nor a dossier: greetings, help, asking back, refusing, a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Mapping

from actions.choices import Payload
from bot.wording.platforms import LINES_ABOUT_PLATFORMS
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _


@dataclass(frozen=True)
class Agency:
    """Who answers behind the assistant. ``name`` and ``hours`` (opening hours) are given for each language.

    ``greeting`` is what the agency says before our own, in each language where it says anything; ``holidays`` are its
    next days of rest, in order.
    """

    name: Mapping[str, str]
    hotline: str
    hours: Mapping[str, str]
    address: str = ""
    greeting: Mapping[str, str] = field(default_factory=dict)
    holidays: Mapping[dt.date, str] = field(default_factory=dict)


# Where a person can be had: never guessed, always from the settings.
PERSON = _("Ông/bà có thể gọi {hotline} ({agency}), giờ làm việc: {hours}.")
REST = "{rest}"  # the next holidays, when there are any
CAN_DO = _(
    "Tôi trả lời về giấy tờ, lệ phí, thời hạn, nơi nộp của thủ tục hành chính, và xem giúp hồ sơ đã nộp đang tới đâu."
)
EXAMPLES = _(
    "Ví dụ: “làm khai sinh cần giấy tờ gì”, “mất căn cước làm lại ở đâu”, “hồ sơ H57.132-260804-0583 tới đâu rồi”."
)
WHICH_PROCEDURE = _("Ông/bà muốn hỏi về thủ tục nào?")

# One line below the other. {Blanks} are filled from the utterance's facts and from the agency; a line that stays empty
# is left out.
LINES: Mapping[str, tuple[str, ...]] = {
    **LINES_ABOUT_PLATFORMS,
    "assistant_stopped": (_("Trợ lý ảo đang tạm dừng nên chưa trả lời được, mong ông/bà thông cảm."), PERSON, REST),
    "welcome": (
        "{greeting}",
        _("Kính chào ông/bà! Tôi là trợ lý ảo của {agency}, tức là máy trả lời tự động."),
        CAN_DO,
        EXAMPLES,
        _("Xin đừng gửi số căn cước, mật khẩu hay mã OTP cho tôi."),
    ),
    "greet": ("{greeting}", _("Kính chào ông/bà! Tôi là trợ lý ảo của {agency}."), CAN_DO, EXAMPLES),
    "goodbye": (_("Cảm ơn ông/bà. Cần gì xin ông/bà cứ nhắn lại cho tôi."),),
    "thank": (_("Dạ, không có gì. Ông/bà cần hỏi thêm gì không?"),),
    "who_are_you": (
        _("Tôi là trợ lý ảo, tức là máy trả lời, không phải cán bộ."),
        _("Tôi chỉ nói những gì có trong kho thủ tục và cổng tra cứu hồ sơ, kèm nơi lấy thông tin."),
        PERSON,
    ),
    "help": (
        CAN_DO,
        EXAMPLES,
        _(
            "Gõ có dấu hay không dấu đều được. Gõ “thôi” để dừng, “nhắc lại” để xem lại, "
            "“gặp cán bộ” để nói chuyện với người."
        ),
    ),
    "person": (_("Dạ, ông/bà cần nói chuyện với cán bộ."), PERSON, REST),
    "office": (
        _("Nơi nhận hồ sơ:"),
        PERSON,
        REST,
        "{address}",
        _("Tôi chỉ biết nơi này. Xã, phường khác ở đâu, xin gọi số trên hoặc xem dichvucong.gov.vn."),
    ),
    "subscribe_not_offered": (
        _("Hiện tôi chưa gửi tin về chính sách mới. Tôi chỉ báo được khi hồ sơ đã nộp có thay đổi."),
        _("Muốn được báo, xin gõ “theo dõi hồ sơ” kèm mã hồ sơ."),
    ),
    "subscribe_not_reachable": (
        _("Tin mới chỉ gửi được qua Zalo hoặc Telegram, không gửi được tới đây."),
        _("Ông/bà nhắn cho tôi ở đó để đăng ký. Đang dùng rồi thì bấm nối kênh dưới đây."),
    ),
    "ask_dossier_code": (
        _("Xin ông/bà gõ mã hồ sơ. Mã này ghi trên giấy hẹn trả kết quả."),
        _("Ví dụ: 000.00.04.H51-200221-0001 hoặc H57.132-260804-0583."),
    ),
    "no_dossier_code_seen": (_("Tôi chưa thấy mã hồ sơ trong tin nhắn."),),
    "dossier_code_help": (
        _("Mã hồ sơ ghi trên giấy hẹn trả kết quả hoặc trong tin báo đã nhận hồ sơ. Xin ông/bà chép nguyên vào đây."),
        _("Ví dụ: 000.00.04.H51-200221-0001 hoặc H57.132-260804-0583."),
        _("Mất giấy hẹn thì xin hỏi cán bộ. Không xem nữa thì gõ “thôi”."),
        PERSON,
    ),
    "date_instead_of_code": (_("Đây là ngày tháng. Xem hồ sơ thì cần mã hồ sơ."),),
    "no_such_date": (_("Không có ngày này trong lịch. Xem hồ sơ cũng không cần ngày mà cần mã hồ sơ."),),
    "phone_instead_of_code": (
        _("Đây là số điện thoại hoặc số căn cước, tôi đã che đi. Xem hồ sơ thì cần mã hồ sơ."),
    ),
    "dossier_code_changed": (_("Dạ, ta đổi từ hồ sơ {old} sang hồ sơ {new}."),),
    "go_on": ("{go_on}",),
    "left_form": ("{left}", _("Ông/bà cần hỏi gì tiếp không?")),
    "ask_feedback": (_("Xin ông/bà viết điều muốn góp ý hay phản ánh. Xin đừng ghi số căn cước hay số điện thoại."),),
    "feedback_or_question": (
        _("Câu vừa rồi là góp ý hay câu hỏi ạ?"),
        _("Góp ý thì tôi ghi lại, câu hỏi thì tôi trả lời."),
    ),
    "feedback_taken": (
        _("Cảm ơn ông/bà. Tôi đã ghi lại ý kiến, số {number}."),
        PERSON,
        _("Ông/bà cần hỏi gì tiếp không?"),
    ),
    "wrong_answer_reported": (
        _("Cảm ơn ông/bà đã báo. Tôi đã ghi lại để cán bộ xem, số {number}."),
        _("Trong lúc chờ, xin hỏi lại nơi nộp cho chắc."),
        PERSON,
    ),
    "cancelled": (
        _("Dạ, tôi dừng ở đây."),
        _("Ông/bà có thể hỏi thủ tục khác, gõ mã hồ sơ, hoặc gõ “gặp cán bộ”."),
    ),
    "started_over": (_("Dạ, ta bắt đầu lại."), WHICH_PROCEDURE, EXAMPLES),
    "nothing_earlier": (_("Trước đó ta chưa nói đến thủ tục nào khác."), WHICH_PROCEDURE),
    "nothing_to_repeat": (_("Tôi chưa nói gì để nhắc lại."), WHICH_PROCEDURE),
    "choose_from": (_("Ông/bà chọn mục nào?"),),
    "what_next": (_("Dạ. Ông/bà muốn biết thêm điều gì?"),),
    "say_it_differently": (
        _("Dạ, vậy xin ông/bà nói rõ hơn việc cần làm."),
        _("Ví dụ: “đổi bằng lái xe máy”, “nhập hộ khẩu cho con”."),
    ),
    "say_it_by_example": (
        _("Dạ, vậy là tôi vẫn chưa hiểu đúng. Xin ông/bà nói theo kiểu: làm việc gì, cho ai, vì sao."),
        _("Ví dụ: “làm lại căn cước cho mẹ vì bị mất”. Hoặc gõ tên lĩnh vực: “hộ tịch”, “đất đai”, “cư trú”."),
    ),
    "none_left": (
        _("Những việc giống như vậy ông/bà đã nói là không phải. Xin ông/bà tả việc cần làm bằng lời khác."),
        _("Ví dụ: giấy đó để làm gì, nơi nào đòi giấy đó."),
        PERSON,
    ),
    "which_procedure_first": (_("Ông/bà đang hỏi về thủ tục nào? Ví dụ: khai sinh, tạm trú, căn cước, sổ đỏ."),),
    "procedure_code_unknown": (
        _("Tôi không có thủ tục nào mang mã {code}. Xin ông/bà xem lại mã, hoặc nói tên việc cần làm."),
        PERSON,
    ),
    "not_in_catalogue": (
        "{lack}",
        "{offer}",
        _("Ông/bà cũng có thể tìm trên dichvucong.gov.vn."),
        PERSON,
    ),
    "fields": (_("Tôi có thủ tục về: {fields}."), _("Ông/bà hỏi về việc nào?")),
    "out_of_scope": (_("Việc này tôi không biết nên không trả lời được, mong ông/bà thông cảm."), CAN_DO),
    "not_understood": (
        _("Xin lỗi, tôi chưa hiểu ý ông/bà. Xin ông/bà nói tên việc cần làm, hoặc gõ mã hồ sơ."),
        CAN_DO,
        EXAMPLES,
    ),
    "not_understood_again": (
        _("Xin lỗi, tôi vẫn chưa hiểu. Ông/bà chọn một việc dưới đây, hoặc viết thật ngắn: “khai sinh”, “tạm trú”."),
    ),
    "person_after_misses": (
        _("Xin lỗi, tôi chưa giúp được ông/bà. Xin ông/bà hỏi cán bộ."),
        PERSON,
        REST,
        _("Ông/bà cũng có thể tới thẳng nơi nhận hồ sơ trong giờ làm việc."),
    ),
    "failed": (_("Xin lỗi, tôi đang bị trục trặc nên chưa trả lời được. Xin ông/bà thử lại sau ít phút."), PERSON),
    # A translation names its own language.
    "language_changed": (_("Dạ, từ giờ tôi trả lời bằng tiếng Việt."),),
    "which_language": (_("Tôi trả lời được bằng tiếng Việt và tiếng Anh. Ông/bà chọn tiếng nào?"),),
    "which_dossier_first": (_("Ông/bà đang hỏi hồ sơ nào? Xin gõ mã hồ sơ trước."),),
    "ask_last_four": (_("Xin gõ 4 số cuối của số điện thoại hoặc số căn cước đã ghi trong hồ sơ {code}."),),
    "last_four_malformed": ("{digits}",),
    "last_four_help": (
        _("Đó là 4 số cuối của số điện thoại hoặc số căn cước mà người nộp đã ghi trong hồ sơ {code}, ví dụ 0345."),
        _("Không nhớ thì xin hỏi cán bộ. Không xem nữa thì gõ “thôi”."),
        PERSON,
    ),
    "last_four_wrong": (
        _("Bốn số này không khớp với hồ sơ {code}. Xin xem lại số điện thoại hoặc số căn cước đã ghi khi nộp."),
        _("Ông/bà gõ lại 4 số khác, hoặc gõ mã hồ sơ khác."),
    ),
    "guessing_slowed": (
        _("Ông/bà đã thử sai nhiều lần. Để bảo vệ người nộp hồ sơ, xin chờ {wait} rồi thử lại."),
        PERSON,
    ),
    "dossier_unknown": (
        _("Cổng tra cứu không có hồ sơ nào mang mã {code}. Xin ông/bà xem lại từng số trên giấy hẹn."),
        PERSON,
    ),
    "portal_down": (
        _("Cổng tra cứu đang không trả lời nên tôi chưa xem được hồ sơ {code}. Xin ông/bà thử lại sau ít phút."),
        PERSON,
    ),
}

# By the question that a form asks.
GO_ON = {
    "dossier_code": _("Ta xem tiếp hồ sơ nhé? Xin ông/bà gõ mã hồ sơ, hoặc gõ “thôi” để dừng."),
    "last_four": _("Ta xem tiếp chi tiết hồ sơ nhé? Xin ông/bà gõ 4 số cuối, hoặc gõ “thôi” để dừng."),
    "feedback": _("Ta viết tiếp góp ý nhé? Xin ông/bà viết ở dưới, hoặc gõ “thôi” để dừng."),
}
LEFT = {
    "dossier_code": _("Dạ, ta không xem hồ sơ nữa. Khi có mã, xin ông/bà cứ gõ vào đây."),
    "last_four": _("Dạ, ta không xem chi tiết hồ sơ nữa."),
    "feedback": _("Dạ, tôi không ghi góp ý nào."),
}

# Questions offered where the citizen does not know what to ask: payloads, drawn by bot.wording.titles.
STARTERS = [
    *(str(Payload("find_procedure", procedure=code)) for code in ("1.001193", "1.004194", "1.014064")),
    str(Payload("dossier_status")),
]


def talk(say: Speaker, agency: Agency, utterance: str, facts: Mapping[str, Any]) -> str:
    """The text of an utterance. Raises KeyError for one that nobody has worded, or one that lacks a fact."""
    blanks = {**facts, **_about(say, agency)}
    if "minutes" in facts:
        blanks["wait"] = say.ngettext("{count} phút", "{count} phút", facts["minutes"])
    question = facts.get("question", "")
    blanks["go_on"] = say.gettext(GO_ON[question]) if question in GO_ON else ""
    blanks["left"] = say.gettext(LEFT[question]) if question in LEFT else ""
    blanks["digits"] = say("Đây chưa phải là 4 chữ số.")
    if "count" in facts:
        count = say.ngettext("{count} chữ số", "{count} chữ số", facts["count"])
        blanks["digits"] = say("Tôi thấy {digits}, mà cần đúng 4.", digits=count)
    blanks["offer"] = say("Nếu là một trong các việc dưới đây, xin ông/bà bấm chọn.") if facts.get("choices") else ""
    blanks["lack"] = (
        say("Tôi chưa có thủ tục về “{matter}”, nên không dám đoán.", matter=facts["matter"])
        if facts.get("matter")
        else say("Tôi không có thủ tục đúng như ông/bà hỏi, nên không dám đoán.")
    )
    lines = (say.gettext(line).format(**blanks) for line in LINES[utterance])
    return "\n".join(line for line in lines if line)


def _about(say: Speaker, agency: Agency) -> dict[str, str]:
    days = "; ".join(f"{say.date(day)} ({name})" for day, name in agency.holidays.items())
    return {
        "agency": agency.name[say.language],
        "hotline": agency.hotline,
        "hours": agency.hours[say.language],
        "address": agency.address,
        "greeting": agency.greeting.get(say.language, ""),
        "rest": say("Ngày nghỉ sắp tới: {days}.", days=days) if days else "",
    }
