"""The Preferences dialog: what the user wants every time, kept in settings.toml."""
