"""Clase 104: callbacks, TensorBoard, guardar y restaurar."""
