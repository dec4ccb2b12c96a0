"""The command line: arguments in, one document or text out, by the same workers as the window."""
