"""Lists the books of a small library, shelf by shelf."""
