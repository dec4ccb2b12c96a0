"""Two opinions on one query, side by side."""
