"""Take the README's pictures: the real program on a virtual screen, worked as a person would.

``python docs/screenshots.py [--models DIR] [--out DIR] [--size WxH]`` needs Xvfb and xdotool. Only
the project's own sample images are shown, in libraries of their own in a temporary folder, with
stand-in weights (``standin_weights.py``) that know no more than the samples' names.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageGrab, ImageOps
from pyvirtualdisplay.display import Display

sys.path.insert(0, str(Path(__file__).resolve().parent))

import standin_weights

DOCS = Path(__file__).resolve().parent
SAMPLES = DOCS.parent / "sample_images"
QUERY = SAMPLES / "night_skyline_river_01.jpg"
CAR = "car_red_sports_01.jpg"
EVALUATION = (1060, 690)  # the size of its window
LARGEST_FILE = 400_000  # bytes
HIT = {"light": (0xE8, 0x59, 0x0C), "dark": (0xFF, 0x92, 0x2B)}  # the map's results, ui/theme.py

COPIES: dict[str, tuple[str, ...]] = {  # of these sample pictures, made in these ways
    CAR: ("for_the_web", "turned_round", "brighter"),
    QUERY.name: ("again", "for_the_web"),
    "balloons_lake_03.jpg": ("for_the_web", "cropped"),
    "fruit_grapes_03.jpg": ("again", "turned_round"),
    "planet_earthrise_05.jpg": ("again",),
    "sunset_palms_02.jpg": ("for_the_web", "again"),
    "face_old_man_beard_02.jpg": ("again", "brighter"),
    "mountain_lake_01.jpg": ("brighter",),
    "texture_white_brick_ivy_02.jpg": ("again",),
}
WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "again": lambda image: image,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "cropped": lambda image: ImageOps.crop(image, 12),
    "for_the_web": lambda image: image.reduce(2),
    "turned_round": lambda image: ImageOps.mirror(image.reduce(2)),
}

Pixels = NDArray[np.uint8]


class TookTooLong(Exception):
    """Something that was waited for did not appear on the screen."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until ``condition`` holds; raises TookTooLong with ``what``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


