"""What an installation says about its Zalo app and its official account."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ZaloSettings:
    """``app_secret`` is the app's; ``oa_secret_key`` stands on the console's Webhook page and signs what Zalo sends.

    ``buttons``: draw choices as buttons, which not every account takes. ``code_verifier``: the one whose challenge is
    saved in the console, "" for a fresh one at each authorisation. ``use_proof``: the console demands a proof of the
    app secret with each call. ``site_verification``: the code with which Zalo checks that the domain is ours.
    ``contact_image``: a public picture for the card that asks for name and phone; "" for never asking.
    ``dossier_template``: the id of an approved template with the names ma_ho_so, trang_thai and ngay, for people who
    wrote more than seven days ago.
    """

    app_id: str
    oa_id: str
    app_secret: str = field(repr=False)
    oa_secret_key: str = field(repr=False)
    oauth_url: str = "https://oauth.zaloapp.com"
    api_url: str = "https://openapi.zalo.me"
    business_url: str = "https://business.openapi.zalo.me"
    buttons: bool = False
    code_verifier: str = field(default="", repr=False)
    use_proof: bool = False
    site_verification: str = ""
    contact_image: str = ""
    dossier_template: str = ""
