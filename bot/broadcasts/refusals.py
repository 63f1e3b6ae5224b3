"""Why something is not done to a campaign, named for what the official should do."""

from __future__ import annotations

from typing import Sequence

from bot.broadcasts.problems import Problem
from bot.wording.speaker import marked as _


class CampaignRefused(Exception):
    """Nothing was changed. ``sentence`` tells an official why, in Vietnamese; ``gettext`` translates it."""

    sentence: str


class NoSuchCampaign(CampaignRefused):
    """Look at the list."""

    sentence = _("Không có thông báo này.")


class NotAllowed(CampaignRefused):
    """Not in the state the campaign is in: look at it again."""

    sentence = _("Không làm được việc này khi thông báo đang ở trạng thái hiện tại.")


class ChangedMeanwhile(CampaignRefused):
    """Look at what another official has made of it, then decide anew."""

    sentence = _("Thông báo vừa được người khác thay đổi. Mời xem lại rồi làm tiếp.")


class OwnCampaign(CampaignRefused):
    """Ask another official; or, where it cannot wait, give the reason."""

    sentence = _("Người đã soạn, sửa hoặc gửi duyệt thông báo không được tự duyệt. Xin nhờ cán bộ khác.")


class NotReady(CampaignRefused):
    """Change what the problems name."""

    sentence = _("Thông báo chưa gửi được. Mời xem những điểm cần sửa.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.field for problem in problems))
        self.problems = tuple(problems)
