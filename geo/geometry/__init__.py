"""Pure functions on shapes: metres in, metres out, tolerances as keyword arguments, no I/O."""
