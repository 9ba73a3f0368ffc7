"""Clase 101: regresión y clasificación con MLP."""
