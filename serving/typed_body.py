"""The body of BentoML's typed `detect` endpoint, checked before BentoML sees it.

Untended, that endpoint answers 500 to a text file and fetches a URL given as form text. Here: exactly one file part
named `image`, or the picture itself as the body; its header must be a picture's.
"""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from balefire.domain.errors import BadInput, NotAnImage
from balefire.vision.image import read_header

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/tiff")


async def checked_body(scope: Scope, receive: Receive, pixel_limit: int) -> Receive:
    """Read the (already limited) body, check it, and return a `receive` that plays it again.

    Raises NotAnImage, ImageTooLarge, BadInput.
    """
    if scope["method"] != "POST":
        return receive
    body = await Request(scope, receive).body()
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        picture = await _only_image(scope, body)
    elif kind in PICTURE_TYPES:
        picture = body
    else:
        raise NotAnImage(f"detect takes multipart/form-data with a file 'image', or {', '.join(PICTURE_TYPES)}; not {kind or 'nothing'}")
    read_header(picture, max_pixels=pixel_limit)
    return _replay(body)


async def _only_image(scope: Scope, body: bytes) -> bytes:
    try:
        async with Request(scope, _replay(body)).form(max_files=1, max_fields=0) as form:
            image = form.get("image")
            if not isinstance(image, UploadFile):
                raise BadInput("the form needs a file part named image; text, a URL for one, is never fetched")
            return await image.read()
    except (MultiPartException, FormParserError) as error:
        raise BadInput(f"the form holds exactly one file part named image, no text: {error}") from error


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
