"""Acts: carries out what the core decided. Knows storage and servers only through the Protocols in ``ports``."""
