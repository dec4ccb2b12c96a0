"""How folders are walked: what the user's settings say of it, in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cbir.config import Settings
from cbir.images import DEFAULT_EXCLUDES, Found, find_images, is_reached, look_again


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """``excludes`` are patterns for names, the built-in ones included; see ``find_images``.

    ``newest_first``: index the folders that changed last first, else in the order of the walk.
    """

    excludes: tuple[str, ...] = DEFAULT_EXCLUDES
    cross_file_systems: bool = False
    newest_first: bool = False

    @staticmethod
    def of(settings: Settings) -> WalkOptions:
        """What the settings say."""
        return WalkOptions(
            (*DEFAULT_EXCLUDES, *settings.excludes),
            settings.cross_file_systems,
            settings.newest_first,
        )

    def find(self, paths: Sequence[str]) -> Iterator[Found]:
        """Every file under ``paths``; raises CbirError where one does not exist."""
        return find_images(
            paths, excludes=self.excludes, cross_file_systems=self.cross_file_systems
        )

    def look_again(self, paths: Sequence[str], roots: Sequence[str]) -> Iterator[Found]:
        """What is at ``paths`` now, as a walk of the ``roots`` would find it."""
        return look_again(
            paths, roots, excludes=self.excludes, cross_file_systems=self.cross_file_systems
        )

    def reaches(self, path: str, folder: str) -> bool:
        """Whether ``path`` lies below ``folder``, and nothing on the way to it is excluded."""
        return is_reached(path, folder, self.excludes)


DEFAULT_WALK = WalkOptions()
"""As it is where the user says nothing."""
