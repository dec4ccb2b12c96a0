"""The window: Tk widgets that ask the engine and show what it answers."""
