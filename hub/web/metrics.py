"""What machines ask: does the process live, can it work, and how is it going."""

from litestar import get

from hub.web.security import OPEN


@get("/health", opt=OPEN, include_in_schema=False)
async def health() -> dict[str, str]:
    """The process lives; says nothing of what stands behind it."""
    return {"status": "ok"}
