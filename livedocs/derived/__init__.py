"""What else a page gives: notebooks, scripts, the gallery, what can be taken away."""
