"""The demonstration as a user starts it, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.bot.serving import Server, free_port


class Demonstration(Server):
    """One ``python -m bot demo`` on free ports."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.page_port, self.zalo_port, self.telegram_port = (free_port() for _ in range(3))
        ports = {"page": self.page_port, "zalo": self.zalo_port, "telegram": self.telegram_port}
        self.options = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
        super().__init__(folder, "demo", *self.options, **environ)

    @property
    def addresses(self) -> dict[str, str]:
        """Of everything that a browser opens."""
        ports = {"page": self.page_port, "zalo": self.zalo_port, "telegram": self.telegram_port, "web": self.port}
        return {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
