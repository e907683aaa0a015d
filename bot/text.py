"""What Slack and phones do to a typed line, undone: escapes, auto-links, curled quotes, long dashes, arrow signs.

What comes out is words of plain ASCII; whatever cannot be undone without guessing is refused.
"""

from __future__ import annotations

import re
import unicodedata

from bot.accounts import quoted
from bot.errors import GrammarError

TEXT_LENGTH_MAX = 300

_MARKUP = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"(?:https?://|mailto:)([^|]+?)/?(?:\|(.*))?", re.IGNORECASE)
_ENTITY = re.compile("&(?:amp|lt|gt);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
# Zero-width characters become spaces, never nothing: `1<ZWSP>000` must not turn into 1000.
_INVISIBLE_SPACES = "\t\n\r\u200b\u2060\ufeff"
_LOOKALIKES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("“”„‟", '"') | dict.fromkeys("‘’‚‛", "'"))
_ARROW = re.compile(
    "(?P<right>:arrow_right:|--?>|=>|[→⇒⟶➔➜➡][\ufe0e\ufe0f]?)|(?P<left>:arrow_left:|<--?|<=|[←⇐⟵⬅][\ufe0e\ufe0f]?)|[<>]"
)
_QUOTED_TEXT = re.compile(r"""\s*(["'`])(?P<inside>(?:(?!\1).)*)\1\s*""")
_QUOTED_WORD = re.compile(r"""^(["'`])([^"'`]+)\1$""")


def ascii_words(text: str) -> list[str]:
    """Return the words in lower case, every arrow to the right as the word `->`, every other as `<-`, `<` or `>`.

    Raises:
        GrammarError: over 300 characters, a mention, a link that hides its target, a stray quote, or any character
            that is not plain ASCII once look-alikes are replaced.
    """
    length = len(text.strip())
    if length > TEXT_LENGTH_MAX:
        raise GrammarError(f"That text has {length} characters; a command has at most {TEXT_LENGTH_MAX}.")
    text = _MARKUP.sub(_unlinked, text)
    # One pass: `&amp;gt;` is a typed `&gt;`, which is no arrow.
    text = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)
    text = "".join(" " if _is_space(char) else char for char in text).translate(_LOOKALIKES)
    text = _ARROW.sub(_arrow_word, text)
    for char in text:
        if not " " <= char <= "~":
            raise GrammarError(foreign_character(char))
    if whole := _QUOTED_TEXT.fullmatch(text):
        text = whole["inside"]
    words = [_QUOTED_WORD.sub(r"\2", word) for word in text.lower().split()]
    for word in words:
        if re.search("[\"'`]", word):
            raise GrammarError(f"There is a stray quote in {quoted(word)}.")
    return words


def _unlinked(markup: re.Match[str]) -> str:
    """Undo Slack's auto-link, whose label is the very address it links to; any other markup says what it hides."""
    inside = markup[1]
    if inside.startswith(("@", "#", "!")):
        raise GrammarError("There is a mention of a person, group or channel; a transfer names accounts only.")
    link = _LINK.fullmatch(inside)
    if not link:
        raise GrammarError(f"{quoted(markup[0])} is markup, not part of a command.")
    address, shown = link[1], link[2]
    if shown is None:
        return address
    if shown.lower() != address.lower():
        raise GrammarError(f"{quoted(shown)} is a link to something else; type it as plain text.")
    return shown


def _is_space(char: str) -> bool:
    return char in _INVISIBLE_SPACES or unicodedata.category(char) in {"Zs", "Zl", "Zp"}


def _arrow_word(arrow: re.Match[str]) -> str:
    if arrow["right"]:
        return " -> "
    return " <- " if arrow["left"] else f" {arrow[0]} "


def foreign_character(char: str) -> str:
    """Say what is wrong with a character that is not printable ASCII."""
    point = f"U+{ord(char):04X}"
    if char.isnumeric():
        return f"{quoted(char)} ({point}) is a digit of another script; write the digits 0 to 9."
    if char.isprintable():
        return f"{quoted(char)} ({point}) has no place in a command; write plain letters, digits and `->`."
    return f"There is an invisible character ({point}) in the text; type it anew instead of pasting it."
