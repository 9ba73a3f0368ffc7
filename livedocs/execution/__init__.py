"""What came of a page: it runs once, in its own kernel, and is remembered."""
