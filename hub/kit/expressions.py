"""Expressions: conditions that people write, checked at once by the names and types there are, then evaluated safely.

The language is that of the library rule-engine: numbers are exact decimals, every name has a type, and nothing reaches
Python's attributes. Left out is what has no bound: powers, shifts, regular expressions, ranges, loops in loops.
"""

import importlib
import operator
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import cache, lru_cache
from types import ModuleType
from typing import Any, NoReturn, Protocol, get_args, get_type_hints

from msgspec import Struct

from hub.model.errors import InputError

LENGTH_MAX = 1_000
DEPTH_MAX = 20  # brackets in brackets
COMPILED_MAX = 512
EXACT_DIGITS = 60
FUNCTIONS = ("abs", "all", "any", "max", "min", "sum")
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>[rs]?"(?:[^"\\\n]|\\.)*"|[rs]?'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<moment>[dt]"[^"\\\n]*"|[dt]'[^'\\\n]*')|(?P<number>[0-9]+(?:\.[0-9]+)?)(?![0-9A-Za-z_.])"""
    r"""|(?P<name>\$?[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<sign>==|!=|<=|>=|&\.|&\[|\?\?|\*(?!\*)|/(?!/)|<(?!<)|>(?!>)|[-+%()\[\],.?:{}])"""
)
_OPENS, _CLOSES = {"(", "[", "{", "&["}, {")", "]", "}"}
_REFUSED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class _Token(Struct, frozen=True):
    kind: str
    text: str
    at: int


class _Parsed(Protocol):
    def evaluate(self, thing: object) -> object: ...


class Expression(Struct, frozen=True):
    """A condition that was read and found sound."""

    text: str
    parsed: _Parsed

    def holds(self, facts: Struct) -> bool:
        """Raises InputError where it fails on these facts, such as a division by zero."""
        try:
            return bool(self.parsed.evaluate(facts))
        except (_engine().EngineError, *_REFUSED) as error:
            msg = f"the condition fails on this order: {_words(error)}"
            raise InputError(msg, field="condition") from error


@cache
def _engine() -> ModuleType:
    """Building its grammar takes half a second: only a hub that has rules pays for it."""
    return importlib.import_module("rule_engine")


@lru_cache(maxsize=COMPILED_MAX)
def read_expression(text: str, facts: type[Struct]) -> Expression:
    """Raises InputError naming what is wrong and where; the names are the fields of `facts`."""
    tokens = _tokens(text)
    lists = {name for name, hint in get_type_hints(facts).items() if get_args(hint)}
    _refuse_endless(text, tokens, lists)
    context = _context(facts)
    try:
        rule = _engine().Rule(text, context)
    except (_engine().EngineError, *_REFUSED) as error:
        at = _position(error, text, tokens, facts)
        _refuse(_words(error), text, at)
    answers = rule.statement.expression.result_type
    if answers != _engine().DataType.BOOLEAN:
        why = f"it answers with {_KINDS.get(answers.name, 'something else')}, not with yes or no: compare it"
        _refuse(why, text, 0)
    return Expression(text, rule)


