"""Code worth taking away from the classes: layers, models, losses, metrics and checkers."""
