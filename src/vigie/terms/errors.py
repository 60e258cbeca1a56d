"""The one tree of errors. Each message names what, where, why, and what to do."""


class VigieError(Exception):
    """Base of every error that Vigie raises on purpose; the command line prints its text and exits 1."""


class UsageError(VigieError):
    """Wrong use: a bad argument or a bad site file. The command line exits 2."""


class SiteError(UsageError):
    """A site file that cannot be used: the message names file, line, key, what was found, what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FormatError(VigieError):
    """A file or link whose kind cannot be read: the message says what was found and what can be read."""


class WireError(VigieError):
    """Bytes that cannot be encoded or tables that cannot be compiled (never raised for bad received bytes)."""


class RecordingError(VigieError):
    """A recording that cannot be opened, read or written."""


class LinkError(VigieError):
    """A live link that cannot be opened: the message names the link, the reason and what to do."""


class LinkTextError(UsageError, LinkError):
    """A link that is written wrongly: wrong use, where a link that cannot be opened is a failure."""


class ForbiddenError(VigieError):
    """An act or a route that the role does not allow."""


class ExerciseError(UsageError):
    """An exercise file that cannot be flown: the message names file, line, key, what was found, what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
