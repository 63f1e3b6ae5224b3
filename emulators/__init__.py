"""The outside world in miniature: programs that speak the wire protocols of portals and messengers over loopback."""
