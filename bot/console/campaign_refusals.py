"""Says in one sentence why something was not done to a campaign."""

from __future__ import annotations

import functools

from aiohttp import web

from bot.broadcasts.refusals import CampaignRefused, NoSuchCampaign, OwnCampaign
from bot.console.pages import Handler, Visit

# Everything else: the campaign is not as it was shown.
_STATUSES = {NoSuchCampaign: 404, OwnCampaign: 403}


def explained(handler: Handler) -> Handler:
    """The handler, with an answer for every step that was not possible."""

    @functools.wraps(handler)
    async def serve(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except CampaignRefused as refused:
            return visit.refuse(visit.say(refused.sentence), _STATUSES.get(type(refused), 409))

    return serve
