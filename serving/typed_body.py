"""The body of BentoML's typed `detect` endpoint, checked before BentoML sees it.

Untended, that endpoint answers 500 to a text file and fetches a URL given as form text. Here: a form with exactly one
part, a file named `image`, whose header is a picture's.
"""

from __future__ import annotations

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from balefire.domain.errors import BadInput, NotAnImage
from balefire.vision.headers import read_header


async def checked_body(scope: Scope, receive: Receive, pixel_limit: int) -> Receive:
    """Read the (already limited) body, check it, and return a `receive` that plays it again.

    Raises NotAnImage, ImageTooLarge, BadInput.
    """
    if scope["method"] != "POST":
        return receive
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise NotAnImage(f"this route takes multipart/form-data with a file named image, not {kind or 'nothing'}")
    body = await Request(scope, receive).body()
    read_header(await only_image(Request(scope, _replay(body)), len(body)), max_pixels=pixel_limit)
    return _replay(body)


async def only_image(request: Request, byte_limit: int) -> bytes:
    """The one file of a form. Raises BadInput for anything else: text, a URL say, is never looked at."""
    try:
        async with request.form(max_files=1, max_fields=0, max_part_size=byte_limit) as form:
            image = form.get("image")
            if not isinstance(image, UploadFile):
                raise BadInput("the form needs a file part named image")
            return await image.read()
    except (MultiPartException, HTTPException) as error:
        raise BadInput("the form holds exactly one part, a file named image; text or an address is not a picture") from error


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
