"""Clase 103: Functional API and subclassing."""
