"""Who the connector says it is: manifest, settings, probes."""

from collections.abc import Callable
from functools import partial

import msgspec

from hub.model.errors import HubError, InputError
from hub.sim.certify import flaws
from hub.sim.certify.ears import note
from hub.sim.certify.flaws import BrokenRuleError, must, untried
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop, secret_fields
from hub.sim.certify.stage import NOBODY, Stage
from hub.spec import Probe, RetryLaterError
from hub.spec.config import Setting, read_settings, schema_of, settings_of, write_settings
from hub.spec.declared import problems_of
from hub.spec.testing import HasRegions, SimReply, SimRequest, sim_json

LATER = {429, 500, 503}
HTML = {"content-type": "text/html"}
ANSWERS = {
    "no-permission": (
        "a refused permission is told, with a remedy",
        "403 for every call",
        sim_json({"error": "forbidden"}, 403),
    ),
    "another-server": (
        "an address of something else is told, with a remedy",
        "404 in HTML for every call",
        SimReply(404, b"<html>Not Found</html>", HTML),
    ),
    "a-page-of-html": (
        "a page that answers to everything is not taken for the channel",
        "a page of HTML for every call",
        SimReply(200, b"<html>Welcome</html>", HTML),
    ),
    **{
        str(status): (
            "trouble there is told or left for later",
            f"{status} for every call",
            sim_json({"error": "trouble"}, status),
        )
        for status in sorted(LATER)
    },
}
CANARY = "canary-7f3c9e51d2"


def scenarios() -> list[Scenario]:
    return [
        _made("manifest/declared", "what is declared is implemented, and the reverse", declared),
        _made("manifest/quiet-open", "open() calls nobody", quiet),
        _made("config/typed-as-text", "every setting can be typed in as text", typed),
        _made("config/help", "every setting of its own has a help text", helped),
        _made("config/unknown-setting", "a misspelled setting is refused by name", misspelled),
        _made("config/schema", "the settings have a JSON Schema, from which a form is made", schema),
        _made("config/upgrade", "settings saved before a field was added still fit", upgraded),
        _made(
            "config/old-versions",
            "settings that an older version stored are brought up to date",
            upgraded_from_old,
        ),
        _made("config/secrets-hidden", "no repr shows a secret", hidden),
        _made("check/all-well", "all probes are well when all is well", all_well),
        _made("check/wrong-key", "a wrong key is told, with a remedy", wrong_key),
        _made("check/wrong-address", "an address where nobody answers is told, with a remedy", nobody),
        _made("check/told-apart", "a wrong key and a wrong address are told apart", told_apart),
        _made(
            "check/missing-scope", "a key that may not do all of it is told apart from a wrong one", one_scope
        ),
        _made(
            "check/wrong-region", "an account of another region is told apart from a wrong key", wrong_region
        ),
        *(
            _made(
                f"check/{name}", says, partial(answered, reply=reply, what=what, later=reply.status in LATER)
            )
            for name, (says, what, reply) in ANSWERS.items()
        ),
    ]


def _made(name: str, says: str, run: Run) -> Scenario:
    return Scenario(name, Tier.BRONZE, says, run)


async def declared(stage: Stage) -> None:
    problems = problems_of(stage.subject.connector)
    must(not problems, flaws.MANIFEST, "; ".join(problems[:3]))


async def quiet(stage: Stage) -> None:
    shop = await stage.opened()
    must(not shop.http.asked, flaws.MANIFEST, f"open() called {shop.http.asked[:1]}")


async def typed(stage: Stage) -> None:
    """The settings of the simulator, and a text for every other one, whatever it makes of it."""
    shop = stage.offline()
    kind = shop.connector.config_type
    try:
        held = write_settings(kind, shop.settings)
        again = write_settings(kind, {}, held=held)
    except InputError as error:
        raise BrokenRuleError(flaws.CONFIG, f"what was typed in does not fit: {error}") from error
    must(
        read_settings(kind, held) == read_settings(kind, again), flaws.CONFIG, "settings read back are others"
    )


async def helped(stage: Stage) -> None:
    mute = [each.name for each in own_settings(stage) if not each.help]
    must(not mute, flaws.CONFIG, f"{', '.join(mute)}: no help text, Meta(description=…)")


async def misspelled(stage: Stage) -> None:
    shop = stage.offline()
    try:
        write_settings(shop.connector.config_type, {**shop.settings, "no_such_setting": "x"})
    except InputError:
        return
    raise BrokenRuleError(flaws.CONFIG, "a setting the connector does not have was taken")


async def schema(stage: Stage) -> None:
    made = schema_of(stage.subject.connector.config_type)
    must(made["type"] == "object", flaws.CONFIG, "its JSON Schema is no object")


async def upgraded(stage: Stage) -> None:
    """Leave out each optional setting in turn: what an older version saved must still be read."""
    shop = stage.offline()
    kind = shop.connector.config_type
    for name in sorted(each.name for each in own_settings(stage) if not each.required):
        kept = {key: value for key, value in shop.settings.items() if key != name}
        read_settings(kind, write_settings(kind, kept))


