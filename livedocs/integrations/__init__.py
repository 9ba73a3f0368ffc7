"""Markdown, MkDocs and pytest: each adapter imports its tool, and nothing else does."""
