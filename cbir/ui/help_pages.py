"""The help's words, page by page, in one place.

A line that begins with ``# `` is a heading, with ``- `` a point of a list; the others are
paragraphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cbir.language import _

SHORTCUTS = _("Shortcuts")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the help; ``pairs`` is a table of two columns below the text."""

    title: str
    text: str
    pairs: tuple[tuple[str, str], ...] = ()

    def holds(self, words: str) -> bool:
        """Whether every one of the words is somewhere on the page."""
        cells = " ".join(cell for pair in self.pairs for cell in pair)
        whole = f"{self.title} {self.text} {cells}".casefold()
        return all(word in whole for word in words.casefold().split())


_PAGES = (
    (
        _("First steps"),
        _("""\
cbir finds pictures by what is in them, without tags or names.
# Fill the library
- Library → Index folder… (Ctrl+I) looks at every picture in a folder and the folders in it.
- Your files stay where they are. The library keeps numbers that describe them.
- Refresh (F5) looks for what came, went or changed since.
- Keep folders up to date does that by itself while the window is open.
- Where indexing was interrupted, by closing or by a crash, the next start offers to resume it.
# Search
- By a picture: open one, or choose Find similar on any picture in view.
- By words: type them at the top. That needs CLIP, which Library → Models… downloads once.
- Esc goes back to the whole library.
# What leaves this computer
Nothing. The only connection that the program makes is a download of a model that you start.
"""),
    ),
    (
        _("How searching works"),
        _("""\
Each picture becomes 512 numbers, a vector. Pictures that are alike have vectors that are near \
each other, so a search looks for the nearest.
# Spaces: what alike means
- Classic compares colours, edges and textures. It is always there, and quick.
- ResNet18 was trained to tell a thousand kinds of things apart: it finds the same kind of thing.
- CLIP was trained on pictures with their captions: it finds the same meaning, also by words.
Vectors of two spaces are never compared with each other.
# Cosine and Euclidean: what near means
- Cosine looks at the direction of two vectors alone. The score is 1 for the same direction, and \
higher is nearer.
- Euclidean is the distance between them, length included. The score is 0 for the same picture, \
and lower is nearer.
# LSH and exact: how the nearest are found
- Exact compares the query with every picture. It misses nothing.
- LSH, Locality Sensitive Hashing, sorts vectors into buckets such that near ones tend to share \
one, and compares only what lies in the query's bucket and those beside it. That is much \
quicker in a large library, and finds 95 of 100 of the true nearest unless set otherwise. What it \
finds is then ranked by the true metric: scores are never estimates.
- Tools → Statistics… (F4) tells how the index is set, and measures on your own pictures how many \
of the true ten nearest it finds, and what share of all pictures it compares for that.
- Pictures are searched by LSH, words exactly. The line at the bottom says what was done, and why.
"""),
    ),
    (
        _("Words and the modality gap"),
        _("""\
CLIP puts pictures and words into one space, but each side into a narrow cone of its own, about 75 \
degrees apart. That is called the modality gap.
# What it means for you
- Scores of words are always low: 0.3 is a good match. Compare them with each other, not with \
those of a picture query.
- The hash buckets of LSH hold hardly a picture near a text, so words are searched exactly.
- Where words and pictures are combined, each side is first seen from its own mean, so that \
neither drowns the other.
# Words that work
Describe what is to be seen, as a caption would: “a dog on a beach at sunset” says more than “dog”.
"""),
    ),
    (
        _("Queries of several parts"),
        _("""\
A query can have several parts: pictures and words, with a sign and a weight.
# As text
- beach.jpg + "at night" looks for both.
- "a street" -"people" leads away from what has a minus.
- 2:"sea" counts twice, 0.5:"sea" half.
- image:"a.jpg"[0.1,0,0.5,1] is a part of a picture: its left, top, right and bottom edges, from 0 \
to 1.
- more:"b.jpg" and less:"c.jpg" are pictures that you want more of, and less.
The terminal takes the same text: cbir search --query '…'
# Several examples
The mean of all pictures is searched for: what they have in common counts, what they differ in \
less.
# More like this, less like this
Hits that you mark move the query towards them or away from them (Rocchio's relevance feedback). \
Each mark can be taken back.
"""),
    ),
    (
        _("Reading the results"),
        _("""\
# What a score is worth
A score alone says little: it depends on the space, the metric, and on whether you asked by a \
picture or by words. So each score is compared with those of pairs that chance brings together \
in your own library. A hit at 99 % is nearer than 99 of 100 such pairs, in every space and metric.
Where nothing really matches, that is said in words.
# Nearly the same
Hits that are nearly the same picture lie under one tile, which tells how many. E shows them, and \
View → Collapse near-identical results lays every hit out by itself.
# Why this hit?
Parts of the picture are covered, one after another. The map that is drawn over it is warm where \
the score drops: that is what made it a hit.
# Two opinions
View → Two opinions (Ctrl+D) shows the same query in ResNet18 (looks like) and in CLIP (means \
like) side by side, with how the ranks differ, and one ranking of both.
"""),
    ),
    (
        _("Filters"),
        _("""\
A filter (Ctrl+F) limits a search to some of the pictures: by folder, date, size, format, \
orientation, tags, or to those whose files are missing.
It acts before the ranking. When you ask for 20 pictures, you get the 20 nearest among those that \
pass, not those of the 20 nearest that happen to pass.
"""),
    ),
    (
        _("The map"),
        _("""\
The map shows all pictures of the library as points. Near points are pictures that are alike in \
the chosen space.
# How it is made
512 dimensions are drawn as two: those along which the pictures differ most (principal component \
analysis, PCA). The axes show how much of all the difference they hold. What the other 510 tell \
is lost: points that lie together may still differ.
# Using it
- Point at a dot to see its picture; click to select it in the grid.
- Turn the wheel to zoom, drag to move. With the keys: + and −, arrows, 0 for all of it; Ctrl with \
an arrow goes to the next point, Enter selects it.
- Lasso (L) and box (B) choose the pictures inside; Shift adds, Ctrl takes away. They get a grid \
of their own, with what can be done with all of them above it. Esc ends choosing.
- View → Save map as… (Ctrl+Shift+P) writes what is seen as PNG or SVG.
- The star is the query, thin lines lead to its hits. Words are shown where pictures of that \
meaning lie: CLIP keeps words and pictures apart, so the star was moved by what lies between their \
means.
- “Colour” tells folder, tag, date, cluster (pictures that lie together in all 512 dimensions) or \
score. “Axes” shows other components.
- Zoom in for thumbnails in the place of points.
- The card tells a picture's true score and rank, and warns where the map deceives.
- What the filter or “How similar” leave out is faded.
"""),
    ),
    (
        _("Near-duplicates"),
        _("""\
Tools → Near-duplicates… (Ctrl+Shift+N) looks for copies among all pictures of the library. The \
search goes on beside everything else, and can be cancelled.
# Three levels
- Identical bytes: the same file under several names.
- Same picture: also saved anew, resized, brightened, or with a small watermark.
- Look-alikes: also cropped, turned a little, mirrored, or another shot of the scene. Mirrored \
copies are looked for by Classic vectors.
The space that most pictures have vectors in is used. Where vectors are near, the pictures \
themselves are compared as well; which of them could not be opened for that is told at the top.
# What is to go
- The best of a group has most pixels, then most bytes, then the oldest file.
- Copies of the best are ticked, look-alikes are not. Space, or a click on the box, changes that.
- Remove the rest from the library (Del) acts at once, and Undo brings it back. Files stay.
- Move the rest to the trash (Shift+Del) asks each time, and says so where nothing of a group \
would be left.
- In all groups: both act on every group that was found.
# Comparing
- The best (A) is compared with the picture that is selected (B). A tick marks the better value.
- Hold F to see B in the place of A; D shows what differs, four times as strong; S goes back.
- Wheel, 0 and 1 zoom both at once. G shows the group in the grid.
"""),
    ),
    (
        _("How good it is"),
        _("""\
Tools → Evaluate on folders… (Ctrl+Shift+M) asks for each picture which others are nearest, and \
takes the names of folders, or tags, for the truth: pictures of one folder, or that share a tag, \
belong together.
# The figures
- Precision: the share of the nearest pictures that have the label of the one asked for.
- mAP: how well the whole library is ranked; 1 where all that belong together come first.
- Nearest: how often the very nearest picture has the label.
- By chance: what precision would be if pictures came in any order.
LSH ranks only the few pictures that it compares, so its mAP is lower; compare its precision.
# What is taken for what
- A click on a pair shows it in the grid: ● a query, then → the wrong pictures among its nearest.
- Vectors of the library are used. A folder that is not indexed is read for it, and stays outside.
- Of more than 5,000 pictures, 5,000 are asked for.
"""),
    ),
    (
        _("Files and the library"),
        _("""\
The library knows your files by where they are. Most commands change the library alone.
- Remove from library (Del) forgets pictures at once. Undo brings them back. Files stay.
- Rename (F2) gives the file another name on the disk, and its record goes along. Undo gives the \
old name back.
- Move to trash (Shift+Del) asks each time. Undo brings the records back; the files come back from \
your system's trash.
- Locate moved file points a record to where its file is now, and keeps tags and note.
- Library → Locate missing folder… (Ctrl+J) does that for all pictures of a folder that is \
elsewhere now. Files count as found that have the name and size of the old ones; where the time \
differs, they are read, to see that they are the same.
# Undo
Ctrl+Z takes back the last change of the library, and the ones before, as long as the window is \
open. The last one can be undone after closing as well.
# Export
Library → Export… writes the pictures in view, or the selected ones, as a table, as JSON, or as a \
page with pictures, or copies their files to a folder.
# Several libraries
- Library → New library… begins an empty one in this window, and Open library… and Open recent go \
to another one. What you see then is that library alone.
- Save a copy… writes the whole library into a new file, while this one stays open.
# Two windows
A library is written by one program at a time. Starting cbir again brings its window to the \
front; beside a terminal command that writes, a window opens that can only read.
"""),
    ),
    (
        _("When something is wrong"),
        _("""\
- A picture is missing: its file was moved or deleted, or its drive is not connected. Locate it, \
connect the drive, or remove the record.
- A file was skipped: Library → Skipped files… tells why, and tries it again when you ask for it.
- Words find nothing: the library needs CLIP vectors. Library → Models… gets the model, and \
indexing makes the vectors.
- The library file may be damaged: Library → Verify library checks it, and says what can be saved.
- Anything else: Help → Show the log, and Help → About cbir → Copy details for a report.
"""),
    ),
)


def pages(shortcuts: Sequence[tuple[str, str]]) -> tuple[Page, ...]:
    """The pages in their order, the list of ``shortcuts`` after the first."""
    first, *others = (Page(title, text) for title, text in _PAGES)
    return first, Page(SHORTCUTS, "", tuple(shortcuts)), *others
