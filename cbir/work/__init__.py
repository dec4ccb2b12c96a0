"""Jobs on daemon workers, the messages they send, and the loops that drain them."""
