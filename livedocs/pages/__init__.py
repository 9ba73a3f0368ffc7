"""What a page says: its prose, its cells, its notes and its terms."""
