"""Lists of keys, and the columns of a batch, reach the database as they are, whatever stands in them."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.arrays import columns, unnested

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


class Row(Struct, frozen=True):
    word: str
    number: int
    key: UUID | None


ROWS = st.lists(st.builds(Row, WORDS, st.integers(-(2**31), 2**31 - 1), st.none() | st.uuids()), min_size=1)
UNNESTED = text(f"SELECT x.* FROM {unnested({'word': 'text', 'number': 'int', 'key': 'uuid'})}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
@example([Row("NULL", 0, None)] * 3)
@example([Row("", 1, UUID(int=1))] * 2)
async def test_a_batch_that_enters_by_its_columns_comes_back_as_it_was(tx: AsyncConnection, sent: list[Row]):
    assert [Row(*row) for row in await tx.execute(UNNESTED, columns(sent))] == sent
