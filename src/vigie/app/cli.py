"""The command line: ``vigie COMMAND``. Exit codes: 0 done, 2 wrong use, 1 failure, 130 stopped by Ctrl-C."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Final

import typer

from vigie import __version__
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import language_of, tr, use_language

COMMANDS: Final = (
    "demo", "run", "sniff", "check", "decode", "encode", "track", "replay", "simulate", "evaluate", "mlat", "bench",
    "tables", "people", "airspace", "flights", "recording", "history", "report", "share",
    "incident", "service", "backup", "restore", "warmup",
)  # fmt: skip


def build() -> typer.Typer:
    """Return the command line with every command registered; each stands in ``vigie.app.commands.NAME``."""
    program = typer.Typer(
        name="vigie",
        help=tr("Vigie, the lookout: an open airspace surveillance and control centre."),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @program.callback(invoke_without_command=True)
    def _root(version: bool = typer.Option(False, "--version", help="print the version and stop")) -> None:
        if version:
            typer.echo(f"vigie {__version__}")
            raise typer.Exit

    # Only the command that is called is imported, so that `vigie --version` does not wait for the tracker.
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    for name in (asked,) if asked in COMMANDS else COMMANDS:
        module = importlib.import_module(f"vigie.app.commands.{name}")
        if hasattr(module, "program"):  # a command with commands of its own
            program.add_typer(module.program, name=name)
        else:
            program.command(name)(module.command)
    return program


def main() -> None:
    """Run the command line; the entry point of the ``vigie`` program."""
    # Arrow reads it when it is first imported, by a command. Its own pool keeps what is freed: 5 to 60 MB at the peak.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    use_language(language_of(os.environ))
    try:
        build()()
    except UsageError as why:
        _fail(str(why), 2)
    except VigieError as why:
        _fail(str(why), 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


def _fail(text: str, code: int) -> None:
    for line in text.splitlines():
        sys.stderr.write(f"vigie: {line}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
