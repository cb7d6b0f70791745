"""TOML files that people edit, read into one typed value. A misspelt key stops the start and names the near one."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from balefire.domain.errors import BadSetting

T = TypeVar("T", bound=BaseModel)


class StrictModel(BaseModel):
    """A frozen value that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, model: type[T]) -> T:
    """Read `path` as `model`. Raises BadSetting with the file, the key and, for a misspelling, the near key."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSetting(f"{path}: no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: not valid TOML: {error}") from error
    return checked(model, values, str(path))


def checked(model: type[T], values: dict[str, Any], where: str) -> T:
    """Validate `values` as `model`; `where` is named in the error."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise BadSetting("; ".join(_sentence(model, fault, where) for fault in error.errors())) from error


def _sentence(model: type[BaseModel], fault: Any, where: str) -> str:
    *parents, key = [str(part) for part in fault["loc"]] or [""]
    dotted = ".".join([*parents, key])
    if fault["type"] != "extra_forbidden":
        return f"{where}: {dotted}: {fault['msg']}"
    near = difflib.get_close_matches(key, _keys(model, parents), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{where}: unknown key {dotted}{hint}"


def _keys(model: type[BaseModel], parents: list[str]) -> list[str]:
    """The keys that `model` knows below `parents`; table names and list numbers are passed over."""
    for parent in parents:
        field = model.model_fields.get(parent)
        if field is None:
            continue
        found = next((kind for kind in (field.annotation, *_nested(field.annotation)) if _is_model(kind)), None)
        if found is None:
            return []
        model = found
    return list(model.model_fields)


def _nested(annotation: Any) -> list[Any]:
    return [inner for arg in get_args(annotation) for inner in (arg, *_nested(arg))]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
