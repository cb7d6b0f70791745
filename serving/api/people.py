"""Keys and users: the administrator's routes. Whoever has a unit sees and makes what is theirs and below."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from balefire.adapters.passwords import hash_password
from balefire.domain.access import ApiKey, Principal, Scope, User
from balefire.flows import people, wire
from serving.api.wire import KeyBody, Needs, TheHouse, UserBody, UserPatch

router = APIRouter(prefix="/v1", tags=["people"])
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("/keys")
async def list_keys(house: TheHouse, admin: Admin) -> dict[str, Any]:
    """Keys without their secrets, which nobody can show again."""

    def read() -> list[ApiKey]:
        with house.database.read() as work:
            return work.people.keys(admin.reach)

    return {"items": [wire.key(key) for key in await house.in_thread(read)], "next": None}


@router.post("/keys", status_code=201)
async def create_key(body: KeyBody, house: TheHouse, admin: Admin) -> dict[str, str]:
    """The key is in this answer and nowhere else. It reaches one camera, or a unit and all below, or what its maker does."""
    text = await house.in_thread(
        people.create_key, house.database, house.clock.now(), body.name, body.scopes, body.camera, body.unit, admin
    )
    return {"key": text}


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, house: TheHouse, admin: Admin) -> None:
    """From the next request on it opens nothing."""
    await house.in_thread(people.revoke_key, house.database, house.clock.now(), key_id, admin)
    house.keys.forget()


@router.get("/users")
async def list_users(house: TheHouse, admin: Admin) -> dict[str, Any]:
    def read() -> list[User]:
        with house.database.read() as work:
            return work.people.users(admin.reach)

    return {"items": [wire.user(user) for user in await house.in_thread(read)], "next": None}


@router.post("/users", status_code=201)
async def add_user(body: UserBody, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """409 where the name is taken. `unit`: an id or a code; without it, the administrator's own."""
    digest = await house.in_thread(hash_password, body.password)
    now = house.clock.now()
    return wire.user(
        await house.in_thread(people.add_user, house.database, now, body.name, body.role, digest, body.unit, admin)
    )


@router.patch("/users/{name}")
async def change_user(name: str, body: UserPatch, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """Change what is sent. A new password, and `disabled: true`, end this user's sessions."""
    digest = await house.in_thread(hash_password, body.password) if body.password else None
    changed = await house.in_thread(
        people.change_user, house.database, house.clock.now(), name, admin, role=body.role, unit=body.unit,
        whole_house="unit" in body.model_fields_set and body.unit is None, password_hash=digest, disabled=body.disabled,
    )  # fmt: skip
    return wire.user(changed)
