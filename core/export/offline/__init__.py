"""A student as one HTML file that answers in a browser, with no server and no network."""
