"""How what a block gave looks on the page."""
