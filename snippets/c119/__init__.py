"""Clase 119: losses, metrics, layers and models of one's own."""
