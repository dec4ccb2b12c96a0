"""The thumbnail grid."""
