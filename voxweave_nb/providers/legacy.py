"""Names that plug-ins of an earlier release use; each warns and says what to write instead."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

__all__ = ["TOLD", "OldHttpNames", "OldProviderNames", "accept_old_fields", "adapt", "deprecated", "tell"]

_Class = TypeVar("_Class", bound=type)

TOLD: ContextVar[Callable[[str], None] | None] = ContextVar("voxweave_told", default=None)
"""The listener of `tell`, set while a provider with `create` submits, uploads or downloads."""


def tell(sentence: str) -> None:
    """Report a sentence to the listener of the job, if there is one."""
    listener = TOLD.get()
    if listener is not None:
        listener(sentence)


def deprecated(message: str, *, stacklevel: int = 3) -> None:
    """Warn that a plug-in uses an old name; the default level points at the caller's caller."""
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel)


class OldProviderNames:
    """Methods that `Provider` had in an earlier release."""

    async def create(self, request: Any) -> Any:
        """Call `submit`, the new name."""
        deprecated("Provider.create is called submit now; call submit(request).")
        classes = type(self).__mro__
        # An adapted `submit` calls `create`, which has called this: take the next one after it.
        adapted = [index for index, one in enumerate(classes) if _is_adapted(vars(one).get("submit"))]
        for one in classes[adapted[-1] + 1 if adapted else 0 :]:
            submit = vars(one).get("submit")
            if submit is not None and not getattr(submit, "__isabstractmethod__", False):
                return await submit(self, request)
        raise NotImplementedError(f"{type(self).__name__} has no submit(request).")

    def slot(self, model: Any) -> asyncio.Semaphore | None:
        """Return a semaphore for the model's jobs. The pipeline holds its own."""
        deprecated("Provider.slot is not needed any more; give the limit as Model.at_once.")
        if model.at_once is None:
            return None
        slots: dict[str, asyncio.Semaphore] = vars(self).setdefault("_slots", {})
        return slots.setdefault(model.name, asyncio.Semaphore(model.at_once))


class OldHttpNames:
    """Methods that `Http` had in an earlier release."""

    def ambiguous(self, why: str, reply: Any = None) -> Any:
        """Call `in_doubt`, the new name."""
        deprecated("Http.ambiguous is called in_doubt now.")
        in_doubt: Any = getattr(self, "in_doubt")  # noqa: B009  mypy does not know the subclass
        return in_doubt(why, reply)


def adapt(cls: type) -> None:
    """Let a subclass of `Provider` that has `create` instead of `submit` work; warn its author."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    if "slot" in vars(cls):
        deprecated(
            f"{name} defines slot(model), which is not called any more; use Model.at_once.", stacklevel=5
        )
    if not _has_only_create(cls):
        return
    deprecated(
        f"{name} defines create(assignment); rename it to submit(request) and send request.plan instead of planning "
        "again. create() stops working in the next release.",
        stacklevel=5,
    )

    async def submit(self: Any, request: Any) -> Any:
        with _heard_by(request):
            return await self.create(request)

    adapted: Any = submit
    adapted.adapts_create = True
    changed: Any = cls
    changed.submit = submit
    for verb in ("upload", "download"):
        if verb in vars(cls):
            setattr(cls, verb, _with_listener(vars(cls)[verb]))


def _has_only_create(cls: type) -> bool:
    """Return True if the first class that submits, in the order of inheritance, has `create` and no `submit`."""
    for one in cls.__mro__:
        if "submit" in vars(one):
            return False
        if "create" in vars(one):
            return one is not OldProviderNames
    return False


def _is_adapted(submit: object) -> bool:
    return getattr(submit, "adapts_create", False)


@contextlib.contextmanager
def _heard_by(listener: object) -> Iterator[None]:
    """Send what `tell` reports to the `say` of a request or of a `Progress`, if it has one."""
    token = TOLD.set(getattr(listener, "say", None))
    try:
        yield
    finally:
        TOLD.reset(token)


def _with_listener(verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return an upload or download during which `tell` reaches the listener for bytes."""

    @functools.wraps(verb)
    async def call(*args: Any, **options: Any) -> Any:
        with _heard_by(options.get("on_bytes", args[-1])):
            return await verb(*args, **options)

    return call


def accept_old_fields(
    names: tuple[str, ...], convert: Callable[[dict[str, Any]], dict[str, Any]], *, after: str, hint: str
) -> Callable[[_Class], _Class]:
    """Return a class decorator that accepts a dataclass's arguments of an earlier release, with a warning.

    Args:
        names: The old fields in their old order. The first is a mapping, by which it is known when given by position.
        convert: Returns the new fields for the old ones.
        after: The field that stood before them.
        hint: A sentence that says what to write instead.
    """

    def decorate(cls: _Class) -> _Class:
        changed: Any = cls
        init: Callable[..., None] = changed.__init__
        place = list(changed.__dataclass_fields__).index(after) + 1

        @functools.wraps(init)
        def accept(self: Any, *args: Any, **fields: Any) -> None:
            old = {name: fields.pop(name) for name in names if name in fields}
            if len(args) > place and isinstance(args[place], Mapping):
                args, rest = args[:place], args[place:]
                old.update(zip(names, rest, strict=False))
            if old:
                deprecated(f"{cls.__name__} has no {', '.join(old)} any more. {hint}")
                fields.update(convert(old))
            init(self, *args, **fields)

        changed.__init__ = accept
        return cls

    return decorate
