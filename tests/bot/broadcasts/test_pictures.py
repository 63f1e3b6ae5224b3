"""Pictures that officials send up: cleaned, refused with a reason, shown, and named by platforms."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zlib

import pytest
from aiohttp import web
from PIL import Image
from pytest_aiohttp.plugin import AiohttpClient

from bot.broadcasts.pictures import MOST_BYTES, PictureFault, PictureRefused, Pictures, PublicPictures, clean
from bot.storage import Database
from connectors.pictures import NoSuchPicture
from knowledge.calendar import VIETNAM_TIME

NOON = dt.datetime(2026, 11, 23, 5, tzinfo=dt.timezone.utc)


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **saving: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, form, **saving)
    return file.getvalue()


def noise(side: int, form: str, **saving: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((side, side), 100).convert("RGB").save(file, form, **saving)
    return file.getvalue()


def bare_png(width: int, height: int) -> bytes:
    """Says how large it is, and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b""))
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_what_a_camera_wrote_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "ngõ 12 phố Mẫu"
    cleaned, content_type = clean(picture(exif=exif, comment=b"0912 000 345"))
    again = Image.open(io.BytesIO(cleaned))
    assert (again.size, content_type, len(again.getexif())) == ((20, 40), "image/jpeg", 0)
    assert "comment" not in again.info
    assert "phố Mẫu".encode() not in cleaned


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I"])
def test_a_png_stays_one(mode: str) -> None:
    cleaned, content_type = clean(picture("PNG", mode=mode))
    assert (Image.open(io.BytesIO(cleaned)).format, content_type) == ("PNG", "image/png")


def test_a_print_shops_jpeg_becomes_one_that_telephones_show() -> None:
    assert Image.open(io.BytesIO(clean(picture(mode="CMYK"))[0])).mode == "RGB"


def test_a_jpeg_that_grows_is_written_smaller() -> None:
    content = noise(1200, "JPEG", quality=75)
    assert len(content) <= MOST_BYTES
    assert len(clean(content)[0]) <= MOST_BYTES


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NOT_A_PICTURE),
        (picture("GIF"), PictureFault.NOT_A_PICTURE),
        (picture()[:300], PictureFault.NOT_A_PICTURE),
        (bare_png(4097, 10), PictureFault.TOO_MANY_PIXELS),
        (bare_png(60_000, 60_000), PictureFault.TOO_MANY_PIXELS),
        (noise(700, "PNG"), PictureFault.TOO_LARGE),
    ],
)
async def test_what_is_refused(database: Database, content: bytes, fault: PictureFault) -> None:
    with pytest.raises(PictureRefused) as refused:
        await Pictures(database).keep("anh.png", content)
    assert refused.value.fault is fault


async def test_a_kept_picture(database: Database) -> None:
    pictures = Pictures(database)
    kept = await pictures.keep("C:\\anh\\trụ sở\x00.jpg", picture())
    assert (kept.name, kept.content_type) == ("trụ sở.jpg", "image/jpeg")
    assert await pictures.get(kept.id) == kept
    assert Image.open(io.BytesIO(await pictures.content(kept.id))).size == (40, 20)
    for look in (pictures.get, pictures.content):
        with pytest.raises(NoSuchPicture):
            await look(kept.id + 1)


async def test_what_a_platform_calls_it_until_it_forgets(database: Database) -> None:
    at = [NOON]
    pictures = Pictures(database, lambda: at[0])
    assert await pictures.asset(1, "zalo") is None
    await pictures.remember(1, "zalo", "img_1", NOON + dt.timedelta(days=7))
    await pictures.remember(1, "telegram", "AgAC", None)
    in_an_hour = (NOON + dt.timedelta(hours=1)).astimezone(VIETNAM_TIME)
    await pictures.remember(1, "zalo", "img_2", in_an_hour)
    assert await pictures.asset(1, "zalo") == "img_2"
    at[0] += dt.timedelta(hours=1)
    assert await pictures.asset(1, "zalo") is None
    assert await pictures.asset(1, "telegram") == "AgAC"


async def test_who_knows_the_address_sees_it(database: Database, aiohttp_client: AiohttpClient) -> None:
    pictures, app = Pictures(database), web.Application()
    shown = PublicPictures(pictures)
    shown.add_routes(app)
    kept = await pictures.keep("anh.png", picture("PNG"))
    client, path = await aiohttp_client(app), await shown.path(kept.id)
    response = await client.get(path)
    assert (response.status, response.content_type) == (200, "image/png")
    assert await response.read() == await pictures.content(kept.id)
    for other in (f"/pictures/{kept.id}/{'0' * 32}", path.replace(f"/{kept.id}/", f"/{kept.id + 1}/")):
        assert (await client.get(other)).status == 404
