"""Clase 120: funciones y grafos."""
