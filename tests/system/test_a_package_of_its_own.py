"""A connector outside the tree works with nothing but pip install: wheels, a clean environment, and no network."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from hub.cli.connector.new import _plan, _write

ROOT = Path(__file__).parents[2]
OFFLINE = ("--disable-pip-version-check", "--no-input", "--no-index", "--no-deps")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheels of the hub and of a fresh scaffold, and their dependencies on its path."""
    folder = tmp_path_factory.mktemp("wheels")
    plan = _plan("acme_wheel", "Acme", folder, in_tree=False)
    _write(plan)
    for project in (ROOT, plan.folder):
        pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder / "dist"), str(project))
    environment = folder / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin/python"
    wheels = [str(each) for each in (folder / "dist").glob("*.whl")]
    pip("--python", str(python), "install", *wheels)
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]))
    return environment


def pip(*words: str) -> None:
    """Built and installed without a network: everything it needs was there before."""
    placed = next((n for n, word in enumerate(words) if word in {"wheel", "install"}), 0) + 1
    command = [sys.executable, "-m", "pip", *words[:placed], *OFFLINE, *words[placed:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def hub(environment: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run from elsewhere, so that nothing of the checkout is on the path."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(environment / "bin/hub"), *words]
    return subprocess.run(command, cwd=environment, env=kept, capture_output=True, text=True, check=False)


def test_the_hub_speaks_it_from_the_moment_it_is_installed(clean: Path):
    listed = json.loads(hub(clean, "connector", "list", "--json").stdout)["items"]
    [found] = [each for each in listed if each["kind"] == "acme_wheel"]
    assert (found["package"], found["package_version"], found["simulated"]) == (
        "hub-acme-wheel",
        "0.1.0",
        True,
    )


def test_it_is_certified_from_its_wheel_by_the_hub_from_its_wheel(clean: Path):
    said = hub(clean, "connector", "certify", "acme_wheel", "--only", "paging")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Acme (acme_wheel, API v1): 28 of 28 kept" in said.stdout


def test_the_guide_and_the_scaffold_come_with_the_wheel(clean: Path):
    assert f"{clean}/lib" in hub(clean, "connector", "docs", "acme_wheel").stdout
    made = hub(clean, "connector", "new", "acme_again")
    assert made.returncode == 0, made.stderr
    assert (clean / "hub-acme-again/hub_acme_again/connector.py").is_file()
