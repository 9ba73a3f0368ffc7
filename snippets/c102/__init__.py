"""Clase 102: la API Sequential de Keras."""
