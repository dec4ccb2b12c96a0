"""What the user can do: each action asks the engine and shows what comes of it."""
