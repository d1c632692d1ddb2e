"""Words for the user, and the one way the service says no."""


class Say(str):
    """
    A Vietnamese sentence that still knows its message id and parameters, so that it can be said in English
    too.
    """

    __slots__ = ("msgid", "params")
    msgid: str
    params: dict[str, object]


def say(msgid: str, **params: object) -> Say:
    """The sentence `msgid` with its {placeholders} filled in; `.msgid` and `.params` are kept for translation."""
    said = Say(msgid.format(**params))
    said.msgid = msgid
    said.params = params
    return said


# The key of a kept sentence's message id, beside its parameters' names.
_MSGID = "say"


def as_json(sentence: object) -> object:
    """A sentence as JSON keeps it, to be said in another language later: see ``from_json``."""
    if isinstance(sentence, Say):
        return {_MSGID: sentence.msgid, **{name: as_json(value) for name, value in sentence.params.items()}}
    return sentence if isinstance(sentence, int | float) else str(sentence)


def from_json(kept: object) -> Say | str:
    """A sentence that ``as_json`` wrote."""
    if not isinstance(kept, dict):
        return str(kept)
    values = {name: value for name, value in kept.items() if name != _MSGID}
    return say(
        kept[_MSGID],
        **{name: from_json(value) if isinstance(value, dict) else value for name, value in values.items()},
    )


class Refused(Exception):
    """A verb was not done; `reasons` maps the field at fault to the sentence shown beside it."""

    def __init__(self, **reasons: str) -> None:
        super().__init__(reasons)
        self.reasons: dict[str, Say | str] = dict(reasons)

    def __str__(self) -> str:
        return " ".join(self.reasons.values())
