"""Ids are UUIDv7: unique, and in the order they were made, also from many threads."""

from concurrent.futures import ThreadPoolExecutor

from hub.kit.ids import uuid7, uuid7s


def test_an_id_is_a_uuid_of_version_7():
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_each_id_is_greater_than_the_one_before():
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_the_ids_of_a_batch_are_greater_than_all_before_and_less_than_all_after():
    ids = [uuid7(), *uuid7s(10_000), *uuid7s(0), *uuid7s(1), uuid7()]
    assert ids == sorted(ids)
    assert len(set(ids)) == 10_003
    assert {each.version for each in ids} == {7}


def test_threads_never_make_the_same_id():
    with ThreadPoolExecutor(4) as pool:
        made = [
            each for batch in pool.map(lambda _: [uuid7() for _ in range(2_000)], range(4)) for each in batch
        ]
    assert len(set(made)) == 8_000
