"""Small parts that every part of the window uses: theme, text, dialogs."""
