"""Captions that say nothing in particular: what any words have in common in a space.

Their vectors' mean is where words lie, which mixed queries are seen from; how well they match a
library is what words that mean something else reach there.
"""

from __future__ import annotations

NEUTRAL_CAPTIONS: tuple[str, ...] = tuple(
    """
a photo
a picture of something
a snapshot
a close-up
a view from above
a view from far away
an old photograph
a drawing
a painting
a black and white photo
a colourful picture
a blurry photo
a photo taken indoors
a photo taken outdoors
a detail
a screenshot of a web page
a diagram with text
a map
a poster
a page of a book
a person
a man looking at the camera
a woman smiling
a child playing
a baby in a pram
an old couple on a bench
a group of friends
a family at a table
a crowd in a street
two people talking
a person walking away
a runner in a park
people waiting for a bus
a worker with a helmet
a teacher in front of a class
a musician on a stage
a cook in a kitchen
a doctor in a white coat
hands holding a cup
a portrait in profile
a dog on a lawn
a cat on a sofa
a horse in a field
cows on a meadow
sheep on a hill
a bird on a branch
ducks on a pond
a fish under water
an insect on a leaf
a butterfly on a flower
an elephant in a zoo
a squirrel in a tree
a flower in a garden
a bunch of roses
a potted plant
a tree in winter
trees along a road
a path through a forest
autumn leaves on the ground
mushrooms in the grass
a field of wheat
a vineyard
a meadow in spring
a mountain with snow
hills in the morning mist
a valley with a river
a waterfall
a lake with a boat
a beach with people
waves on a rocky coast
an island seen from the sea
a desert with dunes
a cave
a cliff
a glacier
a sunset
a sunrise over fields
clouds in a blue sky
a storm coming up
rain on a window
a rainbow
fog in a town
snow on the roofs
stars at night
the moon
fireworks
a city skyline
a street in an old town
a narrow alley
a market square
a busy crossing
a shop window
a cafe with tables outside
a restaurant at night
a supermarket shelf
a church
a temple
a mosque
a castle on a hill
a bridge over a river
a tower
a skyscraper
a house with a garden
a wooden hut
a farm
a barn
a factory
a building site
a railway station
an airport terminal
a harbour with ships
a lighthouse
a windmill
a fountain
a statue
a graveyard
a stadium
a playground
a swimming pool
a staircase
a door
a window with curtains
a brick wall
graffiti on a wall
a tiled floor
a wooden surface
a piece of cloth
a pattern of lines
a stone surface
rust on metal
a living room
a bedroom
a bathroom
a kitchen
an office with computers
a library with books
a museum hall
a classroom
a workshop with tools
a garage
a corridor
a car on a road
a parked car
an old car
a lorry on a motorway
a bus in a city
a tram
a train
a bicycle against a wall
a motorcycle
an aeroplane in the sky
a helicopter
a hot air balloon
a sailing boat
a ferry
a fishing boat
a canoe on a river
a traffic sign
traffic lights
a plate of food
a bowl of soup
a salad
a slice of cake
bread on a board
fruit in a basket
vegetables at a market
a glass of wine
a cup of coffee
a bottle on a table
a birthday cake with candles
a barbecue
a game of football
a tennis player
a swimmer
a skier on a slope
a cyclist in a race
climbers on a rock
a hiker with a rucksack
a surfer on a wave
dancers
a wedding
a party
a concert
a parade
a demonstration
a book
a newspaper
a clock
a telephone
a laptop on a desk
a camera
a guitar
a piano
a chair
a table with flowers
a lamp
a bed
a toy
a ball
a hat
a pair of shoes
a bag
a pair of glasses
a ring
a coin
a key
a box
an umbrella
a flag
a candle
a mirror
""".strip().splitlines()
)
