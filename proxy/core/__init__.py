"""Decides, and never acts: no await, socket, file, clock or chance in here; time arrives as ``now``."""
