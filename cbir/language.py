"""The language that the program speaks: what it says to people is marked here for translation.

The words in the code are English and are the keys of gettext's catalogues
(https://docs.python.org/3/library/gettext.html): ``make translations`` collects them in
``cbir/locale/cbir.pot``; a translation is a ``cbir/locale/XX/LC_MESSAGES/cbir.mo``, chosen by the
variables that the system's language is told by (``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``,
``LANG``). Without one the words are shown as they are.
"""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from string import Formatter

DOMAIN = "cbir"
LOCALES = Path(__file__).parent / "locale"


def catalogue(locales: Path = LOCALES) -> gettext.NullTranslations:
    """The translation below ``locales`` for the system's language; English where none is there."""
    return gettext.translation(DOMAIN, locales, fallback=True)


_translation = catalogue()
_templates: dict[str, re.Pattern[str]] = {}


def _(message: str) -> str:
    """``message`` in the user's language; what varies in it is a named field for ``str.format``.

    ``_("Saved {path}.").format(path=path)``: never an f-string, whose text no catalogue can hold.
    """
    return _translation.gettext(message)


def counted(one: str, many: str, count: int, **more: object) -> str:
    """The sentence for ``count`` things, which languages form in more ways than two.

    ``counted("{count:,} picture", "{count:,} pictures", 3)`` is ``3 pictures``; what else varies
    in it comes by name.
    """
    return _translation.ngettext(one, many, count).format(count=count, **more)


def kept(message: str) -> str:
    """``message`` as it is, for words that a library file keeps, or JSON holds: always English.

    ``retold`` translates them where they are shown. What varies in them is a named field without a
    format, filled with text; such a message must be made where its module is imported.
    """
    fields = list(Formatter().parse(message))
    if any(name for _text, name, _spec, _conversion in fields):
        pattern = (
            re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, *_ in fields
        )
        _templates[message] = re.compile("".join(pattern), re.DOTALL)
    return message


def retold(text: str) -> str:
    """What ``kept`` made, in the user's language; other text as it is."""
    for message in sorted(_templates, key=len, reverse=True):  # what tells more fits better
        if found := _templates[message].fullmatch(text):
            return _(message).format(**found.groupdict())
    return text and _(text)  # the catalogue tells of itself for no text
