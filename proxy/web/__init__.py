"""HTTP in: the client listener, the operator API, error rendering."""
