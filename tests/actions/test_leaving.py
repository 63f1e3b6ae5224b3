"""Who asks to be sent nothing more is heard by the words alone; who complains or asks for news is not."""

from __future__ import annotations

import pytest

from actions.leaving import wants_to_leave
from nlu.vietnamese.folding import fold

LEAVING = """ngừng nhận tin|NGỪNG NHẬN TIN!!!|ngung  nhan   tin|dừng nhận thông báo|ngưng nhận tin nhé
thôi nhận tin y tế|đừng nhắn cho tôi
hủy nhận tin|huỷ đăng ký nhận tin|bỏ đăng ký nhận tin đất đai|tôi không muốn nhận tin nữa|ko nhận tin nữa
không muốn nhận bất cứ tin nào|đừng gửi tin nữa|đừng nhắn tin cho tôi nữa|dung gui tin nua|tắt thông báo
từ chối nhận tin|cho tôi ngừng nhận tin của phường|k can nhan tin|unsubscribe|stop sending me messages"""
STAYING = """đăng ký nhận tin đất đai|nhận tin|tôi đang nhận tin gì|sao tôi không nhận được tin
vì sao không nhận tin gì
hủy đăng ký tạm trú|ngừng kinh doanh hộ cá thể|thôi nộp hồ sơ rồi|có thông báo gì mới không|đúng rồi|xin chào"""


@pytest.mark.parametrize("text", [one for line in LEAVING.split("\n") for one in line.split("|")])
def test_who_wants_no_more_notices_is_heard(text: str) -> None:
    assert wants_to_leave(fold(text))


@pytest.mark.parametrize("text", [one for line in STAYING.split("\n") for one in line.split("|")])
def test_who_says_anything_else_does_not_leave(text: str) -> None:
    assert not wants_to_leave(fold(text))
