"""What Slack and phones do to a typed line, undone: escapes, auto-links, curled quotes, long dashes, arrow signs.

The words of a command come out as plain ASCII; whatever cannot be undone without guessing is refused. A person's own
words, a reason, are split off first and stay as they were written.
"""

from __future__ import annotations

import re
import unicodedata

from bot.accounts import quoted
from bot.errors import GrammarError

TEXT_LENGTH_MAX = 300
REASON_LENGTH_MAX = 200

# Every white space of Unicode but the control characters among it. Zero-width characters become spaces, never
# nothing: `1<ZWSP>000` must not turn into 1000.
_SPACES = r" \t\n\r\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_SPACE = re.compile(f"[{_SPACES}]")
_WORD = re.compile(f"[^{_SPACES}]+")
_MARKUP = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"(?:https?://|mailto:)([^|]+?)/?(?:\|(.*))?", re.IGNORECASE)
_ENTITY = re.compile("&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_LOOKALIKES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("“”„‟", '"') | dict.fromkeys("‘’‚‛", "'"))
_ARROW = re.compile(
    "(?P<right>:arrow_right:|--?>|=>|[→⇒⟶➔➜➡][\ufe0e\ufe0f]?)|(?P<left>:arrow_left:|<--?|<=|[←⇐⟵⬅][\ufe0e\ufe0f]?)|[<>]"
)
_QUOTED_TEXT = re.compile(rf"""[{_SPACES}]*(["'`])(?P<inside>(?:(?!\1).)*)\1[{_SPACES}]*""", re.DOTALL)
_QUOTED_WORD = re.compile(r"""(["'`])(?P<inside>[^"'`]+)\1""")
_QUOTE = re.compile("[\"'`]")
_FOREIGN = re.compile("[^ -~]")
# Without the ASCII flag a long s would do for an s.
_REASON = re.compile(rf"(?<![^{_SPACES}])(?ai:reason)(?::|(?=[{_SPACES}])|$)")
_AS_PERSON = re.compile(rf"(?<![^{_SPACES}])(?ai:as)(?:[{_SPACES}]+(<@[^<>]*>|[^{_SPACES}]+))?[{_SPACES}]*$")
# Who is named in a list of words; the brackets of a mention may have been typed, too, and come escaped.
_MENTIONED = re.compile(rf"(?<![^{_SPACES}])(?:(?:<|&lt;)@[^<>&]*(?:>|&gt;)|@[^{_SPACES}]*)(?![^{_SPACES}])")
# A user id is known by its capitals and a digit; names in desk.toml are in lower case.
_PERSON = re.compile(
    r"(?:<|&lt;)@(?P<mention>[UW][A-Z0-9]+)(?:\|[^<>&]*)?(?:>|&gt;)"
    r"|@?(?:(?P<id>[UW](?=[A-Z]*[0-9])[A-Z0-9]+)|(?P<name>[A-Za-z][\w-]*))",
    re.ASCII,
)
# Persian words and joined emoji need them; every other format character can only hide or turn text around.
_JOINERS = "\u200c\u200d"


def ascii_words(text: str) -> list[str]:
    """Return the words in lower case, every arrow to the right as the word `->`, every other as `<-`, `<` or `>`.

    Raises:
        GrammarError: over 300 characters, a mention, a link that hides its target, a stray quote, or any character
            that is not plain ASCII once look-alikes are replaced.
    """
    length = len(text.strip())
    if length > TEXT_LENGTH_MAX:
        raise GrammarError(f"That text has {length} characters; a command has at most {TEXT_LENGTH_MAX}.")
    text = _without_entities(_MARKUP.sub(_unlinked, text))
    text = _SPACE.sub(" ", text).translate(_LOOKALIKES)
    text = _ARROW.sub(_arrow_word, text)
    foreign = _FOREIGN.search(text)
    if foreign:
        raise GrammarError(foreign_character(foreign[0]))
    words = unwrapped(text).lower().split()
    return [_without_quotes(word) if _QUOTE.search(word) else word for word in words]


def _without_quotes(word: str) -> str:
    whole = _QUOTED_WORD.fullmatch(word)
    if whole is None:
        raise GrammarError(f"There is a stray quote in {quoted(word)}.")
    return whole["inside"]


def unwrapped(text: str) -> str:
    """Return a text without the quotes around the whole of it, as a copied example has them."""
    whole = _QUOTED_TEXT.fullmatch(text.translate(_LOOKALIKES))
    return text[whole.start("inside") : whole.end("inside")] if whole else text


def first_word(text: str) -> tuple[str, str]:
    """Return the first word in lower case, without quotes around it or a colon after it, and all that follows it."""
    word = _WORD.search(text)
    if not word:
        return "", ""
    return word[0].translate(_LOOKALIKES).strip("\"'`").rstrip(":").lower(), text[word.end() :]


def split_reason(text: str) -> tuple[str, str | None]:
    """Split a raw line at the word `reason` into the words of the command and what was written after it.

    None: nobody wrote `reason`. As the first word of a line it starts no reason.
    """
    start = _WORD.search(text)
    marker = _REASON.search(text, start.end()) if start else None
    return (text[: marker.start()], text[marker.end() :]) if marker else (text, None)


def without_marker(text: str) -> str:
    """Return a reason without the word `reason` in front of it, where it says nothing."""
    start = _WORD.search(text)
    marker = _REASON.match(text, start.start()) if start else None
    return text[marker.end() :] if marker else text


def split_person(text: str) -> tuple[str, str | None]:
    """Split `as PERSON` off the end of a raw line; None: there is none, empty: `as` and nobody after it."""
    clause = _AS_PERSON.search(text)
    return (text[: clause.start()], clause[1] or "") if clause else (text, None)


def split_people(text: str) -> tuple[str, list[str]]:
    """Split mentions and other words that begin with `@` off a raw line; what is left keeps its other words."""
    return _MENTIONED.sub(" ", text), _MENTIONED.findall(text)


def read_person(text: str) -> str:
    """Return the user id or the name in lower case that a raw word is; empty where it is neither."""
    person = _PERSON.fullmatch(text)
    return (person["mention"] or person["id"] or str(person["name"]).lower()) if person else ""


def one_word_away(text: str, meant: frozenset[str]) -> tuple[str, str] | None:
    """Return the first word of a raw line, but its very first, that is one of some words in lower case.

    With it comes the line with `reason` in its place.
    """
    start = _WORD.search(text)
    for word in _WORD.finditer(text, start.end()) if start else ():
        if word[0].rstrip(":").lower() in meant:
            return word[0], f"{text[: word.start()]}reason{text[word.end() :]}"
    return None


def free_text(raw: str) -> str:
    """Read a reason as Slack delivers it: one line of visible text in its own case and script, fit to be stored.

    Mentions and links become the words people see, white space and control characters one space. It is not inert:
    what shows it escapes it.

    Raises:
        GrammarError: nothing to see, or over 200 characters.
    """
    text = _without_entities(_MARKUP.sub(_visible, raw))
    text = " ".join("".join(map(_storable, text)).split())
    if not any(unicodedata.category(char) not in {"Zs", "Cf", "Mn"} for char in text):
        raise GrammarError("The reason is missing.")
    if len(text) > REASON_LENGTH_MAX:
        raise GrammarError(f"The reason has {len(text)} characters; it may have at most {REASON_LENGTH_MAX}.")
    return text


def delivered(text: str) -> str:
    """Write free text so that `free_text` reads it back as it is, whatever in it looks like Slack's own markup."""
    text = _ENTITY.sub(r"&amp;\1;", text)
    return text.replace("<", "&lt;") if _MARKUP.search(text) else text


def echoed(text: str) -> str:
    """Return free text fit to stand between backticks in an answer, like a word that is quoted."""
    return "".join(char if char.isprintable() and char != "`" else "?" for char in text)


def _without_entities(text: str) -> str:
    # One pass: `&amp;gt;` is a typed `&gt;`, which is no arrow.
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], text)


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


def _visible(markup: re.Match[str]) -> str:
    """Return what Slack shows for a mention or a link: `@bob`, `#treasury`, a link's label. The rest was typed so."""
    target, _, shown = markup[1].partition("|")
    shown = shown.strip()
    if target.startswith(("@", "#", "!")):
        sign = "#" if target.startswith("#") else "@"
        return sign + (shown.lstrip("@#") or target[1:])
    if re.match("https?:|mailto:", target, re.IGNORECASE):
        return shown or target.removeprefix("mailto:") or target
    return markup[0]


def _storable(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cc", "Cs"} or _SPACE.fullmatch(char):
        return " "
    return "" if category == "Cf" and char not in _JOINERS else char


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
