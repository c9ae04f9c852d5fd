"""Values and rules of grid management: frozen dataclasses without I/O."""
