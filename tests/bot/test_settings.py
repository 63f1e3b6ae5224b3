"""Settings: what is read, and that a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.environment import SettingWrong, read_environment
from bot.settings import Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_every_setting_is_read() -> None:
    settings = read_settings(
        {
            "HOST": "0.0.0.0",
            "PORT": "9000",
            "DATABASE_URL": "sqlite:///x.db",
            "SECRET_KEY": "s" * 32,
            "PORTAL_KIND": "dvcqg",
            "PORTAL_URL": "https://portal.example.vn",
            "PORTAL_USERNAME": "motcua",
            "PORTAL_PASSWORD": "p",
            "PORTAL_AGENCY": "H57.132",
            "PORTAL_DESTINATION": "VN:GOV:1",
            "EMBED_ORIGINS": "https://a.example.vn, https://*.b.example.vn",
            "HOTLINE": "0234 000 123",
        }
    )
    assert (settings.host, settings.port) == ("0.0.0.0", 9000)
    assert settings.portal.agency == "H57.132"
    assert settings.embed_origins == ("https://a.example.vn", "https://*.b.example.vn")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"PORTAL_KIND": "magic"}, "PORTAL_KIND"),
        ({"PORTAL_KIND": "dvcqg"}, "PORTAL_URL"),
        ({"PORTAL_KIND": "igate", "PORTAL_URL": "https://a.vn", "PORTAL_USERNAME": "a"}, "PORTAL_TOKEN_URL"),
        ({"PORTAL_KIND": "onestop", "PORTAL_URL": "a.vn"}, "PORTAL_URL"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"EMBED_ORIGINS": "https://a.vn/path"}, "EMBED_ORIGINS"),
        ({"DEFAULT_LANGUAGE": "fr"}, "DEFAULT_LANGUAGE"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"PROXIES": "-1"}, "PROXIES"),
        ({"PROXIES": "²"}, "PROXIES"),
        ({"PORT": "９０００"}, "PORT"),
        ({"EMBED_ORIGINS": "https://phường.vn"}, "EMBED_ORIGINS"),
        ({"PUBLIC_ORIGIN": "https://a.vn; script-src *"}, "PUBLIC_ORIGIN"),
        ({"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingWrong, match=f"^{named} "):
        read_settings(environ)


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"SECRET_KEY": "k" * 40})
    assert "kkkk" not in repr(settings)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nPORT=8081\nHOTLINE='0234 000 123'\n\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "8082")
    monkeypatch.delenv("HOTLINE", raising=False)
    environ = read_environment(file)
    assert (environ["PORT"], environ["HOTLINE"]) == ("8082", "0234 000 123")


def test_the_mark_that_windows_puts_in_front_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_bytes("\ufeffHOTLINE=0234 000 123\r\nAGENCY_NAME=Phường Hoa Sen\r\n".encode())
    monkeypatch.delenv("HOTLINE", raising=False)
    assert read_environment(file)["HOTLINE"] == "0234 000 123"


@pytest.mark.parametrize("line", ["nonsense", "export PORT=1", "=1", "A B=1"])
def test_a_broken_line_of_the_file_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"PORT=1\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingWrong, match="line 2"):
        read_environment(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"HOTLINE=\xff\xfe")
    for file in (tmp_path, tmp_path / "text"):
        with pytest.raises(SettingWrong, match=file.name):
            read_environment(file)
