"""The second limit: pgbench's simple-update, the smallest transaction that is worth one, on the same server."""

import re
import shutil
import subprocess
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Literal

import psycopg
from msgspec import Struct
from sqlalchemy import make_url

from bench.servers import Bed
from hub.kit.embedded.binaries import find_postgres

DATABASE, SCALE = "pgbench", 10
ROWS = 100_000 * SCALE
CLIENTS = (1, 16)


class Tps(Struct, frozen=True):
    """`by` says who measured: pgbench itself, or the same statements from Python where there is none."""

    by: Literal["pgbench", "same statements from Python"]
    tps: dict[int, float]

    @property
    def best(self) -> float:
        return max(self.tps.values())


def measure(bed: Bed, *, seconds: int) -> Tps:
    bed.run("hub", f"CREATE DATABASE {DATABASE}")
    program = _program(bed)
    if program is None:
        return Tps("same statements from Python", {1: _from_python(bed, seconds)})
    _pgbench(program, bed, "-i", "-q", "-s", str(SCALE))
    found = {
        clients: _tps(
            _pgbench(program, bed, "-N", "-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds))
        )
        for clients in CLIENTS
    }
    return Tps("pgbench", found)


def measure_script(bed: Bed, database: str, script: Path, *, seconds: int) -> dict[int, float]:
    """Transactions in a second of one script, by the number of clients. Raises where there is no pgbench."""
    program = _program(bed)
    if program is None:
        message = "there is no pgbench here: install PostgreSQL's contrib programs"
        raise RuntimeError(message)
    return {
        clients: _tps(
            _pgbench(
                program,
                bed,
                *("-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-T", str(seconds)),
                database=database,
            )
        )
        for clients in CLIENTS
    }


def _program(bed: Bed) -> Path | None:
    """The one that came with the server, else the system's."""
    beside = find_postgres(bed.config.postgres_bin).path.with_name("pgbench")
    found = str(beside) if beside.exists() else shutil.which("pgbench")
    return Path(found) if found else None


def _pgbench(program: Path, bed: Bed, *options: str, database: str = DATABASE) -> str:
    url = make_url(bed.at(database).database_url)
    address = ["-h", str(url.query["host"]), "-U", str(url.username), database]
    ran = subprocess.run([program, *options, *address], check=True, capture_output=True, text=True)
    return ran.stdout


def _tps(report: str) -> float:
    found = re.search(r"^tps = ([0-9.]+)", report, re.MULTILINE)
    if found is None:
        message = f"pgbench said nothing of tps:\n{report}"
        raise RuntimeError(message)
    return float(found[1])


def _from_python(bed: Bed, seconds: int) -> float:
    random, done = Random(1), 0
    with bed.connect(DATABASE, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE accounts (aid int PRIMARY KEY, abalance int NOT NULL, filler char(84))"
        )
        connection.execute("INSERT INTO accounts SELECT n, 0, '' FROM generate_series(1, %s) n", [ROWS])
        connection.execute("CREATE TABLE history (aid int, delta int, mtime timestamp)")
        ends = perf_counter() + seconds
        while perf_counter() < ends:
            _simple_update(connection, random.randint(1, ROWS), random.randint(-5000, 5000))
            done += 1
    return done / seconds


def _simple_update(connection: psycopg.Connection, aid: int, delta: int) -> None:
    with connection.transaction():
        connection.execute("UPDATE accounts SET abalance = abalance + %s WHERE aid = %s", [delta, aid])
        connection.execute("SELECT abalance FROM accounts WHERE aid = %s", [aid])
        connection.execute("INSERT INTO history VALUES (%s, %s, CURRENT_TIMESTAMP)", [aid, delta])
