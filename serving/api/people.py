"""Keys and users: the administrator's routes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from balefire.adapters.passwords import hash_password
from balefire.domain.access import ApiKey, Principal, Role, Scope, User
from balefire.flows import access, wire
from serving.api.wire import KeyBody, Needs, TheHouse, UserBody

router = APIRouter(prefix="/v1", tags=["people"])
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("/keys")
async def list_keys(house: TheHouse, _: Admin) -> dict[str, Any]:
    """Keys without their secrets, which nobody can show again."""

    def read() -> list[ApiKey]:
        with house.database.read() as work:
            return work.people.keys()

    return {"items": [_key(key) for key in await house.in_thread(read)], "next": None}


@router.post("/keys", status_code=201)
async def create_key(body: KeyBody, house: TheHouse, _: Admin) -> dict[str, str]:
    """The key is in this answer and nowhere else."""
    text = await house.in_thread(access.create_key, house.database, house.clock.now(), body.name, body.scopes, body.camera)
    return {"key": text}


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, house: TheHouse, _: Admin) -> None:
    """From the next request on it opens nothing."""

    def write() -> None:
        with house.database.begin() as work:
            work.people.revoke_key(key_id, house.clock.now())

    await house.in_thread(write)


@router.get("/users")
async def list_users(house: TheHouse, _: Admin) -> dict[str, Any]:
    def read() -> list[User]:
        with house.database.read() as work:
            return work.people.users()

    users = await house.in_thread(read)
    return {"items": [{"id": user.id, "name": user.name, "role": user.role} for user in users], "next": None}


@router.post("/users", status_code=201)
async def add_user(body: UserBody, house: TheHouse, _: Admin) -> dict[str, str]:
    """409 where the name is taken."""
    digest = await house.in_thread(hash_password, body.password)
    await house.in_thread(access.add_user, house.database, house.clock.now(), body.name, Role(body.role), digest)
    return {"name": body.name, "role": body.role}


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id, "name": key.name, "scopes": sorted(key.scopes), "camera": key.camera, "unit": key.unit,
        "created_at": wire.time(key.created_at), "revoked_at": wire.time(key.revoked_at),
    }  # fmt: skip
