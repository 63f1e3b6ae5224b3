"""Tables that officials take home: row by row, however many there are."""

from __future__ import annotations

import asyncio
from typing import AsyncIterator, Sequence

from aiohttp import web

from bot.broadcasts.sheets import MARK, Cell, csv_line, workbook
from bot.console.pages import Visit

PIECE = 256 * 1024  # bytes
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = AsyncIterator[Sequence[Cell]]


async def give_csv(visit: Visit, name: str, rows: Rows) -> web.StreamResponse:
    """``name``: of the file, ASCII, without its ending."""
    response = await _begin(visit, f"{name}.csv", "text/csv; charset=utf-8")
    await response.write(MARK)
    async for row in rows:
        await response.write(csv_line(row))
    await response.write_eof()
    return response


async def give_xlsx(visit: Visit, name: str, title: str, rows: Rows) -> web.StreamResponse:
    """``name`` as for CSV; ``title``: of the sheet, see ``bot.broadcasts.sheets.workbook``."""
    async with workbook(title, rows) as file:
        response = await _begin(visit, f"{name}.xlsx", XLSX)
        while piece := await asyncio.to_thread(file.read, PIECE):
            await response.write(piece)
        await response.write_eof()
        return response


async def _begin(visit: Visit, name: str, kind: str) -> web.StreamResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": kind}
    response = web.StreamResponse(headers=headers)
    await response.prepare(visit.request)
    return response
