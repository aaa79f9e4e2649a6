"""The benches run from end to end, small: what they would measure is still there, and the last line is for machines."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SMALL = {
    "buffer": ["--days", "7", "--risk", "5"],
    "intake": ["--seconds", "1", "--orders", "60", "--batch", "20", "--rounds", "1", "--requests", "0"],
    "soak": ["--seconds", "1"],
    "stock": ["--seconds", "1", "--listings", "400", "--rounds", "1", "--batches", "1"],
    "sync": ["--sales", "5", "--listings", "30", "--workers", "1"],
}


@pytest.mark.parametrize("name", SMALL)
def test_a_bench_ends_with_one_line_of_json(name: str):
    words = [sys.executable, "-m", f"bench.{name}", *SMALL[name]]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True).stdout
    assert json.loads(said.splitlines()[-1])["bench"] == name
