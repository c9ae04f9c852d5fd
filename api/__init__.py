"""The doors: the HTTP interface, the command line, and the place where everything is put together."""
