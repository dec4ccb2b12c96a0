"""The evaluation window: how good the spaces are at telling labels apart."""
