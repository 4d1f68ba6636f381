"""What a developer's machine needs around the exporter: real servers, a browser, all of it together."""
