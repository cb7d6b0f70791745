"""Every route of the app, walked as every role, by people and keys of the whole house, of one unit, and of its sibling.

A new route without a row in ROUTES fails here: it has to say whose it is.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

import httpx
import pytest

from balefire.domain.access import ROLE_SCOPES, Role, Scope
from tests.serving import pictures
from tests.serving.browser import PASSWORD
from tests.serving.service import Service, running
from tests.serving.test_access import BENTOML, mounted_routes

OAK, ELM = "quercus", "ulmus"  # two sibling districts; what belongs to one has its word in its name
fresh = itertools.count()


class Whose(Enum):
    ANYBODYS = "the same for everybody who has the scope"
    LIST = "each sees what is theirs"
    OAKS = "the oak district's, so nothing of it for the elm district"
    HOUSE = "for the whole house only"


@dataclass(frozen=True)
class Route:
    """`ask`: what a request carries; called anew each time."""

    scope: Scope
    whose: Whose
    ask: Callable[[City], dict[str, object]] = lambda city: {}


@dataclass
class City:
    """A running service with two districts, and ids of the oak district's things."""

    service: Service
    ids: dict[str, str] = field(default_factory=dict)


@dataclass
class Person:
    """`side`: OAK, ELM or "" for the whole house."""

    name: str
    side: str
    scopes: frozenset[Scope]
    client: httpx.Client


def jpeg(_: City) -> dict[str, object]:
    return {"content": pictures.noise(next(fresh)), "headers": {"Content-Type": "image/jpeg"}}


def body(**values: object) -> Callable[[City], dict[str, object]]:
    """JSON; `{n}` in a text is a new number."""

    def ask(_: City) -> dict[str, object]:
        number = next(fresh)
        return {"json": {k: v.replace("{n}", str(number)) if isinstance(v, str) else v for k, v in values.items()}}

    return ask


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def zone(_: City) -> dict[str, object]:
    return {"json": {"polygon": [[0, 0], [0.1, 0], [0.1, 0.1]], "reason": "chimney", "until": tomorrow()}}


def renewal(_: City) -> dict[str, object]:
    return {"json": {"until": tomorrow()}}


def decided(city: City) -> dict[str, object]:
    with city.service.client() as admin:
        assert admin.post(f"/v1/events/{city.ids['event_id']}/reviews", json={"verdict": "false"}).status_code == 201
    return {}


def as_it_stands(city: City) -> dict[str, object]:
    """A verdict on the place's one event, whoever decided it before."""
    with city.service.client() as admin:
        reviews = admin.get(f"/v1/events/{city.ids['event_id']}").json()["reviews"]
    return {"json": {"verdict": "unsure", "expects": {city.ids["event_id"]: reviews[-1]["id"] if reviews else ""}}}


