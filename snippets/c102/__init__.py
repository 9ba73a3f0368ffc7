"""Clase 102: Keras Sequential API."""
