"""The file `.env`: what cannot be read of it ends the start, where its reader would go on without it."""

from pathlib import Path

from dotenv.parser import parse_stream

from src.core.errors import InvalidSettings


def require_readable(path: Path) -> None:
    """Raises `InvalidSettings`, with the line's number and without its text, when the file is not KEY=value throughout."""
    try:
        if not path.is_file():
            return
        with path.open(encoding="utf-8") as file:
            wrong = [binding.original.line for binding in parse_stream(file) if binding.error]
    except UnicodeDecodeError:
        raise InvalidSettings(f"{path} is not UTF-8: save it again with that encoding") from None
    except OSError as error:
        raise InvalidSettings(
            f"{path} cannot be read ({error.strerror}): give this user the right to read it, or remove it"
        ) from None
    if wrong:
        raise InvalidSettings(
            f"{path}, line {wrong[0]}: not KEY=value, or a quote that is opened and not closed; correct that line"
        )