def names_of(facts: type[Struct], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every name a condition may use, and what it is: order.total, a number; of a list, the names of one of it."""
    for name, hint in get_type_hints(facts).items():
        inner = get_args(hint)[0] if get_args(hint) else hint
        if isinstance(inner, type) and issubclass(inner, Struct):
            yield from names_of(inner, f"{prefix}{name}{'[]' if get_args(hint) else ''}.")
        else:
            yield f"{prefix}{name}", f"list of {_PLAIN[inner]}s" if get_args(hint) else _PLAIN[inner]


_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "number",
    Decimal: "number",
    bool: "yes or no",
    datetime: "moment",
}
_KINDS = {
    "FLOAT": "a number",
    "STRING": "a text",
    "ARRAY": "a list",
    "DATETIME": "a moment",
    "OBJECT": "a thing",
}


def _tokens(text: str) -> list[_Token]:
    if not text.strip() or len(text) > LENGTH_MAX:
        msg = f"the condition has {len(text)} characters: it needs some, and at most {LENGTH_MAX}"
        raise InputError(msg, field="condition")
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _refuse("this is no part of the language", text, at)
        if found.lastgroup != "space":
            tokens.append(_Token(found.lastgroup or "", found.group(), at))
        at = found.end()
    return tokens


class _Bracket:
    """What is open at one place: whether it loops, whether something inside of it does, and how many lists it names."""

    loops = False
    loops_inside = False
    lists = 0

    def take_in(self, inner: "_Bracket") -> None:
        self.loops_inside |= inner.loops or inner.loops_inside
        self.lists += inner.lists

    @property
    def is_endless(self) -> bool:
        """Each round would go through a list again."""
        return self.loops and (self.loops_inside or self.lists > 1)


def _refuse_endless(text: str, tokens: list[_Token], lists: AbstractSet[str]) -> None:
    """What could take longer than the order has lines is refused before anything is computed."""
    open_ones = [_Bracket()]
    for token in tokens:
        if token.text in _OPENS:
            open_ones.append(_Bracket())
        elif token.text in _CLOSES and len(open_ones) > 1:
            closed = open_ones.pop()
            open_ones[-1].take_in(closed)
        nearest, again = open_ones[-1], token.text == "for" and open_ones[-1].loops
        nearest.loops |= token.text == "for"
        nearest.lists += token.text in lists
        if again or nearest.is_endless or len(open_ones) > DEPTH_MAX:
            _refuse(
                "a loop that goes through lists again, or brackets too deep: write two rules", text, token.at
            )
        if token.text.startswith("$") and token.text[1:] not in FUNCTIONS:
            known = ", ".join(f"${name}" for name in FUNCTIONS)
            _refuse(f"there is no {token.text}, only {known}", text, token.at)


@cache
def _context(facts: type[Struct]) -> Any:
    engine = _engine()
    context = engine.Context(
        resolver=_field_of(facts),
        type_resolver={name: _type_of(name, hint) for name, hint in get_type_hints(facts).items()},
        default_timezone=UTC,
        decimal_context=Context(prec=EXACT_DIGITS),
        mapping_attribute_lookup=False,
    )
    every = context.builtins
    values = {name: every[name] for name in FUNCTIONS}
    types = {name: every.resolve_type(name) for name in FUNCTIONS}
    context.builtins = type(every)(values, timezone=UTC, value_types=types)
    return context


def _field_of(facts: type[Struct]) -> Any:
    """Look up a field of the facts by its name, and nothing else of them."""
    known = {name: operator.attrgetter(name) for name in facts.__struct_fields__}

    def look_up(thing: object, name: str) -> object:
        return known[name](thing)

    return look_up


def _type_of(name: str, hint: Any) -> Any:
    kinds = _engine().DataType
    if get_args(hint):
        return kinds.ARRAY(_type_of(name, get_args(hint)[0]))
    if issubclass(hint, Struct):
        fields = {each: _type_of(each, inner) for each, inner in get_type_hints(hint).items()}
        return kinds.OBJECT(hint.__name__, fields)
    plain = {
        str: kinds.STRING,
        bool: kinds.BOOLEAN,
        int: kinds.FLOAT,
        Decimal: kinds.FLOAT,
        datetime: kinds.DATETIME,
    }
    return plain[hint]


def _words(error: Exception) -> str:
    """What is wrong, in words of ours where the library has but a code for it."""
    name = getattr(error, "symbol_name", None) or getattr(error, "attribute_name", None)
    if name:
        near = getattr(error, "suggestion", None)
        return f"there is no {name!r} here{f': is {near!r} meant?' if near else ''}"
    said = str(getattr(error, "message", "")) or str(error) or type(error).__name__
    if said.startswith("syntax error"):
        return (
            "this cannot stand here" if getattr(error, "token", None) else "something is missing at the end"
        )
    return said.replace("data type mismatch", "two kinds of value that do not go together")


def _position(error: Exception, text: str, tokens: list[_Token], facts: type[Struct]) -> int:
    token = getattr(error, "token", None)
    if token is not None:
        return int(token.lexpos)
    if hasattr(error, "token"):
        return len(text)
    name = getattr(error, "symbol_name", None) or getattr(error, "attribute_name", None)
    if name:
        return next((each.at for each in tokens if each.text.lstrip("$") == name), 0)
    return _failing_part(text, tokens, facts)


def _failing_part(text: str, tokens: list[_Token], facts: type[Struct]) -> int:
    """Where the first part begins, between the outermost `and` and `or`, that cannot be read by itself."""
    depth, begins, ends = 0, [0], []
    for token in tokens:
        depth += (token.text in _OPENS) - (token.text in _CLOSES)
        if depth == 0 and token.text in {"and", "or"}:
            ends.append(token.at)
            begins.append(token.at + len(token.text))
    for begin, end in zip(begins, [*ends, len(text)], strict=True):
        try:
            _engine().Rule(text[begin:end], _context(facts))
        except (_engine().EngineError, *_REFUSED):
            return begin + len(text[begin:end]) - len(text[begin:end].lstrip())
    return 0


def _refuse(why: str, text: str, at: int) -> NoReturn:
    rest = text[at : at + 20].strip()
    where = f"at character {at + 1}, {rest!r}" if rest else "at its end"
    msg = f"the condition cannot be read {where}: {why}"
    raise InputError(msg, field="condition")
