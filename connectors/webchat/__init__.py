"""The chat on the agency's web pages: a page, a widget for other sites, a socket and a plain form."""

from connectors.webchat.door import WebChat
from connectors.webchat.settings import Today, WebChatMisconfigured, WebChatSettings

__all__ = ["Today", "WebChat", "WebChatMisconfigured", "WebChatSettings"]
