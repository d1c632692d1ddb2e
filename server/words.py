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


class Refused(Exception):
    """A verb was not done; `reasons` maps the field at fault to the sentence shown beside it."""

    def __init__(self, **reasons: str) -> None:
        super().__init__(reasons)
        self.reasons: dict[str, Say | str] = dict(reasons)

    def __str__(self) -> str:
        return " ".join(self.reasons.values())
