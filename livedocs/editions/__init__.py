"""The site to take away: a zip that needs no server, and PDFs."""