async def upgraded_from_old(stage: Stage) -> None:
    """What older versions stored is still read; an example of each stands with the settings."""
    kind = stage.subject.connector.config_type
    if kind.version == 1:
        untried("its settings have no older version")
    for version in range(1, kind.version):
        must(version in kind.stored, flaws.CONFIG, f"`stored` has no example of version {version}")
        raw = msgspec.json.encode(kind.stored[version])
        try:
            read_settings(kind, raw, version=version)
        except InputError as error:
            seen = f"settings of version {version} are not read any more: {error}"
            raise BrokenRuleError(flaws.CONFIG, seen) from error


async def hidden(stage: Stage) -> None:
    shop = await stage.opened()
    stage.reopen(shop, **dict.fromkeys(secret_fields(shop.connector), CANARY))
    for shown in (shop.config, shop.channel, shop.connector, vars(shop.channel)):
        note(repr(shown))
        must(
            CANARY not in f"{shown!r} {shown!s}",
            flaws.LEAKS_SECRET,
            f"the repr of {type(shown).__name__} shows a secret",
        )


def own_settings(stage: Stage) -> list[Setting]:
    return [each for each in settings_of(stage.subject.connector.config_type) if each.name != "base_url"]


async def check(shop: Shop) -> list[Probe]:
    probes: list[Probe] = await shop.ask("check", shop.channel.check())
    for each in probes:
        note(f"{each.name} {each.detail} {each.remedy}")
        must(each.ok or bool(each.remedy), flaws.PROBES, f"probe {each.name!r} failed and says no remedy")
    return probes


async def failing(shop: Shop, what: str, *, later: bool = False) -> set[tuple[str, str]]:
    """(name, remedy) of each failing probe. `later`: check() may also leave it for later, by RetryLaterError."""
    try:
        probes = await check(shop)
    except HubError as error:
        if later and isinstance(error, RetryLaterError):
            return set()
        seen = f"{what}: check() raised {type(error).__name__} instead of returning a probe"
        raise BrokenRuleError(flaws.PROBES, seen) from error
    failed = {(each.name, each.remedy) for each in probes if not each.ok}
    must(bool(failed), flaws.PROBES, f"{what}: all probes are well")
    return failed


async def all_well(stage: Stage) -> None:
    shop = await stage.opened()
    probes = await check(shop)
    failed = [each.name for each in probes if not each.ok]
    must(bool(probes) and not failed, flaws.PROBES, f"all is well, and {failed or 'there is no probe'}")


async def wrong_key(stage: Stage) -> None:
    shop = await stage.opened()
    if not secret_fields(shop.connector):
        untried("it has no secrets")
    stage.reopen(shop, **dict.fromkeys(secret_fields(shop.connector), CANARY))
    await failing(shop, "wrong keys")


async def answered(stage: Stage, *, reply: SimReply, what: str, later: bool = False) -> set[tuple[str, str]]:
    """Every call is answered so; what check() says then."""
    shop = await reachable(stage)
    shop.road.troubles.append(Trouble(reply))
    return await failing(shop, what, later=later)


async def reachable(stage: Stage) -> Shop:
    shop = await stage.opened()
    if not stage.has_network:
        untried("there is no other side")
    return shop


async def nobody(stage: Stage) -> None:
    shop = await reachable(stage)
    stage.reopen(shop, base_url=NOBODY)
    await failing(shop, "nobody answers")


async def told_apart(stage: Stage) -> None:
    key = await answered(stage, reply=sim_json({"error": "no"}, 401), what="401 for every call")
    shop = await reachable(stage)
    stage.reopen(shop, base_url=NOBODY)
    address = await failing(shop, "nobody answers")
    must(key != address, flaws.PROBES, f"a wrong key and a wrong address look alike: {sorted(key)[:1]}")


async def one_scope(stage: Stage) -> None:
    """Each call that check() makes is refused in turn, while the others go well."""
    shop = await reachable(stage)
    await check(shop)
    calls = dict.fromkeys((method, path) for method, path, _ in shop.http.asked)
    key = await answered(stage, reply=sim_json({"error": "no"}, 401), what="401 for every call")
    told = [each for call in calls if (each := await _forbidden(stage, *call))]
    must(bool(told), flaws.PROBES, "403 for any one of its calls, and all probes are well")
    must(key not in told, flaws.PROBES, f"a missing permission looks like a wrong key: {sorted(key)[:1]}")


async def _forbidden(stage: Stage, method: str, path: str) -> set[tuple[str, str]]:
    """What fails while this call is refused; nothing where it needs no permission."""
    shop = await reachable(stage)
    shop.road.troubles.append(
        Trouble(sim_json({"error": "forbidden"}, 403), fits=_is(method, shop.heard(path)))
    )
    return {(each.name, each.remedy) for each in await check(shop) if not each.ok}


def _is(method: str, path: str) -> Callable[[SimRequest], bool]:
    return lambda request: (request.method, request.path) == (method, path)


async def wrong_region(stage: Stage) -> None:
    key = await answered(stage, reply=sim_json({"error": "no"}, 401), what="401 for every call")
    shop = await reachable(stage)
    if not isinstance(shop.simulator, HasRegions):
        untried("its vendor has one region")
    shop.simulator.move_away()
    told = await failing(shop, "the account lives in another region")
    must(told != key, flaws.PROBES, f"a wrong region looks like a wrong key: {sorted(told)[:1]}")
