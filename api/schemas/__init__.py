"""What goes over the wire: pydantic models, a module a capability."""
