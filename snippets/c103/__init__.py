"""Clase 103: la API Functional y la subclasificación."""
