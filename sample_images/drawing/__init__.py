"""Draws the sample pictures: fields of noise in numpy, shapes in Pillow, one or two modules a kind.

SCENES maps a picture's name to the function that paints it from a seeded random generator.
"""

from __future__ import annotations

from drawing import (
    balloons,
    boats,
    cars,
    citrus,
    faces,
    faces_men,
    flowers,
    forests,
    fruit,
    meadows,
    mountains,
    planets,
    roads,
    skylines,
    sunsets,
    textures,
    woods,
)

MODULES = (
    *(sunsets, mountains, skylines, forests, woods, flowers, meadows, fruit, citrus),
    *(cars, roads, boats, balloons, planets, textures, faces, faces_men),
)
SCENES = {name: scene for module in MODULES for name, scene in module.SCENES.items()}