READ, REVIEW, FRAMES, ADMIN = Scope.READ, Scope.REVIEW, Scope.FRAMES, Scope.ADMIN
ROUTES = {
    "POST /v1/detect": Route(FRAMES, Whose.ANYBODYS, jpeg),
    "POST /v1/cameras/{camera}/frames": Route(FRAMES, Whose.OAKS, jpeg),
    "GET /v1/events": Route(READ, Whose.LIST),
    "GET /v1/queue": Route(READ, Whose.LIST),  # before anything is decided
    "GET /v1/events/{event_id}": Route(READ, Whose.OAKS),
    "GET /v1/events/{event_id}/frames/{number}.jpg": Route(READ, Whose.OAKS),
    "GET /v1/events/{event_id}/clip.mp4": Route(READ, Whose.OAKS),
    "GET /v1/events/{event_id}/evidence.zip": Route(READ, Whose.OAKS),
    "GET /v1/events/{event_id}/earlier": Route(READ, Whose.OAKS),
    "POST /v1/events/{event_id}/reviews": Route(REVIEW, Whose.OAKS, body(verdict="unsure")),
    "POST /v1/events/{event_id}/reviews/{review_id}/undo": Route(REVIEW, Whose.OAKS),
    "POST /v1/events/{event_id}/zone": Route(REVIEW, Whose.OAKS, zone),
    "PUT /v1/events/{event_id}/presence/{seat}": Route(REVIEW, Whose.OAKS),
    "DELETE /v1/events/{event_id}/presence/{seat}": Route(REVIEW, Whose.OAKS),
    "GET /v1/zones": Route(READ, Whose.LIST),
    "POST /v1/zones/{zone_id}/renew": Route(Scope.COMMAND, Whose.OAKS, renewal),
    "DELETE /v1/zones/{zone_id}": Route(REVIEW, Whose.OAKS),
    "GET /v1/reviews/export.zip": Route(Scope.TRAIN, Whose.LIST, decided),
    "GET /v1/queue/{group}": Route(READ, Whose.OAKS),
    "POST /v1/queue/{group}/reviews": Route(REVIEW, Whose.OAKS, as_it_stands),
    "POST /v1/queue/{group}/reviews/{review_id}/undo": Route(REVIEW, Whose.OAKS),
    "GET /v1/views": Route(READ, Whose.ANYBODYS),  # each has their own
    "PUT /v1/views/{view}": Route(READ, Whose.ANYBODYS, body(address="hazard=flame")),
    "DELETE /v1/views/{view}": Route(READ, Whose.ANYBODYS),
    "GET /v1/cameras": Route(READ, Whose.LIST),
    "POST /v1/cameras": Route(ADMIN, Whose.OAKS, body(id=f"{OAK}-{{n}}", unit=OAK)),
    "GET /v1/cameras/{camera_id}": Route(READ, Whose.OAKS),
    "PATCH /v1/cameras/{camera_id}": Route(ADMIN, Whose.OAKS, body(name=f"{OAK} {{n}}")),
    "POST /v1/cameras/{camera_id}/view": Route(REVIEW, Whose.OAKS),
    "GET /v1/cameras/{camera_id}/health": Route(READ, Whose.OAKS),
    "GET /v1/cameras/health": Route(READ, Whose.LIST),
    "GET /v1/cameras/{camera_id}/latest.jpg": Route(READ, Whose.OAKS),
    "GET /v1/cameras.geojson": Route(READ, Whose.LIST),
    "GET /v1/layers": Route(READ, Whose.ANYBODYS),
    "GET /v1/layers/{layer}.geojson": Route(READ, Whose.ANYBODYS),
    "GET /v1/basemap.pmtiles": Route(READ, Whose.ANYBODYS),
    "GET /v1/stats": Route(READ, Whose.LIST),
    "GET /v1/stats.csv": Route(READ, Whose.LIST),
    "GET /v1/units": Route(READ, Whose.LIST),
    "POST /v1/units": Route(ADMIN, Whose.OAKS, body(code=f"{OAK}-{{n}}", name="x", kind="township", parent=OAK)),
    "GET /v1/units/{unit}": Route(READ, Whose.OAKS),
    "PATCH /v1/units/{unit}": Route(ADMIN, Whose.OAKS, body(name=f"{OAK} {{n}}")),
    "GET /v1/keys": Route(ADMIN, Whose.LIST),
    "POST /v1/keys": Route(ADMIN, Whose.OAKS, body(name=f"{OAK}-{{n}}", scopes=["read"], unit=OAK)),
    "DELETE /v1/keys/{key_id}": Route(ADMIN, Whose.OAKS),
    "GET /v1/users": Route(ADMIN, Whose.LIST),
    "POST /v1/users": Route(ADMIN, Whose.OAKS, body(name=f"{OAK}-{{n}}", role="viewer", password=PASSWORD, unit=OAK)),
    "PATCH /v1/users/{name}": Route(ADMIN, Whose.OAKS, body(role="viewer")),
    "GET /v1/audit": Route(ADMIN, Whose.HOUSE),
    "GET /v1/drill": Route(READ, Whose.ANYBODYS),
    "POST /v1/drill": Route(ADMIN, Whose.HOUSE, body(name="Drill {n}")),
    "DELETE /v1/drill": Route(ADMIN, Whose.HOUSE),
    "GET /v1/bundles": Route(READ, Whose.ANYBODYS),
    "GET /v1/bundles/{bundle}/{version}/card": Route(READ, Whose.ANYBODYS),
    "GET /openapi.json": Route(READ, Whose.ANYBODYS),
    "GET /source": Route(READ, Whose.ANYBODYS),
    "GET /": Route(READ, Whose.ANYBODYS),
    "GET /events/{event_id}": Route(READ, Whose.ANYBODYS),  # the empty page; it reads its event from /v1
    "GET /docs": Route(READ, Whose.ANYBODYS),
    "GET /people": Route(ADMIN, Whose.LIST),
    "GET /coverage": Route(READ, Whose.ANYBODYS),  # the empty pages; they read from /v1
    "GET /map": Route(READ, Whose.ANYBODYS),
    "GET /figures": Route(READ, Whose.LIST),
    "GET /figures/shift": Route(READ, Whose.LIST),
    "GET /metrics": Route(READ, Whose.HOUSE),  # it names every camera
    "GET /docs.json": Route(READ, Whose.ANYBODYS),
    "GET /schema.json": Route(READ, Whose.ANYBODYS),
    "GET /healthz": Route(READ, Whose.ANYBODYS),
    "GET /static_content/swagger-ui.css": Route(READ, Whose.ANYBODYS),
}
ELSEWHERE = {  # walked by tests of their own
    "GET /v1/stream", "GET /sign-in", "POST /sign-in", "GET /sign-in/{token}", "POST /sign-in/{token}", "POST /sign-out",
    "POST /choices", "GET /detect",
}  # fmt: skip