@dataclass
class Screen:
    """A virtual screen, seen as pixels and worked through xdotool."""

    name: str

    def grab(self) -> Image.Image:
        """What the whole screen shows, RGB."""
        return ImageGrab.grab(xdisplay=self.name).convert("RGB")

    def settle(self, quiet: float = 1.5, seconds: float = 120.0) -> None:
        """Wait until nothing but a text cursor has moved for ``quiet`` seconds."""
        last, since = np.asarray(self.grab()), time.monotonic()
        deadline = since + seconds
        while time.monotonic() - since < quiet:
            time.sleep(0.15)
            now = np.asarray(self.grab())
            if changed(last, now) > 120:
                last, since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise TookTooLong("the window did not come to rest")

    def xdotool(self, *words: str | float) -> str:
        """Run xdotool on this screen; its output."""
        environ = {**os.environ, "DISPLAY": self.name}
        command = ["xdotool", *(str(word) for word in words)]
        done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
        return done.stdout.strip()

    def point(self, x: int, y: int) -> None:
        """Move the pointer, in two steps, as a hand does."""
        self.xdotool("mousemove", x - 3, y - 2, "sleep", "0.05", "mousemove", x, y, "sleep", "0.05")

    def click(self, x: int, y: int) -> None:
        """Click the left button."""
        self.point(x, y)
        self.xdotool("click", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.xdotool("key", key, "sleep", "0.15")

    def write(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--delay", "25", text)


def changed(before: Pixels, after: Pixels) -> int:
    """How many pixels differ visibly."""
    if before.shape != after.shape:
        return before.size
    difference = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=2)
    return int((difference > 12).sum())


def coarser(picture: Image.Image, step: int) -> Image.Image:
    """The picture in shades of every ``step``, but where it is flat, as the window's surfaces are.

    Photographs make a PNG large, by shades finer than one sees.
    """
    pixels = np.asarray(picture)
    flat = np.zeros(pixels.shape[:2], bool)
    flat[1:, 1:] = (pixels[1:, 1:] == pixels[:-1, 1:]).all(axis=2)
    flat[1:, 1:] &= (pixels[1:, 1:] == pixels[1:, :-1]).all(axis=2)
    rounded = np.minimum((pixels.astype(int) + step // 2) // step * step, 255).astype(np.uint8)
    return Image.fromarray(np.where(flat[..., None], pixels, rounded))


@dataclass
class Window:
    """The program's window: ``x``, ``y``, ``width``, ``height`` on the screen."""

    screen: Screen
    id: str
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    def place(self, width: int, height: int) -> None:
        """Give it a size, and the keyboard."""
        xdotool = self.screen.xdotool
        self.screen.settle(quiet=1.0)
        xdotool("windowsize", self.id, width, height, "windowmove", self.id, 0, 0)
        xdotool("windowfocus", "--sync", self.id)
        self.screen.settle(quiet=1.0)
        facts = dict(
            line.split("=", 1)
            for line in xdotool("getwindowgeometry", "--shell", self.id).splitlines()
            if "=" in line
        )
        self.x, self.y = int(facts["X"]), int(facts["Y"])
        self.width, self.height = int(facts["WIDTH"]), int(facts["HEIGHT"])
        self.rest()

    def rest(self) -> None:
        """Point at nothing: the empty end of the menu bar."""
        self.screen.point(self.x + self.width - 40, self.y + 8)

    def grab(self) -> Image.Image:
        """What the window shows, menus and dialogs over it included."""
        box = (self.x, self.y, self.x + self.width, self.y + self.height)
        return self.screen.grab().crop(box)

    def save(self, path: Path) -> None:
        """Save a picture of the window, small enough for a web page."""
        self.screen.settle()
        picture = self.grab()
        for step in (1, 2, 4, 8):
            coarser(picture, step).save(path, optimize=True)
            if path.stat().st_size <= LARGEST_FILE:
                break
        else:
            picture.quantize(256).save(path, optimize=True)
        say(f"{path} ({picture.width}x{picture.height}, {path.stat().st_size // 1000} kB)")


@contextmanager
def program(
    screen: Screen, options: argparse.Namespace, home: Path, samples: Path | None = None
) -> Iterator[Window]:
    """The program's window on a library in ``home``, of ``samples`` or empty; closed by Ctrl+Q.

    The folder around ``home`` is the user's home folder, so that paths read as anybody's do.
    """
    home.mkdir()
    environ = {**os.environ, "DISPLAY": screen.name, "CBIR_HOME": str(home)}
    environ |= {"HOME": str(home.parent), "PYTHONPATH": str(DOCS.parent)}
    command = [sys.executable, "-m", "cbir", "--models", str(options.models.resolve())]
    if samples is not None:
        subprocess.run([*command, "index", str(samples)], env=environ, cwd=home, check=True)
    process = subprocess.Popen([*command, "gui"], env=environ, cwd=home, start_new_session=True)
    try:
        found = find_window(screen, process)
        found.place(*options.size)
        yield found
        screen.xdotool("windowfocus", "--sync", found.id)
        screen.key("ctrl+q")
        process.wait(timeout=15)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=15)


def find_window(screen: Screen, process: subprocess.Popen[bytes]) -> Window:
    """The program's window, once it is on the screen."""
    ids: list[str] = []

    def appeared() -> bool:
        if process.poll() is not None:
            raise TookTooLong(f"the program ended with status {process.returncode}")
        ids[:] = screen.xdotool("search", "--onlyvisible", "--class", "Cbir").split()
        return bool(ids)

    wait_for("the window", appeared)
    return Window(screen, ids[0])


def hits_on_map(window: Window, theme: str) -> list[tuple[int, int]]:
    """Places in the window that have the colour of the map's results, on its right side."""
    pixels = np.asarray(window.grab()).astype(np.int16)
    right = window.width * 6 // 10
    near = np.abs(pixels[:, right:] - np.array(HIT[theme])).max(axis=2) < 10
    found: list[tuple[int, int]] = []
    for y, x in np.argwhere(near):
        place = (int(x) + right, int(y))
        if all(abs(place[0] - old[0]) + abs(place[1] - old[1]) > 24 for old in found):
            found.append((place[0], place[1]))
    return [(x + 2, y + 4) for x, y in found]


def hover_a_hit(window: Window, theme: str) -> None:
    """Point at one of the map's results until its card is there."""
    before = np.asarray(window.grab())
    for x, y in hits_on_map(window, theme):
        window.screen.point(window.x + x, window.y + y)
        time.sleep(0.6)
        after = np.asarray(window.grab())
        beside = (slice(max(y - 200, 0), y + 200), slice(max(x - 200, 0), x + 200))
        if changed(before[beside], after[beside]) > 8000:
            return
    raise TookTooLong("no point of the map showed its card")


def open_image(window: Window, path: Path) -> None:
    """Search ▸ Open image…, with the path typed."""
    screen = window.screen
    screen.xdotool("windowfocus", "--sync", window.id)
    screen.key("ctrl+o")
    screen.settle(quiet=0.8)
    screen.write(str(path))
    screen.key("Return")
    window.rest()
    screen.settle()


def choose_dark(window: Window) -> None:
    """View ▸ Dark, by the keyboard; a picture is selected, else an entry above would be grey."""
    window.screen.xdotool("windowfocus", "--sync", window.id)
    window.screen.key("alt+v", "Down", "Down", "Return")
    window.screen.settle()


def search(window: Window, query: str) -> None:
    """Type a query in the search box, in place of what is there."""
    screen = window.screen
    screen.xdotool("windowfocus", "--sync", window.id)
    screen.key("Escape")
    screen.settle(quiet=1.0)
    screen.key("ctrl+l", "ctrl+a")
    screen.write(query)
    screen.key("Return")
    window.rest()
    screen.settle(quiet=8.0)  # nothing moves while a model is loaded


def take_empty(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """A library with nothing in it."""
    with program(screen, options, work / "empty") as window:
        window.save(options.out / "empty.png")


def take_results(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """Results in both themes, and what a broken picture gets."""
    pictures, broken = copy_samples(work / "Pictures"), work / "broken.jpg"
    broken.write_bytes(QUERY.read_bytes()[:400])
    with program(screen, options, work / "samples", pictures) as window:
        open_image(window, broken)
        window.save(options.out / "error.png")
        search_and_select(window, pictures / QUERY.name)
        window.save(options.out / "window-light.png")
        choose_dark(window)
        search_and_select(window, pictures / QUERY.name)
        window.save(options.out / "window-dark.png")


def take_asking(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """A mixed query, two opinions, and why a picture is a hit."""
    pictures = copy_samples(work / "Mixed")
    with program(screen, options, work / "mixed", pictures) as window:
        search(window, f'+ {pictures / CAR} + "at night" - "people"')
        screen.click(window.x + 110, window.y + 260)
        window.rest()
        window.save(options.out / "mixed.png")
        open_image(window, pictures / QUERY.name)
        screen.key("ctrl+d")
        screen.settle(quiet=2.5)
        window.save(options.out / "compare.png")
        screen.key("ctrl+d")
        screen.settle()
        search(window, "a sailing boat on the sea")
        screen.click(window.x + 110, window.y + 260)
        screen.key("ctrl+shift+w")
        screen.settle(quiet=4.0)
        window.save(options.out / "why.png")


def take_large(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """The window at 200 %, with the filter bar, on a screen as large as that asks for."""
    pictures = copy_samples(work / "Large")
    twice = argparse.Namespace(**{**vars(options), "size": tuple(2 * n for n in options.size)})
    with program(screen, twice, work / "large", pictures) as window:
        search(window, "flowers")
        screen.key("ctrl+f")
        window.rest()
        window.save(options.out / "window-200.png")


def take_duplicates(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """Near-duplicates: look-alikes, and the best of a group beside a small mirrored copy."""
    pictures = copy_samples(work / "Photos")
    for original, ways in COPIES.items():
        for way in ways:
            name = f"{Path(original).stem}_{way}.jpg"
            with Image.open(pictures / original) as image:
                WAYS[way](image.convert("RGB")).save(pictures / name, quality=60)
    with program(screen, options, work / "duplicates", pictures) as window:
        screen.xdotool("windowfocus", "--sync", window.id)
        screen.key("ctrl+shift+n")
        screen.settle(quiet=2.0)
        found = screen.xdotool("search", "--onlyvisible", "--name", "Near-duplicates").split()
        duplicates = Window(screen, found[0])
        duplicates.place(window.width, window.height)
        screen.click(duplicates.x + 300, duplicates.y + 25)
        screen.settle(quiet=2.0)
        screen.click(duplicates.x + 150, duplicates.y + 90)
        screen.key("Right", "Right")
        duplicates.rest()
        duplicates.save(options.out / "duplicates.png")


def take_evaluation(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """The evaluation of Classic alone: figures of stand-in weights would tell nothing."""
    folder = sort_samples(work / "Labelled")
    bare = argparse.Namespace(**{**vars(options), "models": work / "no-models"})
    with program(screen, bare, work / "evaluation", folder) as window:
        screen.xdotool("windowfocus", "--sync", window.id)
        screen.key("ctrl+shift+m")
        screen.settle(quiet=1.0)
        found = screen.xdotool("search", "--onlyvisible", "--name", "Evaluate on folders").split()
        evaluation = Window(screen, found[0])
        evaluation.place(*EVALUATION)
        screen.click(evaluation.x + evaluation.width - 50, evaluation.y + 155)
        screen.settle(quiet=3.0)
        evaluation.place(*EVALUATION)
        evaluation.save(options.out / "evaluation.png")


def take_map(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """The map by folder with its card, a lasso and its grid, words at their corrected place."""
    albums = sort_samples(work / "Albums")
    with program(screen, options, work / "map", albums) as window:
        screen.key("F9")  # without the details the map has all the height
        sash, y = window.x + round(window.width * 0.66), window.y + window.height // 2
        screen.xdotool("mousemove", sash, y, "mousedown", 1, "sleep", 0.2)
        screen.point(sash - 250, y)
        screen.xdotool("mouseup", 1)
        screen.click(window.x + window.width - 575, window.y + 178)
        screen.key("Down", "Return")
        open_image(window, next(albums.rglob(QUERY.name)))
        hover_a_hit(window, "light")
        window.save(options.out / "map-folders.png")
        draw_lasso(window)
        window.save(options.out / "map-lasso.png")
        search(window, "a sailing boat on the sea")
        screen.settle(quiet=20.0)  # a model and the captions' vectors take a while
        window.save(options.out / "map-words.png")


def draw_lasso(window: Window) -> None:
    """Draw around the query's nearest on the map: their pictures come into the grid."""
    screen = window.screen
    hits = [(window.x + x, window.y + y) for x, y in hits_on_map(window, "light")]
    x, y = (round(sum(places) / len(hits)) for places in zip(*hits, strict=True))
    screen.click(*hits[0])  # the map has the keys then
    screen.key("l")
    across, down = 90, 70
    corners = [(-1.0, -0.4), (-0.5, -1.0), (0.5, -1.0), (1.0, -0.3), (0.8, 0.8), (-0.6, 0.9)]
    path = [(x + round(a * across), y + round(b * down)) for a, b in corners]
    screen.xdotool("mousemove", *path[0], "mousedown", 1, "sleep", 0.2)
    for place in (*path[1:], path[0]):
        screen.point(*place)
    screen.xdotool("mouseup", 1)
    screen.settle()


def sort_samples(folder: Path) -> Path:
    """The sample pictures in folders by what they show; returns what holds these."""
    for sample in sorted(SAMPLES.glob("*.jpg")):
        label = folder / sample.name.partition("_")[0].removesuffix("s")
        label.mkdir(parents=True, exist_ok=True)
        shutil.copy2(sample, label)
    return folder


def take_statistics(screen: Screen, options: argparse.Namespace, work: Path) -> None:
    """The library in numbers, with its recall measured: by a key on the third button from last."""
    pictures = copy_samples(work / "Album")
    with program(screen, options, work / "statistics", pictures) as window:
        screen.xdotool("windowfocus", "--sync", window.id)
        screen.key("F4")
        screen.settle(quiet=2.0)
        screen.key("shift+Tab", "shift+Tab", "Return")
        screen.settle(quiet=5.0)
        window.save(options.out / "statistics.png")


def copy_samples(folder: Path) -> Path:
    """A folder of the sample pictures, as anybody's; returns it."""
    folder.mkdir()
    for sample in sorted(SAMPLES.glob("*.jpg")):
        shutil.copy2(sample, folder)
    return folder


def search_and_select(window: Window, path: Path) -> None:
    """Search by a picture and click on the second result."""
    open_image(window, path)
    window.screen.click(window.x + 320, window.y + 260)
    window.rest()


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def size(text: str) -> tuple[int, int]:
    """``1280x800`` as two numbers."""
    width, height = text.split("x")
    return int(width), int(height)


def main() -> int:
    """Take all pictures; 1 where a tool is missing or the program did not do its part."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--models", type=Path, help="weights (otherwise stand-ins that are made)")
    parser.add_argument("--out", type=Path, default=DOCS, help="where the pictures go")
    parser.add_argument("--size", type=size, default=(1280, 800), help="of the window, as 1280x800")
    parser.add_argument(
        "--only",
        metavar="NAME",
        help="empty, results, asking, duplicates, evaluation, map, statistics or large alone",
    )
    options = parser.parse_args()
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            sys.stderr.write(f"{tool} is missing (Debian: apt install xvfb xdotool)\n")
            return 1
    with tempfile.TemporaryDirectory(prefix="cbir-") as folder:
        work = Path(folder)
        if options.models is None:
            options.models = work / "models"
            standin_weights.make(options.models)
        takes = (take_empty, take_results, take_asking, take_duplicates, take_evaluation, take_map)
        for take in (*takes, take_statistics, take_large):
            if options.only and options.only not in take.__name__:
                continue
            times = 2 if take is take_large else 1
            dpi = ["-dpi", str(96 * times)]
            place = (1600 * times, 1000 * times)
            with Display(visible=False, size=place, color_depth=24, extra_args=dpi) as display:
                try:
                    take(Screen(display.new_display_var), options, work)
                except TookTooLong as error:
                    sys.stderr.write(f"{take.__name__}: {error}\n")
                    return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
