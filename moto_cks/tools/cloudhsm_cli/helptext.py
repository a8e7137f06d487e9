"""Help, usage and errors in the layout of clap, the library that parses for the real tool.

What ``help key list``, ``help key delete`` and ``help user create`` print in the AWS CloudHSM User
Guide is laid out by the rules here.
"""

from __future__ import annotations

from moto_cks.tools.cloudhsm_cli.shapes import PROGRAM, Command, Entry, Group, Option

TERMINAL_WIDTH = 100
"""The width, in columns, that clap assumes."""

MARGIN = 12
"""The columns that clap counts for what stands around an option."""

NARROW = 0.4
"""The part of the width that options may take while their help still stands beside them."""

SUBCOMMAND_HELP = ("help", "Print this message or the help of the given subcommand(s)")


def usage(entry: Entry, process: bool) -> str:
    """The usage line, without its title.

    Args:
        entry: the command or group.
        process: whether it is for the command line of the process, which starts with its name.
    """
    if isinstance(entry, Command) and entry.usage:
        return entry.usage
    words = [PROGRAM] if process else []
    words += entry.path
    if isinstance(entry, Group):
        return " ".join([*words, "<COMMAND>"])
    if any(not option.required for option in entry.options):
        words.append("[OPTIONS]")
    words += [option.placeholder for option in entry.options if option.required]
    return " ".join(words)


def usage_of(command: Command, given: frozenset[str], process: bool) -> str:
    """The usage line that goes with a missing option: what is required and what was given."""
    if command.usage:
        return command.usage
    shown = [option for option in command.options if option.required or option.name in given]
    words = [PROGRAM] if process else []
    return " ".join([*words, *command.path, *(option.placeholder for option in shown)])


def error(message: str, usage_line: str = "") -> str:
    """An error on standard error."""
    middle = f"Usage: {usage_line}\n\n" if usage_line else ""
    return f"error: {message}\n\n{middle}For more information, try '--help'.\n"


def help_text(entry: Entry, process: bool, long: bool) -> str:
    """What ``help`` prints.

    Args:
        entry: the command or group.
        process: see :func:`usage`.
        long: whether all of it is wanted (``help``, ``--help``), or a summary (``-h``).
    """
    parts = [entry.about]
    if isinstance(entry, Command) and entry.detail and long:
        parts.append(entry.detail)
    parts.append(f"Usage: {usage(entry, process)}")
    if isinstance(entry, Group):
        members = [(member.path[-1], member.about) for member in entry.members]
        parts.append(_table("Commands:", [*members, SUBCOMMAND_HELP], indent=2))
        parts.append("Options:\n  -h, --help  Print help")
    else:
        parts.append(_options(entry, long))
    return "\n\n".join(parts) + "\n"


def _options(command: Command, long: bool) -> str:
    has_more = bool(command.detail) or any(map(_is_explained, command.options))
    spacious = long and has_more
    columns = [(_names(option), _help(option, spacious)) for option in command.options]
    columns.append(("  -h, --help", _help_help(has_more, long)))
    if spacious:
        entries = [f"{names}\n{_indented(text)}" for names, text in columns]
        return "Options:\n" + "\n\n".join(entries)
    if _needs_next_line(columns):
        return "\n".join(["Options:", *(f"{names}\n{_indented(text)}" for names, text in columns)])
    return _table("Options:", columns)


def _is_explained(option: Option) -> bool:
    """Whether it is said what the values of an option mean."""
    return any(option.values.values())


def _names(option: Option) -> str:
    short = f"  -{option.short}, " if option.short else " " * 6
    return short + option.placeholder


def _help(option: Option, spacious: bool) -> str:
    text = option.help + (f" [default: {option.default}]" if option.default else "")
    if not option.values:
        return text
    if not (spacious and _is_explained(option)):
        return f"{text} {option.possible_values}"
    width = max(len(value) for value in option.values) + 1
    lines = [f"- {f'{value}:':<{width}} {about}" for value, about in option.values.items()]
    return "\n".join([text, "", "Possible values:", *lines])


def _help_help(has_more: bool, long: bool) -> str:
    if not has_more:
        return "Print help"
    return "Print help (see a summary with '-h')" if long else "Print help (see more with '--help')"


def _indented(text: str) -> str:
    return "\n".join(f"{' ' * 10}{line}" if line else "" for line in text.split("\n"))


def _needs_next_line(columns: list[tuple[str, str]]) -> bool:
    # The six columns of "  -h, " belong to the names here, and to the margin in clap.
    taken = max(len(names) for names, _ in columns) - 6 + MARGIN
    room = TERMINAL_WIDTH - taken
    return taken / TERMINAL_WIDTH > NARROW and any(len(text) > room for _, text in columns)


def _table(title: str, rows: list[tuple[str, str]], indent: int = 0) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join([title, *(f"{' ' * indent}{name:<{width}}  {text}" for name, text in rows)])
