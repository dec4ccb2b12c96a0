"""Tools → Statistics: a library in numbers, and how well its indexes find."""
