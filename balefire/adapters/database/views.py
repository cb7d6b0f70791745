"""Views of the queue that people keep."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from balefire.adapters.database.tables import views
from balefire.domain.errors import NotFound
from balefire.flows.ports import View


class SqlViews:
    """Implements `ports.Views`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, owner: str) -> list[View]:
        rows = self._connection.execute(select(views).where(views.c.owner == owner).order_by(views.c.name))
        return [View(**row._mapping) for row in rows]

    def save(self, view: View) -> None:
        self._delete(view.owner, view.name)
        self._connection.execute(insert(views).values(owner=view.owner, name=view.name, address=view.address))

    def remove(self, owner: str, name: str) -> None:
        if not self._delete(owner, name):
            raise NotFound(f"no view {name}")

    def _delete(self, owner: str, name: str) -> int:
        return self._connection.execute(delete(views).where(views.c.owner == owner, views.c.name == name)).rowcount
