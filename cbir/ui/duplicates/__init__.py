"""Near-duplicates: groups, two pictures of one compared, and what is to go."""
