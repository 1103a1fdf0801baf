"""A GeoReport v2 server that keeps to the specification, strictly, and deviates only when told.

It takes windows of at most 90 days, both ends in it, gives the most recent reports first, no more
than so many, and says nothing about those that it leaves out.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.served import served

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class City311:
    """The server's reports and its moods."""

    def __init__(self) -> None:
        self.url = ""
        self.begin()

    def begin(self, most: int = 10) -> None:
        """Be as a server on its first day."""
        self.most = most
        self.key = ""
        self.jurisdiction = ""
        self.reports: list[dict[str, Any]] = []
        self.tokens: dict[str, str] = {}
        self.broken: Response | None = None
        self.raw: bytes | None = None
        self.ignores_dates = False
        self.asked: list[dict[str, str]] = []

    def publish(
        self, external_id: str | None, at: datetime, text: str = "坑洼", **more: Any
    ) -> None:
        """A report becomes visible, under the time when it was made."""
        self.reports.append(
            {
                "service_request_id": external_id,
                "status": "open",
                "service_code": "hole",
                "service_name": "",
                "description": text,
                "requested_datetime": at.strftime(FORMAT),
                **more,
            }
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator["City311"]:
        """Serve."""
        app = Starlette(
            routes=[
                Route("/v2/requests.{form}", self._requests),
                Route("/v2/tokens/{token}.{form}", self._token),
            ]
        )
        async with served(app) as address:
            self.url = f"{address}/v2"
            yield self

    async def _requests(self, request: Request) -> Response:
        params = dict(request.query_params)
        self.asked.append(params)
        form = request.path_params["form"]
        if self.broken is not None:
            return self.broken
        if self.raw is not None:
            return Response(self.raw)
        if self.key and params.get("api_key") != self.key:
            return _error(403, "this api_key is not known", form)
        if self.jurisdiction and params.get("jurisdiction_id") != self.jurisdiction:
            return _error(404, "jurisdiction_id provided was not found", form)
        start, end = (datetime.strptime(params[f"{x}_date"], FORMAT) for x in ("start", "end"))  # noqa: DTZ007
        if not timedelta() <= end - start <= timedelta(days=90, minutes=1):
            return _error(400, "start_date and end_date are not within 90 days", form)
        found = [one for one in self.reports if self._in(one, params, start, end)]
        found.sort(key=lambda one: str(one["requested_datetime"]), reverse=True)
        return _list(found[: self.most], form)

    def _in(self, one: dict[str, Any], params: dict[str, str], start: Any, end: Any) -> bool:
        if one["status"] not in params.get("status", "open,closed").split(","):
            return False
        if "service_code" in params and one["service_code"] not in params["service_code"]:
            return False
        if self.ignores_dates:
            return True
        try:
            return bool(start <= datetime.strptime(one["requested_datetime"], FORMAT) <= end)  # noqa: DTZ007
        except ValueError:
            return True  # a time that only some servers could have written

    async def _token(self, request: Request) -> Response:
        token, form = request.path_params["token"], request.path_params["form"]
        if token == "broken":
            return Response("oh", 500)
        if token not in self.tokens:
            return _error(404, "no such token", form)
        return _list([{"service_request_id": self.tokens[token], "token": token}], form)


def _list(reports: list[dict[str, Any]], form: str) -> Response:
    if form == "json":
        return JSONResponse(reports)
    return _xml("service_requests", "request", reports)


def _error(code: int, text: str, form: str) -> Response:
    if form == "json":
        return JSONResponse([{"code": code, "description": text}], code)
    return _xml("errors", "error", [{"code": code, "description": text}], code)


def _xml(root: str, child: str, rows: list[dict[str, Any]], status: int = 200) -> Response:
    inner = "".join(
        f"<{child}>{''.join(_tag(name, value) for name, value in row.items())}</{child}>"
        for row in rows
    )
    body = f'<?xml version="1.0" encoding="utf-8"?><{root}>{inner}</{root}>'
    return Response(body, status, media_type="text/xml; charset=utf-8")


def _tag(name: str, value: Any) -> str:
    return f"<{name}/>" if value is None else f"<{name}>{escape(str(value))}</{name}>"
