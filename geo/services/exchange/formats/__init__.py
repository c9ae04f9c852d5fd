"""One module for each format: ``read`` gives a table, ``write`` makes a file."""
