"""A ladder: steps from 0 to a number, each with what it does and why; folding them gives the number again. Pure."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct


class Does(StrEnum):
    """What a step does with the number before it; a ladder begins at 0."""

    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide, rounded down"
    LESS_PERCENT = "subtract percent, rounded up"
    NONE_BELOW = "none below"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BECOMES = "becomes"


_SIGNS: Mapping[Does, str] = {
    Does.ADD: "+",
    Does.SUBTRACT: "−",
    Does.MULTIPLY: "×",
    Does.DIVIDE: "÷",
    Does.LESS_PERCENT: "−%",
}
_OPPOSITE: Mapping[Does, Does] = {Does.ADD: Does.SUBTRACT, Does.SUBTRACT: Does.ADD}

_DO: Mapping[Does, Callable[[int, int], int]] = {
    Does.ADD: lambda before, number: before + number,
    Does.SUBTRACT: lambda before, number: before - number,
    Does.MULTIPLY: lambda before, number: before * number,
    Does.DIVIDE: lambda before, number: before // number,
    Does.LESS_PERCENT: lambda before, number: before - -(-before * number // 100),
    Does.NONE_BELOW: lambda before, number: before if before >= number else 0,
    Does.AT_LEAST: max,
    Does.AT_MOST: min,
    Does.BECOMES: lambda _before, number: number,
}


class Step(Struct, frozen=True):
    """One rung: `after` is what stands once `number` was added, subtracted, … and `says` is for a person."""

    name: str
    does: Does
    number: int
    after: int
    says: str


Rung = tuple[str, Does, int, str]
"""A step before it is taken: its name, what it does with which number, and what it says."""


def ladder(rungs: Sequence[Rung]) -> list[Step]:
    """The rungs one after the other, each with what stands after it."""
    steps: list[Step] = []
    for name, does, number, says in rungs:
        before = steps[-1].after if steps else 0
        steps.append(Step(name, does, number, _DO[does](before, number), says))
    return steps


ADAPTIVE = "adaptive buffer"
"""The step that says what it was worked out of; that it is 0 says as much as any other number."""


def telling(steps: Sequence[Step]) -> list[Step]:
    """The steps that change something, for a person to read; the first says where the ladder begins."""
    before = [None, *(each.after for each in steps)]
    return [
        each for was, each in zip(before, steps, strict=False) if each.after != was or each.name == ADAPTIVE
    ]


def written(step: Step) -> tuple[str, int]:
    """The sign and the number behind it: what adds -14 is written − 14. What is no sum is an arrow."""
    if step.number < 0 and step.does in _OPPOSITE:
        return _SIGNS[_OPPOSITE[step.does]], -step.number
    return _SIGNS.get(step.does, "→"), step.number


def fold(steps: Sequence[Step]) -> int:
    """The number the steps lead to, by what each one does alone; `after` is not looked at."""
    number = 0
    for step in steps:
        number = _DO[step.does](number, step.number)
    return number
