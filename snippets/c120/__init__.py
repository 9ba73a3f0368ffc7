"""Clase 120: functions and graphs."""