def test_every_route_says_whose_it_is() -> None:
    there = {f"{method} {path}" for method, path in mounted_routes() if method != "HEAD"} | {f"GET {path}" for path in BENTOML}
    assert there - set(ROUTES) - ELSEWHERE == set()
    assert set(ROUTES) - there == set()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("reach")
    tree = f"code,name,kind,parent\nhub,Hub,hub,\n{OAK},{OAK},district,hub\n{ELM},{ELM},district,hub\n"
    (folder / "units.csv").write_text(tree + f"{OAK}-town,{OAK} town,township,{OAK}\n")
    with running(folder / "state") as service:
        assert "4 added" in service.cli("units", "import", str(folder / "units.csv"))
        found = City(service)
        with service.client() as admin:
            for side, unit in ((OAK, f"{OAK}-town"), (ELM, ELM)):
                camera = {"id": f"{side}-ridge", "unit": unit}
                assert admin.post("/v1/cameras", json=camera).status_code == 201
                raise_event(admin, camera["id"])
            event = admin.get("/v1/events", params={"camera": f"{OAK}-ridge"}).json()["items"][0]
            found.ids |= {"event_id": event["id"], "group": event["group"], "view": "mine"}
            found.ids |= {"camera": f"{OAK}-ridge", "camera_id": f"{OAK}-ridge", "unit": f"{OAK}-town", "number": "0"}
            found.ids |= {"seat": "7", "zone_id": new_zone(found)}
            (service.state / "layers").mkdir()
            (service.state / "layers" / "woods.geojson").write_text('{"type": "FeatureCollection", "features": []}')
            (service.state / "basemap.pmtiles").write_bytes(b"PMTiles")
            found.ids["layer"] = "woods"
            first = admin.get("/v1/bundles").json()["items"][0]
            found.ids |= {"bundle": first["name"], "version": first["version"]}
            found.ids["name"] = f"{OAK}-somebody"
            somebody = {"name": found.ids["name"], "role": "viewer", "password": PASSWORD, "unit": OAK}
            assert admin.post("/v1/users", json=somebody).status_code == 201
        yield found


def raise_event(client: httpx.Client, camera: str) -> None:
    """Captured from now on: what came before a drill is no part of it."""
    start = datetime.now(UTC)
    for second in range(8):
        headers = {"Captured-At": (start + timedelta(seconds=second / 100)).isoformat()}
        answer = client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(30 + second), headers=headers)
        assert answer.status_code == 200


def signed_in(service: Service, name: str, role: Role, side: str) -> httpx.Client:
    user = {"name": name, "role": role, "password": PASSWORD, **({"unit": side} if side else {})}
    with service.client() as admin:
        assert admin.post("/v1/users", json=user).status_code == 201
    client = httpx.Client(base_url=service.url, headers={"Origin": service.url}, timeout=30)
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
    return client


