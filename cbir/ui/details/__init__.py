"""The details of the selected picture."""
