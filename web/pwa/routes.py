"""What makes the pages an app: the worker, the manifest, the files, the page for a phone without signal."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from web.access import NoSuchPage, anyone
from web.asking import Asked
from web.assets import Asset, asset, files
from web.render import page

# What other apps may hand over.
_SHARED = ["image/*", "application/pdf", ".heic", ".tif", ".tiff"]
_FOREVER = "public, max-age=31536000, immutable"


@get("/static/{path:path}", access=anyone)
async def static(request: Asked, path: FromPath[str]) -> Response[bytes]:
    """A built file; its name changes with its content, so browsers keep it for good."""
    found = files().get(path.lstrip("/"))
    if found is None:
        raise NoSuchPage
    return _send(request, found, _FOREVER)


@get("/sw.js", access=anyone)
async def service_worker(request: Asked) -> Response[bytes]:
    """The service worker; asked for anew at every start, so that a new version is found."""
    return _send(request, files()["sw.js"], "no-cache")


@get("/favicon.ico", access=anyone)
async def favicon(request: Asked) -> Response[bytes]:
    """The icon that browsers ask for by themselves."""
    return _send(request, files()[asset("icons/favicon-32.png").removeprefix("/static/")], "max-age=86400")


def _send(request: Asked, found: Asset, cache: str) -> Response[bytes]:
    encoding, body = found.best(request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, media_type=found.media_type, headers=headers)


@get("/manifest.webmanifest", access=anyone)
async def app_manifest() -> Response[dict[str, Any]]:
    """What a phone needs to put the product on its home screen."""
    icons = [("icons/icon-192.png", "192x192", "any"), ("icons/icon-512.png", "512x512", "any"),
             ("icons/maskable-512.png", "512x512", "maskable")]  # fmt: skip
    told = {
        "id": "/",
        "name": "Nền Nếp: sổ sinh hoạt chi bộ",
        "short_name": "Nền Nếp",
        "description": "Điểm danh, cuộc họp và số liệu của chi bộ, dùng được cả khi mất mạng.",
        "lang": "vi",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fffdf8",
        "theme_color": "#fffdf8",
        # Taken by the service worker, which keeps the files on the phone until a meeting is chosen for them.
        "share_target": {
            "action": "/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "pages", "accept": _SHARED}]},
        },
        "icons": [{"src": asset(n), "sizes": s, "type": "image/png", "purpose": p} for n, s, p in icons],
    }
    return Response(told, media_type="application/manifest+json", headers={"Cache-Control": "max-age=3600"})


@get("/offline", access=anyone)
async def offline(request: Asked) -> Response[str]:
    """What a phone shows for pages that it has not kept."""
    return page(request, "pwa/offline.html", headers={"Cache-Control": "no-cache"})