def with_key(service: Service, name: str, **narrowed: str) -> httpx.Client:
    with service.client() as admin:
        answer = admin.post("/v1/keys", json={"name": name, "scopes": list(Scope), **narrowed})
    assert answer.status_code == 201
    return service.client(answer.json()["key"])


@pytest.fixture(scope="module")
def people(city: City) -> Iterator[list[Person]]:
    found = [
        Person(name, side, ROLE_SCOPES[role], signed_in(city.service, name, role, side))
        for role, side in itertools.product(Role, ("", OAK, ELM))
        for name in [f"{role}-{side or 'house'}"]
    ]
    every = frozenset(Scope)
    for side in (OAK, ELM):
        found.append(Person(f"key of {side}", side, every, with_key(city.service, f"{side} key", unit=side)))
    one = with_key(city.service, f"{ELM} camera key", camera=f"{ELM}-ridge")
    yield [*found, Person(f"key of a camera of {ELM}", ELM, every, one)]
    for person in found:
        person.client.close()


def new_zone(city: City) -> str:
    """One of the oak district; those before are let go, as a camera has twenty at most."""
    with city.service.client() as admin:
        for old in admin.get("/v1/zones", params={"camera": city.ids["camera"], "limit": 1000}).json()["items"]:
            admin.delete(f"/v1/zones/{old['id']}").raise_for_status()
        drawn = admin.post(f"/v1/events/{city.ids['event_id']}/zone", **zone(city))  # type: ignore[arg-type]
    drawn.raise_for_status()
    return str(drawn.json()["id"])


def request(city: City, person: Person, name: str) -> httpx.Response:
    method, path = name.split()
    ids = dict(city.ids)
    if "{key_id}" in path:
        with city.service.client() as admin:
            ids["key_id"] = (
                admin.post("/v1/keys", json={"name": OAK, "scopes": ["read"], "unit": OAK}).json()["key"].split("_")[1]
            )
    if "{zone_id}" in path:
        ids["zone_id"] = new_zone(city)
    if "{review_id}" in path:  # their own, where they may decide
        decided = person.client.post(f"/v1/events/{ids['event_id']}/reviews", json={"verdict": "false"})
        ids["review_id"] = decided.json()["reviews"][-1]["id"] if decided.status_code == 201 else "none"
    if name == "DELETE /v1/views/{view}":
        person.client.put(path.format(**ids), json={"address": ""})
    return person.client.request(method, path.format(**ids), **ROUTES[name].ask(city))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ROUTES)
def test_each_person_sees_and_does_what_is_theirs(city: City, people: list[Person], name: str) -> None:
    route = ROUTES[name]
    for person in people:
        answer = request(city, person, name)
        said = (name, person.name, answer.status_code, answer.text[:300])
        if route.scope not in person.scopes or (route.whose is Whose.HOUSE and person.side):
            assert answer.status_code == 403, said
        elif route.whose is Whose.OAKS and person.side == ELM:
            assert answer.status_code in ((404,) if name.startswith("GET") else (403, 404, 422)), said
        else:
            assert answer.status_code < 300, said
            if person.side == ELM:
                assert OAK not in answer.text, said
            elif route.whose is Whose.LIST:
                assert OAK in answer.text, said


def test_an_unknown_thing_and_that_of_others_answer_alike(city: City, people: list[Person]) -> None:
    elm = next(person for person in people if person.name == f"admin-{ELM}")
    for path, known, unknown in [
        ("/v1/events/{}", city.ids["event_id"], "01J00000000000000000000000"),
        ("/v1/cameras/{}", city.ids["camera"], "never-there"),
        ("/v1/cameras/{}/latest.jpg", city.ids["camera"], "never-there"),
        ("/v1/cameras/{}/health", city.ids["camera"], "never-there"),
        ("/v1/units/{}", OAK, "never-there"),
    ]:
        theirs, nothing = elm.client.get(path.format(known)), elm.client.get(path.format(unknown))
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.text.replace(known, "") == nothing.text.replace(unknown, "")


def read_stream(client: httpx.Client, until: str) -> list[dict[str, object]]:
    """The stream from its beginning until an item that holds this word."""
    items: list[dict[str, object]] = []
    with client.stream("GET", "/v1/stream", headers={"Last-Event-ID": "0"}) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("data: "):
                items.append(json.loads(line.removeprefix("data: ")))
                if until in line:
                    return items
    raise AssertionError("the stream ended")


