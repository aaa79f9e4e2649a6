"""Lists of keys reach the database as they are, whatever stands in them."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

pytestmark = pytest.mark.anyio
# Each kind with what its quotes could break: NULL, commas, braces, blanks, backslashes, quotes, lines, other alphabets.
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.sampled_from(
    ["", "NULL", "null", "a,b", "{}", " a ", "\\", '"', "\n", "ß€🙂"]
)
KEYS = st.one_of(
    st.lists(WORDS, min_size=1).map(lambda rows: ("text", rows)),
    st.lists(st.uuids(), min_size=1).map(lambda rows: ("uuid", rows)),
    st.lists(st.binary(), min_size=1).map(lambda rows: ("bytea", rows)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(KEYS)
async def test_a_list_comes_back_as_it_was_sent(
    tx: AsyncConnection, keys: tuple[str, list[str] | list[UUID] | list[bytes]]
):
    kind, sent = keys
    found = await tx.execute(text(f"SELECT x FROM unnest(CAST(:keys AS {kind}[])) AS x"), {"keys": sent})
    assert [row.x for row in found] == sent
