"""The map of the library; its panel imports Matplotlib, so the window loads it late."""