def test_the_stream_tells_each_what_is_theirs(city: City, people: list[Person]) -> None:
    for person in people:
        if Scope.READ not in person.scopes:
            continue
        items = read_stream(person.client, until=ELM if person.side == ELM else OAK)
        told = json.dumps(items)
        assert (OAK in told) == (person.side != ELM), person.name
    oak = next(person for person in people if person.name == f"viewer-{OAK}")
    raise_event_again(city)
    assert ELM not in json.dumps(read_stream(oak.client, until="reviewed"))


def raise_event_again(city: City) -> None:
    with city.service.client() as admin:
        assert admin.post(f"/v1/events/{city.ids['event_id']}/reviews", json={"verdict": "real"}).status_code == 201


@pytest.mark.parametrize("end", ["sign out", "disable", "move"])
def test_the_stream_ends_with_the_session(city: City, end: str) -> None:
    name = f"leaver-{next(fresh)}"
    with closing(signed_in(city.service, name, Role.VIEWER, OAK)) as leaver, city.service.client() as admin:
        with leaver.stream("GET", "/v1/stream") as answer:
            lines = answer.iter_lines()
            assert next(lines)
            if end == "sign out":
                signed_out = httpx.post(f"{city.service.url}/sign-out", cookies=leaver.cookies, headers=leaver.headers)
                assert signed_out.status_code == 303
            else:
                change = {"disabled": True} if end == "disable" else {"unit": ELM}
                assert admin.patch(f"/v1/users/{name}", json=change).status_code == 200
            raise_event_again(city)
            assert not any(line.startswith("data:") for line in lines)
        assert leaver.get("/v1/events").status_code == (200 if end == "move" else 401)


def test_a_drill_is_marked_everywhere_while_it_runs(city: City) -> None:
    with city.service.client() as admin:
        assert admin.post("/v1/drill", json={"name": "Spring exercise"}).status_code == 201
        assert admin.post("/v1/drill", json={"name": "Second"}).status_code == 409
        assert admin.post("/v1/cameras", json={"id": "elm-drill", "name": "Drill mast", "unit": ELM}).status_code == 201
        raise_event(admin, "elm-drill")
        for path in (
            "/",
            "/docs",
            "/people",
            "/coverage",
            "/map",
            "/figures",
            "/figures/shift",
            "/sign-in",
            "/sign-in/token",
            f"/events/{city.ids['event_id']}",
        ):
            assert "Drill: Spring exercise" in admin.get(path).text, path
        events = admin.get("/v1/events", params={"camera": "elm-drill"}).json()["items"]
        assert events[0]["drill"] == "Spring exercise"
        assert admin.get(f"/v1/events/{events[0]['id']}").json()["drill"] == "Spring exercise"
        assert admin.get(f"/v1/events/{city.ids['event_id']}").json()["drill"] is None
        assert admin.delete("/v1/drill").status_code == 204
        assert admin.delete("/v1/drill").status_code == 404
        assert "Drill: " not in admin.get("/").text
        items = [item for item in read_stream(admin, until='"elm-drill"') if item.get("camera")]
        assert items.pop()["drill"] == "Spring exercise"
        assert {item["drill"] for item in items} == {None}


def test_what_was_done_is_in_the_log_and_the_log_is_whole(city: City, people: list[Person]) -> None:
    assert people
    with city.service.client() as admin:
        entries = admin.get("/v1/audit", params={"limit": 1000}).json()["items"]
        done = {entry["what"] for entry in entries}
        assert {"unit.add", "camera.add", "user.add", "key.create", "sign_in", "event.review", "export.clip"} <= done
        page = admin.get("/v1/audit", params={"limit": 2}).json()
        older = admin.get("/v1/audit", params={"limit": 2, "after": page["next"]}).json()
        assert [entry["number"] for entry in older["items"]] == [page["next"] - 1, page["next"] - 2]
        assert PASSWORD not in json.dumps(entries)
        assert not any("secret" in json.dumps(entry).lower() for entry in entries)
    assert "whole" in city.service.cli("audit", "verify")
