"""Clase 119: pérdidas, métricas, capas y modelos propios."""
