"""The officials' pages, rendered on the server, one module for each page."""
