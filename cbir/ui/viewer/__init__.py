"""The large view of a picture: zoom, the query beside it, a part to search for, why it is a hit."""
