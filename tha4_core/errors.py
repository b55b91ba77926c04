"""The one base class of mistakes that a user can put right."""


class UserError(Exception):
    """A bad input. ``str(error)`` is one sentence: what is wrong, where, and what to do about it.

    Command lines print that sentence without a traceback; the bridge sends it to the client.
    """
