"""HTTP out: one tracking server each."""
